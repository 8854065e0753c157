import { type Clock, TimeoutError, type WaitOptions } from '@cupola/core'
import {
  checkWaitOptions,
  LinkedList,
  NOT_YET,
  requireBoolean,
  requireFunction,
  requireInteger,
  wait,
  type Waitable,
  type Waiter,
} from '@cupola/core/authoring'
import { type ClockOptions, clockOf } from './clock-options.ts'
import { Hold, Mutex, type MutexGuard } from './mutex.ts'

/** A {@link Condition} at one moment. */
export interface ConditionStats {
  /** Whether somebody holds its mutex. */
  readonly locked: boolean
  /** Calls of `wait()` and `waitFor()` that nobody has notified yet. */
  readonly waiting: number
}

/** A guard whose mutex others may take while it waits. */
interface Visit {
  readonly hold: Hold
  /** Set when the wait was given up: resolves when the mutex is held again. */
  back: Promise<void> | undefined
}

const ACTION = 'wait for the condition'

/**
 * Lets those who hold a mutex wait for a change that only another holder can make: the mutex is
 * others' while they wait, and theirs again when they go on.
 *
 * A condition belongs to one {@link Mutex}, and several may belong to the same. Every method but
 * {@link stats} asks for the guard of that mutex, so that nobody can look at what the mutex protects,
 * or say that it has changed, without holding it.
 *
 * Where no work awaits while it holds the mutex, you need neither: a queue of `@cupola/queue`, or an
 * {@link AsyncEvent}, is simpler.
 *
 * @example Take what somebody else will bring
 * ```ts
 * import { Condition } from '@cupola/sync'
 *
 * const stocked = new Condition()
 * let stock = 0
 *
 * const taking = stocked.mutex.run(async (held) => {
 *   await stocked.waitFor(held, () => stock >= 2)
 *   stock -= 2
 *   return 'took two'
 * })
 *
 * for (let bringing = 0; bringing < 2; bringing++) {
 *   await stocked.mutex.run((held) => {
 *     stock++
 *     stocked.notify(held)
 *   })
 * }
 * await taking // => 'took two'
 * stock // => 0
 * ```
 */
export class Condition {
  /** The mutex it belongs to. */
  readonly mutex: Mutex
  readonly #clock: Clock
  readonly #waiters = new LinkedList<Waiter<Promise<void>, Visit>>()
  readonly #notice: Waitable<Promise<void>, Visit>

