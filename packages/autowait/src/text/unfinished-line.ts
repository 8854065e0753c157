import type { TailLine } from './line-splitter.ts'

/**
 * Tells when a line without an end may be taken for a whole one: when nothing was added to it for a
 * while. `echo -n ready > file` would otherwise never be seen.
 */
export class UnfinishedLine {
  readonly #quietMs: number
  #line: TailLine | undefined
  #since = 0
  /** The line that was taken, so that its other half does not count as another. */
  #taken: TailLine | undefined

  constructor(quietMs: number) {
    this.#quietMs = quietMs
  }

  /** Whether a line is one that was taken before it had an end. */
  isTaken({ generation, offset }: TailLine): boolean {
    return this.#taken?.generation === generation && this.#taken.offset === offset
  }

  /** Tells what the line is now, and for how long it still has to stay so. */
  observe(line: TailLine | undefined, now: number): number | undefined {
    if (line?.text !== this.#line?.text || line?.offset !== this.#line?.offset) this.#since = now
    this.#line = line
    if (line === undefined || this.isTaken(line)) return undefined
    const quietMs = this.#since + this.#quietMs - now
    return quietMs === Infinity ? undefined : Math.max(0, quietMs)
  }

  /** Counts a line as a match. */
  take(line: TailLine): void {
    this.#taken = line
  }
}
