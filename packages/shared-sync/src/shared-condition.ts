import { InvariantError, TimeoutError, type WaitOptions } from '@cupola/core'
import {
  checkWaitOptions,
  NOT_YET,
  requireBoolean,
  requireFunction,
  requireInteger,
} from '@cupola/core/authoring'
import { type Attachment, attachTo, recall, remember } from './attachments.ts'
import { requireBlocking, type SyncWaitOptions } from './blocking.ts'
import { conditionOf, ConditionSeat, NOTICE } from './condition-rule.ts'
import { LocalQueue, type Right } from './local-queue.ts'
import {
  makeLotBuffer,
  maxThreadsOf,
  requireHandle,
  type SharedHandle,
  type SharedOptions,
} from './lot-buffer.ts'
import { Guard, type Holder, type SharedGuard } from './shared-guard.ts'
import { SharedMutex, type SharedMutexHandle } from './shared-mutex.ts'

const KIND = 'SharedCondition'
const ACTION = 'wait for the shared condition'

/** What travels to another thread, for {@link SharedCondition.attach}. */
export interface SharedConditionHandle extends SharedHandle<typeof KIND> {
  /** The handle of the mutex that it belongs to. */
  readonly mutex: SharedMutexHandle
}

/**
 * Lets those who hold a {@link SharedMutex} wait for a change that only another holder can make, in
 * whatever thread: the mutex is others' while they wait, and theirs again when they go on.
 *
 * Every method asks for the guard of that mutex. Those are notified first who have waited longest;
 * of a thread in which several wait, one after the other while others wait too. A notification may
 * come without a change, so look: {@link waitFor} does.
 *
 * @example Take what another thread will bring
 * ```ts
 * import { SharedCondition } from '@cupola/shared-sync'
 *
 * const stocked = new SharedCondition()
 * let stock = 0
 *
 * const taking = stocked.mutex.run(async (held) => {
 *   await stocked.waitFor(held, () => stock > 0)
 *   return --stock
 * })
 * await stocked.mutex.run((held) => {
 *   stock = 5
 *   stocked.notify(held)
 * })
 * await taking // => 4
 * ```
 */
export class SharedCondition {
  /**
   * The condition of that handle, as seen from this thread; the same object, however often it is
   * called.
   *
   * @param handle - {@link handle} of a condition, made in any thread of this process.
   * @throws TypeError If it is no such handle.
   * @throws FullError If as many threads as may are attached already.
   * @throws BrokenError If the process is out of file descriptors, with which threads are told apart.
   */
  static attach(handle: SharedConditionHandle): SharedCondition {
    requireHandle(KIND, handle)
    const known = recall(SharedCondition, handle)
    if (known !== undefined) return known
    const mutex = SharedMutex.attach(handle.mutex)
    return new SharedCondition(mutex, {}, attachTo(handle, conditionOf(mutex.seat.lot)))
  }

  /** For {@link attach} in another thread, where it brings the mutex along. */
  readonly handle: SharedConditionHandle
  /** The mutex that it belongs to. */
  readonly mutex: SharedMutex
  readonly #seat: ConditionSeat
  readonly #notice: LocalQueue<void>

  /**
   * @param mutex - Protects what is waited for. Several conditions may belong to one.
   * @param options - How many threads may attach.
   * @throws TypeError If `mutex` is not a {@link SharedMutex}, `options` not an object, or
   *   `maxThreads` not a number.
   * @throws RangeError If `maxThreads` is not an integer from 1 to 4,096.
   *
   * @defaultValue `mutex` is a new one
   */
  constructor(mutex?: SharedMutex, options?: SharedOptions)
  /** @internal */
  constructor(mutex: SharedMutex, options: SharedOptions, attachment: Attachment)
  constructor(mutex?: SharedMutex, options: SharedOptions = {}, given?: Attachment) {
    if (mutex !== undefined && !(mutex instanceof SharedMutex)) {
      throw new TypeError('Cannot use mutex: expected a SharedMutex')
    }
    this.mutex = mutex ?? new SharedMutex(options)
    const attachment = given ?? newLot(this.mutex, options)
    this.handle = { kind: KIND, buffer: attachment.handle.buffer, mutex: this.mutex.handle }
    this.#seat = new ConditionSeat(attachment.lot)
    this.#notice = new LocalQueue(attachment.lot, conditionNotice(this.#seat), attachment.words)
    remember(this, attachment)
  }

