/**
 * How long calls of each function take, as the threads that run them have measured it; what is not
 * known yet counts as long.
 */
export class CallLengths {
  readonly #meanMs = new Map<string, number>()

  /** A thread has measured. */
  learn(name: string, meanMs: number): void {
    this.#meanMs.set(name, meanMs)
  }

  /** Mean milliseconds of a call. */
  expectedMs(name: string): number {
    return this.#meanMs.get(name) ?? LONG_MS
  }
}

/** More than enough to keep a thread busy while the next message is on its way to it. */
export const LONG_MS = 2
