import type { WaitOptions } from '@cupola/core'
import { LinkedList, NOT_YET, wait, type Waitable, type Waiter } from '@cupola/core/authoring'
import { type ClockOptions, clockOf } from './clock-options.ts'

/** An {@link AsyncEvent} at one moment. */
export interface AsyncEventStats {
  /** Whether it is set. */
  readonly isSet: boolean
  /** Calls of `wait()` that wait. */
  readonly waiting: number
}

/**
 * A flag that can be waited for. Setting it lets all waiters go on, and all who come until it is
 * cleared: Python's `threading.Event`.
 *
 * For something that happens once, a promise does. For news with a payload, an `EventEmitter` does.
 *
 * @example A pause button
 * ```ts
 * import { AsyncEvent } from '@cupola/sync'
 *
 * const running = new AsyncEvent()
 * const log: string[] = []
 *
 * async function work(): Promise<void> {
 *   await running.wait()
 *   log.push('works')
 * }
 *
 * const working = work()
 * log.push('paused')
 * running.set()
 * await working
 * log // => ['paused', 'works']
 * ```
 */
export class AsyncEvent {
  readonly #waiters = new LinkedList<Waiter<void>>()
  readonly #flag: Waitable<void>
  #isSet = false

  /**
   * @param options - The clock for timeouts.
   * @throws TypeError If `options` is not an object, or `clock` no `Clock`.
   */
  constructor(options: ClockOptions = {}) {
    this.#flag = {
      action: 'wait for the event',
      clock: clockOf(options),
      refusal: () => undefined,
      tryNow: () => (this.#isSet ? undefined : NOT_YET),
      queueOf: () => this.#waiters,
    }
  }

  /** Whether it is set. */
  get isSet(): boolean {
    return this.#isSet
  }

  /**
   * Sets the flag and lets all waiters go on, in the order they came. Harmless if it is set.
   *
   * Whoever waits now goes on even if the flag is cleared at once.
   *
   * Cost: O(waiting).
   */
  set(): void {
    this.#isSet = true
    while (this.#waiters.first !== undefined) this.#waiters.first.resolve()
  }

  /** Clears the flag: whoever comes from now on waits. Harmless if it is not set. */
  clear(): void {
    this.#isSet = false
  }

  /**
   * Waits until the flag is set.
   *
   * Cancellation: aborting while waiting ends the wait. Aborting once the flag was set does nothing.
   *
   * Cost: O(1). A wait with a `timeout` holds one timer, which keeps the process alive.
   *
   * @param options - What may end the wait early.
   * @returns Resolves when the flag is set, or was set meanwhile.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  wait(options?: WaitOptions): Promise<void> {
    return wait(this.#flag, options, undefined)
  }

  /** A snapshot, in O(1). */
  stats(): AsyncEventStats {
    return Object.freeze({ isSet: this.#isSet, waiting: this.#waiters.size })
  }
}