  /**
   * Gives the mutex up, waits to be notified, and takes the mutex again, without blocking the thread.
   *
   * Cancellation: however the wait ends, the mutex is held again before it does, so it may end later
   * than its `timeout`. Releasing the guard meanwhile takes effect: the mutex is then not taken, the next
   * notification goes to somebody else, and the wait rejects at that notification.
   *
   * If a thread ends while it holds the mutex, all who wait are notified. They find the mutex broken, or
   * go on with what somebody has mended by then.
   *
   * Cost: O(threads attached). Who waits keeps the process alive, by one timer for all of the thread
   * who wait.
   *
   * @param held - The guard of the mutex.
   * @param options - What may end the wait early. With `timeout: 0` the mutex is not given up.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws BrokenError If the mutex broke meanwhile: then it is not held.
   * @throws TypeError If `held` does not hold the mutex now or was released during the wait, or an
   *   option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  async wait(held: SharedGuard, options?: WaitOptions): Promise<void> {
    const guard = this.#requireHeld(held)
    checkWaitOptions(options)
    if (options?.signal?.aborted) throw options.signal.reason
    if (options?.timeout === 0) throw new TimeoutError(ACTION, 0)
    // In the lot before the mutex is anybody else's, so that no notification comes too early.
    const notified = this.#notice.wait(options)
    guard.set(LENT)
    this.mutex.seat.leave()
    let isNotified = false
    try {
      await notified
      isNotified = true
    } finally {
      await this.#comeBack(guard, isNotified)
    }
    this.#requireHeld(held)
  }

  /**
   * Waits as {@link wait} does, by blocking the thread. None of the thread may wait for the condition
   * or its mutex without blocking: it would be given what it cannot take meanwhile.
   *
   * @param held - The guard of the mutex.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws BrokenError If the mutex broke meanwhile: then it is not held.
   * @throws TypeError If `held` does not hold the mutex, others of this thread wait, an option has the
   *   wrong type, or on the main thread, unless that is allowed.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   */
  waitSync(held: SharedGuard, options: SyncWaitOptions = {}): void {
    const guard = this.#requireHeld(held)
    const timeout = requireBlocking(ACTION, options)
    if (timeout === 0) throw new TimeoutError(ACTION, 0)
    this.#notice.requireNoneWait()
    this.mutex.requireNoneWait()
    const { seat } = this.mutex
    guard.set(LENT)
    try {
      this.#notice.waitSync(
        timeout,
        () => performance.now(),
        0,
        () => {
          this.#seat.block()
          seat.leave()
        },
      )
    } finally {
      this.#comeBackSync(guard)
    }
  }

  /**
   * Waits as {@link wait} does, as often as it takes for `predicate` to hold. It is called with the
   * mutex held: once at the beginning, after each notification, and when the time is over. If the guard
   * was released during the wait, it is not called again and the wait rejects.
   *
   * @param held - The guard of the mutex.
   * @param predicate - Whether the wait is over, told at once: a promise is refused. What it throws ends
   *   the wait, with the mutex held.
   * @param options - What may end the wait early. `timeout` counts from the beginning.
   * @throws TimeoutError If `options.timeout` milliseconds pass first and `predicate` does not hold then.
   * @throws TypeError If `predicate` is no function, or gives something else than a boolean.
   * @throws As {@link wait} does otherwise, and what `predicate` throws.
   */
  async waitFor(
    held: SharedGuard,
    predicate: () => boolean,
    options: WaitOptions = {},
  ): Promise<void> {
    requireFunction('predicate', predicate)
    checkWaitOptions(options)
    this.#requireHeld(held)
    const { signal, timeout = Infinity } = options
    if (signal?.aborted) throw signal.reason
    const deadline = performance.now() + timeout
    while (!requireBoolean('the result of predicate', predicate())) {
      const remaining = deadline - performance.now()
      if (remaining <= 0) throw new TimeoutError(ACTION, timeout)
      await this.wait(held, { signal, timeout: remaining }).catch((error: unknown) => {
        // When the time is over, the predicate has the last word.
        if (!(error instanceof TimeoutError) || error === signal?.reason) throw error
        this.#requireHeld(held)
      })
    }
  }

  /**
   * Waits as {@link waitFor} does, by blocking the thread.
   *
   * @param held - The guard of the mutex.
   * @param predicate - Whether the wait is over.
   * @throws TimeoutError If `options.timeout` milliseconds pass first and `predicate` does not hold then.
   * @throws TypeError If `predicate` is no function, or gives something else than a boolean.
   * @throws As {@link waitSync} does otherwise, and what `predicate` throws.
   */
  waitForSync(held: SharedGuard, predicate: () => boolean, options: SyncWaitOptions = {}): void {
    requireFunction('predicate', predicate)
    this.#requireHeld(held)
    const timeout = requireBlocking(ACTION, options)
    const deadline = performance.now() + timeout
    while (!requireBoolean('the result of predicate', predicate())) {
      const remaining = deadline - performance.now()
      if (remaining <= 0) throw new TimeoutError(ACTION, timeout)
      this.#waitOnceSync(held, { ...options, timeout: remaining })
    }
  }

  /** When the time is over, the predicate has the last word. */
  #waitOnceSync(held: SharedGuard, options: SyncWaitOptions): void {
    try {
      this.waitSync(held, options)
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error
    }
  }

  /**
   * Lets those go on who have waited longest. Each takes the mutex when it is his turn, after whoever
   * calls this has released it.
   *
   * @param held - The guard of the mutex.
   * @param count - How many, from 0 up. Fewer wait: all of them.
   * @throws TypeError If `held` does not hold the mutex, or `count` is not a number.
   * @throws RangeError If `count` is no integer from 0 up, or `Infinity`.
   */
  notify(held: SharedGuard, count = 1): void {
    this.#requireHeld(held)
    requireInteger('count', count, 0, Infinity)
    if (count > 0) this.#seat.notify(count)
  }

  /**
   * Lets everybody go on who waits now, one after the other.
   *
   * @param held - The guard of the mutex.
   * @throws TypeError If `held` does not hold the mutex.
   */
  notifyAll(held: SharedGuard): void {
    this.notify(held, Infinity)
  }

  /** A notification is kept until the mutex is held: if the thread ends before, it is for somebody else. */
  async #comeBack(guard: Guard, isNotified: boolean): Promise<void> {
    try {
      if (!guard.isReleased) this.#takeBack(guard, await this.mutex.acquire())
    } finally {
      // Whoever has released its guard cannot look whether this was for it.
      if (isNotified && guard.isReleased) this.#seat.notify(1)
      if (isNotified) this.#seat.hasReturned()
    }
  }

  /** @param other - Holds the mutex, and nobody else has seen it. */
  #takeBack(guard: Guard, other: SharedGuard): void {
    if (guard.isReleased) other.release()
    else guard.set(this.mutex.seat)
  }

  #comeBackSync(guard: Guard): void {
    try {
      this.mutex.acquireSync({ allowOnMainThread: true })
      guard.set(this.mutex.seat)
    } finally {
      this.#seat.unblock()
    }
  }

  #requireHeld(held: SharedGuard): Guard {
    if (held instanceof Guard && held.holds(this.mutex.seat)) return held
    throw new TypeError('Cannot use held: expected a guard that holds the mutex of the condition')
  }
}

/** What a guard holds while others may have its mutex: to release it is no more than to say so. */
const LENT: Holder = { enter() {}, leave() {} }

function newLot(mutex: SharedMutex, options: SharedOptions): Attachment {
  const handle = { kind: KIND, buffer: makeLotBuffer(KIND, maxThreadsOf(options)) }
  return attachTo(handle, conditionOf(mutex.seat.lot))
}

/** The one way to be notified. Nobody holds a condition, so nobody can break it. */
export function conditionNotice(seat: ConditionSeat): Right<void> {
  return {
    action: ACTION,
    place: NOTICE,
    admits: 'detail',
    refusal: () => undefined,
    turnedAway: () => new InvariantError('nobody is turned away'),
    tryNow: () => NOT_YET,
    arrive: () => seat.arrive(),
    withdraw: () => seat.withdraw(),
    isLost: () => seat.isLost,
    recount: (waiting) => seat.recount(waiting),
    takeOver: () => seat.takeOver(),
  }
}
