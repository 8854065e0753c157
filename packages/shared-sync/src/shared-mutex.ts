import type { WaitOptions } from '@cupola/core'
import { NOT_YET, requireFunction } from '@cupola/core/authoring'
import { type Attachment, attachTo, recall, remember } from './attachments.ts'
import { requireBlocking, type SyncWaitOptions } from './blocking.ts'
import { brokenError } from './broken.ts'
import { LocalQueue, type Right } from './local-queue.ts'
import {
  makeLotBuffer,
  maxThreadsOf,
  requireHandle,
  type SharedHandle,
  type SharedOptions,
} from './lot-buffer.ts'
import { ENTRY, mutexRule, MutexSeat } from './mutex-rule.ts'
import { Guard, runHolding, type SharedGuard } from './shared-guard.ts'

const KIND = 'SharedMutex'
const ACTION = 'acquire the shared mutex'

/** What travels to another thread, for {@link SharedMutex.attach}. */
export type SharedMutexHandle = SharedHandle<typeof KIND>

/**
 * A lock that one holder at a time has, in whatever thread of the process. Those who wait get it in
 * the order they came, whether they block their thread or await.
 *
 * Not reentrant: who holds it and acquires it again waits for itself. Within one thread a plain
 * async lock is cheaper.
 *
 * When a thread ends while it holds the mutex, what it protects may be half changed. So the mutex is
 * broken from then on: acquiring fails with a `BrokenError`, for those who wait as well, until
 * somebody calls {@link recover} and mends it.
 *
 * @example Nobody else gets it meanwhile
 * ```ts
 * import { SharedMutex } from '@cupola/shared-sync'
 *
 * const mutex = new SharedMutex()
 * const guard = await mutex.acquire()
 * mutex.tryAcquire() // => undefined
 * guard.release()
 * mutex.locked // => false
 * ```
 */
export class SharedMutex {
  /**
   * The mutex of that handle, as seen from this thread; the same object, however often it is called.
   *
   * @param handle - {@link handle} of a mutex, made in any thread of this process.
   * @throws TypeError If it is no such handle.
   * @throws FullError If as many threads as may are attached already.
   * @throws BrokenError If the process is out of file descriptors, with which threads are told apart.
   */
  static attach(handle: SharedMutexHandle): SharedMutex {
    requireHandle(KIND, handle)
    return recall(SharedMutex, handle) ?? new SharedMutex({}, attachTo(handle, mutexRule))
  }

  /** For {@link attach} in another thread: posted as it is, as often as you like. */
  readonly handle: SharedMutexHandle
  /** @internal */
  readonly seat: MutexSeat
  readonly #entry: LocalQueue<SharedGuard>

  /**
   * @param options - How many threads may attach.
   * @throws TypeError If `options` is not an object, or `maxThreads` not a number.
   * @throws RangeError If `maxThreads` is not an integer from 1 to 4,096.
   */
  constructor(options?: SharedOptions)
  /** @internal */
  constructor(options: SharedOptions, attachment: Attachment<typeof KIND>)
  constructor(options: SharedOptions = {}, attachment = newLot(options)) {
    this.handle = attachment.handle
    this.seat = new MutexSeat(attachment.lot)
    this.#entry = new LocalQueue(attachment.lot, mutexEntry(this.seat), attachment.words)
    remember(this, attachment)
  }

  /** Whether somebody holds it, or is about to. */
  get locked(): boolean {
    return this.seat.isLocked
  }

  /**
   * Whether a thread ended while it held it, and nobody has recovered it since.
   *
   * Cost: while it is not broken, a look at each thread attached.
   */
  get broken(): boolean {
    if (!this.seat.isBroken) this.seat.lot.buryTheDead()
    return this.seat.isBroken
  }