  /**
   * @param mutex - Protects what is waited for.
   * @param options - The clock for timeouts.
   * @throws TypeError If `mutex` is no `Mutex`, `options` not an object, or `clock` no `Clock`.
   *
   * @defaultValue `mutex` is a new one
   */
  constructor(mutex?: Mutex, options: ClockOptions = {}) {
    if (mutex !== undefined && !(mutex instanceof Mutex)) {
      throw new TypeError(`Cannot use mutex: got ${typeof mutex}, expected a Mutex`)
    }
    const clock = clockOf(options)
    this.mutex = mutex ?? new Mutex({ clock })
    this.#clock = clock
    this.#notice = {
      action: ACTION,
      clock,
      refusal: () => undefined,
      tryNow: () => NOT_YET,
      queueOf: ({ hold }) => {
        // Nobody who could notify runs between this and the place in the queue.
        hold.lend()
        return this.#waiters
      },
      gaveUp: ({ detail }) => {
        detail.back = this.#comeBack(detail)
      },
    }
  }

  /**
   * Gives the mutex up, waits to be notified, and takes the mutex again. What was waited for may have
   * changed back by then: {@link waitFor} looks.
   *
   * Cancellation: however the wait ends, the mutex is held again before it does, so it may end later
   * than its `timeout`. A notified waiter goes on even if aborted while it waits for the mutex, so that
   * no notice is lost. Releasing the guard meanwhile takes effect: the mutex is then not taken, the
   * next notice goes to somebody else, and the wait rejects at that notice.
   *
   * Cost: O(1). A wait with a `timeout` holds one timer, which keeps the process alive.
   *
   * @param held - The guard of the mutex.
   * @param options - What may end the wait early. With `timeout: 0` the mutex is not given up.
   * @returns Resolves when somebody has notified this waiter, and the mutex is held again.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If `held` does not hold the mutex now or was released during the wait, or an
   *   option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  async wait(held: MutexGuard, options?: WaitOptions): Promise<void> {
    const visit: Visit = { hold: this.#requireHold(held), back: undefined }
    try {
      await wait(this.#notice, options, visit)
    } catch (error) {
      await visit.back
      throw error
    }
    this.#requireHold(held)
  }

  /**
   * Calls {@link wait} as often as it takes for `predicate` to hold. That is called with the
   * mutex held: once at the beginning, after each notice, and when the time is over. If the guard was
   * released during the wait, it is not called again and the wait rejects.
   *
   * @param held - The guard of the mutex.
   * @param predicate - Whether the wait is over, told at once: a promise is refused. What it throws ends
   *   the wait, with the mutex held.
   * @param options - What may end the wait early. `timeout` counts from the beginning.
   * @returns Resolves when `predicate` holds, with the mutex held.
   * @throws TimeoutError If `options.timeout` milliseconds pass first and `predicate` does not hold then.
   * @throws TypeError If `held` does not hold the mutex now or was released during the wait,
   *   `predicate` is no function or gives something else than a boolean, or an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws What `predicate` throws.
   */
  async waitFor(
    held: MutexGuard,
    predicate: () => boolean,
    options: WaitOptions = {},
  ): Promise<void> {
    requireFunction('predicate', predicate)
    checkWaitOptions(options)
    this.#requireHold(held)
    const { signal, timeout = Infinity } = options
    if (signal?.aborted) throw signal.reason
    const deadline = this.#clock.now() + timeout
    while (!requireBoolean('the result of predicate', predicate())) {
      const remaining = deadline - this.#clock.now()
      if (remaining <= 0) throw new TimeoutError(ACTION, timeout)
      await this.wait(held, { signal, timeout: remaining }).catch((error: unknown) => {
        // When the time is over, the predicate has the last word.
        if (!(error instanceof TimeoutError) || error === signal?.reason) throw error
        this.#requireHold(held)
      })
    }
  }

  /**
   * Lets the longest-waiting go on. Each takes the mutex when its turn comes, after the caller has
   * released it.
   *
   * Cost: O(count).
   *
   * @param held - The guard of the mutex.
   * @param count - How many, from 0 up. Fewer wait: all of them.
   * @throws TypeError If `held` does not hold the mutex now, or `count` is not a number.
   * @throws RangeError If `count` is no integer from 0 up, or `Infinity`.
   */
  notify(held: MutexGuard, count = 1): void {
    this.#requireHold(held)
    requireInteger('count', count, 0, Infinity)
    let left = count
    while (left > 0 && this.#waiters.first !== undefined) {
      if (this.#wake(this.#waiters.first)) left--
    }
  }

  /**
   * Lets all waiters go on, one after the other.
   *
   * Cost: O(waiting).
   *
   * @param held - The guard of the mutex.
   * @throws TypeError If `held` does not hold the mutex now.
   */
  notifyAll(held: MutexGuard): void {
    this.notify(held, Infinity)
  }

  /** A snapshot, in O(1). */
  stats(): ConditionStats {
    return Object.freeze({ locked: this.mutex.locked, waiting: this.#waiters.size })
  }

  /**
   * @returns Whether it goes on. If its signal has aborted, or its guard was released, the notice is
   *   for somebody else.
   */
  #wake(waiter: Waiter<Promise<void>, Visit>): boolean {
    const { hold } = waiter.detail
    const back = this.#comeBack(waiter.detail)
    if (waiter.rejectIfAborted()) {
      waiter.detail.back = back
      return false
    }
    waiter.resolve(back)
    return !hold.isReleased
  }

  /** Queues for the mutex right now: whoever asks for it later comes later. */
  async #comeBack({ hold }: Visit): Promise<void> {
    if (hold.isLent) hold.takeOver(await this.mutex.acquire())
  }

  #requireHold(held: MutexGuard): Hold {
    const isOurs = held instanceof Hold && held.mutex === this.mutex
    if (isOurs && held.isHeld) return held
    const got = isOurs && held.isReleased ? 'a guard that was released' : 'something else'
    throw new TypeError(
      `Cannot use held: got ${got}, expected a guard that holds the mutex of the condition`,
    )
  }
}
