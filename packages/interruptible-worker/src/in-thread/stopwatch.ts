import type { Outbox } from './outbox.ts'

/**
 * What a function's longest call counts after each further call: after a call of 10 ms the
 * next forty count as long, and then a message for each answer is the least of the costs.
 */
const FADE = 0.5

/** How much the newest call counts in the mean: it forgets what was some twenty calls ago. */
const WEIGHT = 0.1

/** By what factor the mean has to change before the other thread is told again. */
const NEWS = 2

/** How long one function's calls take, judging by the latest. */
interface Lengths {
  longestMs: number
  meanMs: number
  toldMs: number
}

/** Measures how long the calls of each function take. One clock reading for each call. */
export class Stopwatch {
  readonly #outbox: Outbox
  readonly #lengths: (Lengths | undefined)[] = []
  #lastAt = 0

  constructor(outbox: Outbox) {
    this.#outbox = outbox
  }

  /** How long a call of the function may take, in milliseconds; `Infinity` if none has run yet. */
  longest(index: number): number {
    return this.#lengths[index]?.longestMs ?? Infinity
  }

  /** Calls begin now. */
  start(): void {
    this.#lastAt = performance.now()
  }

  /**
   * A call of the function has ended. Of one that has promised its result, only the time until then
   * keeps others waiting.
   *
   * @returns The time.
   */
  learn(index: number): number {
    const now = performance.now()
    const tookMs = now - this.#lastAt
    this.#lastAt = now
    const lengths = (this.#lengths[index] ??= { longestMs: 0, meanMs: tookMs, toldMs: Infinity })
    lengths.longestMs = Math.max(tookMs, lengths.longestMs * FADE)
    lengths.meanMs += (tookMs - lengths.meanMs) * WEIGHT
    if (lengths.meanMs > lengths.toldMs * NEWS || lengths.meanMs < lengths.toldMs / NEWS) {
      lengths.toldMs = lengths.meanMs
      this.#outbox.pushLength(index, lengths.meanMs)
    }
    return now
  }
}
