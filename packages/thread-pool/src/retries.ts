import { BrokenError } from '@cupola/core'
import { requireDuration, requireInteger, requireObject } from '@cupola/core/authoring'
import { RemoteFailure } from '@cupola/interruptible-worker/authoring'

/** How often a call that may run more than once is tried again. */
export interface RetryOptions {
  /**
   * How many times after its function threw, from 0 up.
   *
   * @defaultValue 0
   */
  readonly errors?: number | undefined
  /**
   * How many times after its thread died, from 0 up.
   *
   * @defaultValue 0
   */
  readonly crashes?: number | undefined
  /**
   * Milliseconds before the second attempt; each pause after that is twice as long.
   *
   * @defaultValue 0
   */
  readonly delayMs?: number | undefined
}

/**
 * What is left of the attempts of one call. Errors and crashes have budgets of their own: a call
 * that is worth five attempts when a server is down is not worth five threads.
 */
export class Retries {
  #errors: number
  #crashes: number
  #delayMs: number

  constructor({ errors = 0, crashes = 0, delayMs = 0 }: RetryOptions) {
    this.#errors = requireInteger('retries.errors', errors, 0, Infinity)
    this.#crashes = requireInteger('retries.crashes', crashes, 0, Infinity)
    this.#delayMs = requireDuration('retries.delayMs', delayMs)
  }

  /** @throws TypeError or RangeError If that is not what {@link RetryOptions} says. */
  static from(retries: number | RetryOptions): Retries {
    if (typeof retries !== 'number') {
      requireObject('retries', retries)
      return new Retries(retries)
    }
    requireInteger('retries', retries, 0, Infinity)
    return new Retries({ errors: retries, crashes: retries })
  }

  /**
   * Takes an attempt out of the budget.
   *
   * @returns Milliseconds until it may begin, `undefined` if there is to be none: the budget is
   *   spent, or the call failed in a way that another attempt would not mend.
   */
  take(reason: unknown): number | undefined {
    if (reason instanceof RemoteFailure && this.#errors > 0) this.#errors--
    else if (reason instanceof BrokenError && this.#crashes > 0) this.#crashes--
    else return undefined
    const delayMs = this.#delayMs
    this.#delayMs *= 2
    return delayMs
  }
}
