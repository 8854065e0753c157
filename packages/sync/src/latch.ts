import type { WaitOptions } from '@cupola/core'
import {
  LinkedList,
  NOT_YET,
  requireInteger,
  wait,
  type Waitable,
  type Waiter,
} from '@cupola/core/authoring'
import { type ClockOptions, clockOf } from './clock-options.ts'

/** A {@link Latch} at one moment. */
export interface LatchStats {
  /** Counts left until it opens. */
  readonly remaining: number
  /** Calls of `wait()` that wait. */
  readonly waiting: number
}

/**
 * Opens when it has been counted down to 0, and stays open: Java's `CountDownLatch`.
 *
 * Where you have the promises, `Promise.all()` does. A latch is for things that are counted by someone
 * other than the waiter.
 *
 * @example Three replies are enough
 * ```ts
 * import { Latch } from '@cupola/sync'
 *
 * const replies = new Latch(3)
 * for (const _server of ['a', 'b', 'c', 'd', 'e']) {
 *   setImmediate(() => replies.countDown())
 * }
 * await replies.wait({ timeout: 1000 })
 * replies.remaining // => 0
 * ```
 */
export class Latch {
  readonly #waiters = new LinkedList<Waiter<void>>()
  readonly #opening: Waitable<void>
  #remaining: number

  /**
   * @param count - Counts until it opens, from 0 up; 0 is open.
   * @param options - The clock for timeouts.
   * @throws TypeError If `count` is not a number, `options` not an object, or `clock` no `Clock`.
   * @throws RangeError If `count` is no integer from 0 up.
   */
  constructor(count: number, options: ClockOptions = {}) {
    this.#remaining = requireInteger('count', count, 0, Number.MAX_SAFE_INTEGER)
    this.#opening = {
      action: 'wait for the latch',
      clock: clockOf(options),
      refusal: () => undefined,
      tryNow: () => (this.#remaining === 0 ? undefined : NOT_YET),
      queueOf: () => this.#waiters,
    }
  }

  /** Counts left until it opens. */
  get remaining(): number {
    return this.#remaining
  }

  /**
   * Counts down. At 0 all waiters go on, in the order they came; counting further does nothing.
   *
   * Cost: O(1), and O(waiting) for the count that opens it.
   *
   * @param count - By how much, from 1 up.
   * @throws TypeError If `count` is not a number.
   * @throws RangeError If `count` is no integer from 1 up.
   */
  countDown(count = 1): void {
    requireInteger('count', count, 1, Number.MAX_SAFE_INTEGER)
    this.#remaining = Math.max(0, this.#remaining - count)
    if (this.#remaining > 0) return
    while (this.#waiters.first !== undefined) this.#waiters.first.resolve()
  }

  /**
   * Waits until the latch is open.
   *
   * Cancellation: aborting while waiting ends the wait and counts nothing. Aborting once the latch is
   * open does nothing.
   *
   * Cost: O(1). A wait with a `timeout` holds one timer, which keeps the process alive.
   *
   * @param options - What may end the wait early.
   * @returns Resolves when it has been counted down to 0.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  wait(options?: WaitOptions): Promise<void> {
    return wait(this.#opening, options, undefined)
  }

  /** A snapshot, in O(1). */
  stats(): LatchStats {
    return Object.freeze({ remaining: this.#remaining, waiting: this.#waiters.size })
  }
}
