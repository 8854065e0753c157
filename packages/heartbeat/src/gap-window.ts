/**
 * The last gaps between beats, and their mean and deviation in O(1).
 *
 * Running sums drift by rounding, so they are made anew each time the window has gone around.
 */
export class GapWindow {
  readonly #gaps: Float64Array
  #count = 0
  #next = 0
  #sum = 0
  #squares = 0

  /** @param size - How many gaps it remembers. */
  constructor(size: number) {
    this.#gaps = new Float64Array(size)
  }

  add(gapMs: number): void {
    const leaving = this.#gaps[this.#next] ?? 0
    this.#gaps[this.#next] = gapMs
    this.#count = Math.min(this.#count + 1, this.#gaps.length)
    this.#next = (this.#next + 1) % this.#gaps.length
    // Places that were never used hold 0, which leaves the sums as they are.
    this.#sum += gapMs - leaving
    this.#squares += gapMs * gapMs - leaving * leaving
    if (this.#next === 0) this.#sumUp()
  }

  get meanMs(): number {
    return this.#sum / this.#count
  }

  /** Rounding may make the difference of two large sums negative: that is no deviation. */
  get deviationMs(): number {
    return Math.sqrt(Math.max(0, this.#squares / this.#count - this.meanMs ** 2))
  }

  #sumUp(): void {
    this.#sum = 0
    this.#squares = 0
    for (const gapMs of this.#gaps) {
      this.#sum += gapMs
      this.#squares += gapMs * gapMs
    }
  }
}
