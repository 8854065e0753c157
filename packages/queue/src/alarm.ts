import type { Clock, Timer } from '@cupola/core'

/** One timer for a moment that may be moved, and that may never come. */
export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  /** When it rings; `Infinity` while it is off. */
  #moment = Infinity
  #timer: Timer | undefined

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** Rings at `moment` instead of whenever it would have; `Infinity` turns it off. */
  set(moment: number): void {
    if (moment === this.#moment) return
    this.#timer?.cancel()
    this.#timer = undefined
    this.#moment = moment
    if (moment === Infinity) return
    this.#timer = this.#clock.setTimer(
      () => {
        this.#moment = Infinity
        this.#ring()
      },
      Math.max(0, moment - this.#clock.now()),
    )
  }
}
