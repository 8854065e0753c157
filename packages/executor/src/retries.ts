import {
  requireDuration,
  requireFunction,
  requireInteger,
  requireObject,
} from '@cupola/core/authoring'

/** How often a task that failed is tried again, and after which pause. */
export interface RetryOptions {
  /** How many further attempts there are, from 0 up. */
  readonly times: number
  /**
   * Milliseconds before the second attempt; each pause after that is twice as long.
   *
   * @defaultValue 0
   */
  readonly delayMs?: number | undefined
  /**
   * No pause is longer than so many milliseconds.
   *
   * @defaultValue Infinity
   */
  readonly maxDelayMs?: number | undefined
  /**
   * Whether an error is worth another attempt. What it throws is what the task fails with.
   *
   * @defaultValue every error is
   */
  readonly when?: ((error: unknown) => boolean) | undefined
}

/** Who is tried again, and when. Knows nothing of any one task. */
export class Retries {
  readonly #times: number
  readonly #delayMs: number
  readonly #maxDelayMs: number
  readonly #when: (error: unknown) => boolean

  /** @throws TypeError or RangeError If that is not what {@link RetryOptions} says. */
  constructor(retries: number | RetryOptions) {
    if (typeof retries !== 'number') requireObject('retries', retries)
    const options = typeof retries === 'number' ? { times: retries } : retries
    const { times, delayMs = 0, maxDelayMs = Infinity, when = () => true } = options
    this.#times = requireInteger('retries.times', times, 0, Infinity)
    this.#delayMs = requireDuration('retries.delayMs', delayMs)
    this.#maxDelayMs = requireDuration('retries.maxDelayMs', maxDelayMs)
    requireFunction('retries.when', when)
    this.#when = when
  }

  /** Milliseconds until the next attempt, `undefined` if there is to be none. */
  pauseAfter(attempt: number, error: unknown): number | undefined {
    if (attempt > this.#times || !this.#when(error)) return undefined
    // `0 * Infinity` would be `NaN` after a thousand attempts.
    return this.#delayMs === 0 ? 0 : Math.min(this.#delayMs * 2 ** (attempt - 1), this.#maxDelayMs)
  }
}