  /**
   * Waits for the mutex without blocking the thread.
   *
   * Cancellation: who times out or aborts while waiting has left, and the mutex goes to the next.
   *
   * What is granted while the thread is blocked elsewhere is held until its event loop turns: do not
   * block a thread that awaits locks.
   *
   * Cost: a compare-and-exchange and a promise if it is free. Who waits keeps the process alive, by
   * one timer for all of the thread who wait.
   *
   * @returns Proof that the mutex is held, until released.
   * @throws BrokenError If a thread ended while it held the mutex, now or while waiting.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError, RangeError If an option is bad.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  acquire(options?: WaitOptions): Promise<SharedGuard> {
    return this.#entry.wait(options)
  }

  /**
   * Gets the mutex if that is possible now: it is free and nobody waits for it.
   *
   * @returns Proof that it is held; `undefined` if it cannot be had now.
   * @throws BrokenError If a thread ended while it held the mutex, and this, or somebody else, has found
   *   it out: of tries that fail, one in 50 ms looks.
   */
  tryAcquire(): SharedGuard | undefined {
    if (this.seat.tryEnter()) return new Guard(this.seat)
    if (this.seat.isBroken) throw brokenError(ACTION, this.seat.lot)
    return this.seat.lot.inspect() ? this.tryAcquire() : undefined
  }

  /**
   * Waits for the mutex by blocking the thread, which must neither hold it already nor wait for it
   * without blocking: what only its event loop goes on with could not let go.
   *
   * @returns Proof that the mutex is held, until released.
   * @throws BrokenError If a thread ended while it held the mutex, now or while waiting.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If it would wait for its own thread, an option is bad, or on the main thread,
   *   unless that is allowed.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   */
  acquireSync(options: SyncWaitOptions = {}): SharedGuard {
    return this.#entry.waitSync(requireBlocking(ACTION, options), () => performance.now())
  }

  /** @internal Checks that a wait that blocks would not be for its own thread. */
  requireNoneWait(): void {
    this.#entry.requireNoneWait()
  }

  /**
   * Calls a function while it holds the mutex.
   *
   * @param fn - What to call, with the guard. The mutex is released when it has returned, its promise has settled, or
   *   it has thrown.
   * @param options - What may end the wait; they do not end the function.
   * @returns What the function returns.
   * @throws What {@link acquire} throws, and what the function throws.
   */
  async run<Result>(
    fn: (held: SharedGuard) => Result | PromiseLike<Result>,
    options?: WaitOptions,
  ): Promise<Result> {
    requireFunction('fn', fn)
    return await runHolding(this.acquire(options), fn)
  }

  /**
   * Takes over a broken mutex, so that what it protects can be mended. Of several who try, one gets
   * it; the others find it held, or mended.
   *
   * @returns Proof that the mutex is held; `undefined` if it is not broken.
   *
   * @example Mend what a thread left half done
   * ```ts no-run
   * import { BrokenError } from '@cupola/core'
   * import { SharedMutex, type SharedGuard } from '@cupola/shared-sync'
   *
   * async function acquire(mutex: SharedMutex, mend: () => void): Promise<SharedGuard> {
   *   try {
   *     return await mutex.acquire()
   *   } catch (error) {
   *     if (!(error instanceof BrokenError)) throw error
   *     const guard = mutex.recover()
   *     if (guard === undefined) return acquire(mutex, mend)
   *     mend()
   *     return guard
   *   }
   * }
   * ```
   */
  recover(): SharedGuard | undefined {
    return this.seat.recover() ? new Guard(this.seat) : undefined
  }
}

function newLot(options: SharedOptions): Attachment<typeof KIND> {
  return attachTo({ kind: KIND, buffer: makeLotBuffer(KIND, maxThreadsOf(options)) }, mutexRule)
}

/** The one way into a mutex. */
export function mutexEntry(seat: MutexSeat): Right<SharedGuard> {
  return {
    action: ACTION,
    place: ENTRY,
    admits: 'one',
    refusal: () => (seat.isBroken ? brokenError(ACTION, seat.lot) : undefined),
    turnedAway: () => brokenError(ACTION, seat.lot),
    tryNow: () => (seat.tryEnter() ? new Guard(seat) : NOT_YET),
    isOwnHold: () => seat.isOwn,
    isLost: () => seat.isLost,
    recount: () => seat.recount(),
    giveBack: (guard) => guard.release(),
    takeOver() {
      seat.takeOver()
      return new Guard(seat)
    },
  }
}
