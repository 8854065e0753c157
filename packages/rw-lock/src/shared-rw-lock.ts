import type { WaitOptions } from '@cupola/core'
import { NOT_YET, requireFunction } from '@cupola/core/authoring'
import {
  type Attachment,
  attachTo,
  brokenError,
  Guard,
  type Holder,
  LocalQueue,
  makeLotBuffer,
  maxThreadsOf,
  recall,
  remember,
  requireBlocking,
  requireHandle,
  type Right,
  runHolding,
  type SharedGuard,
  type SharedHandle,
  type SharedOptions,
  type SyncWaitOptions,
  Vigil,
} from '@cupola/shared-sync/authoring'
import { READERS, rwRule, RwSeat, WRITERS } from './shared-rw-rule.ts'

const KIND = 'SharedRwLock'
const READ = 'read-lock the shared lock'
const WRITE = 'write-lock the shared lock'

/** What travels to another thread, for {@link SharedRwLock.attach}. */
export type SharedRwLockHandle = SharedHandle<typeof KIND>

/**
 * A reader-writer lock for all threads of a process: many read at the same time, whoever writes is
 * alone. Those who wait may block their thread or await, in one order.
 *
 * Phase-fair: whoever comes to read while a writer waits, waits for that one writer; then all who
 * wait to read go in together, before the next writer. So neither starves. For the same reason who
 * reads and wants to read again can wait for a writer that waits for it: hand the guard along instead.
 *
 * Threads that only read do not slow each other down: they write no memory that the others look at.
 *
 * When a thread ends while it writes, what the lock protects may be half changed. So the lock is
 * broken from then on: both kinds of acquiring fail with a `BrokenError`, for those who wait as well,
 * until somebody calls {@link recover} and mends it. A thread that ends while it reads breaks nothing.
 *
 * @example Read together, write alone
 * ```ts
 * import { SharedRwLock } from '@cupola/rw-lock'
 *
 * const lock = new SharedRwLock()
 * const one = await lock.read()
 * const two = await lock.read()
 * lock.tryWrite() // => undefined
 * one.release()
 * two.release()
 * lock.tryWrite() === undefined // => false
 * ```
 */
export class SharedRwLock {
  /**
   * The lock of that handle, as seen from this thread; the same object, however often it is called.
   *
   * @param handle - {@link handle} of a lock, made in any thread of this process.
   * @throws TypeError If it is no such handle.
   * @throws FullError If as many threads as may are attached already.
   * @throws BrokenError If the process is out of file descriptors, with which threads are told apart.
   */
  static attach(handle: SharedRwLockHandle): SharedRwLock {
    requireHandle(KIND, handle)
    return recall(SharedRwLock, handle) ?? new SharedRwLock({}, attachTo(handle, rwRule))
  }

  /** For {@link attach} in another thread: posted as it is, as often as you like. */
  readonly handle: SharedRwLockHandle
  readonly #seat: RwSeat
  readonly #reading: Holder
  readonly #writing: Holder
  readonly #readers: LocalQueue<SharedGuard>
  readonly #writers: LocalQueue<SharedGuard>

  /**
   * @param options - How many threads may attach.
   * @throws TypeError If `options` is not an object, or `maxThreads` not a number.
   * @throws RangeError If `maxThreads` is not an integer from 1 to 4,096.
   */
  constructor(options?: SharedOptions)
  /** @internal */
  constructor(options: SharedOptions, attachment: Attachment<typeof KIND>)
  constructor(options: SharedOptions = {}, attachment = newLot(options)) {
    const { lot, words, handle } = attachment
    this.handle = handle
    this.#seat = new RwSeat(lot)
    this.#reading = new Reading(this.#seat)
    this.#writing = new Writing(this.#seat)
    const vigil = new Vigil(lot)
    this.#readers = new LocalQueue(lot, rightToRead(this.#seat, this.#reading), words, vigil)
    this.#writers = new LocalQueue(lot, rightToWrite(this.#seat, this.#writing), words, vigil)
    remember(this, attachment)
  }

  /**
   * Whether a thread ended while it wrote, and nobody has recovered the lock since.
   *
   * Cost: while it is not broken, a look at each thread attached.
   */
  get broken(): boolean {
    if (!this.#seat.isBroken) this.#seat.lot.buryTheDead()
    return this.#seat.isBroken
  }

  /**
   * Waits until nobody writes, or waits to, without blocking the thread.
   *
   * Cancellation: who times out or aborts while waiting has left.
   *
   * What is granted while the thread is blocked elsewhere is held until its event loop turns: do not
   * block a thread that awaits locks.
   *
   * Cost: a store, two loads and a promise, if nobody writes. Who waits keeps the process alive, by
   * one timer for all of the thread who wait.
   *
   * @returns Proof of the right to read, until released.
   * @throws BrokenError If a thread ended while it wrote, now or while waiting.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError, RangeError If an option is bad.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  read(options?: WaitOptions): Promise<SharedGuard> {
    return this.#readers.wait(options)
  }

  /**
   * Waits until it is this caller's turn to be alone, without blocking the thread.
   *
   * Cancellation: who times out or aborts while waiting has left; those who waited to read behind
   * it alone go in at once.
   *
   * What is granted while the thread is blocked elsewhere is held until its event loop turns.
   *
   * Cost: a compare-and-exchange, a load for each thread attached and a promise, if nobody is
   * inside. Who waits keeps the process alive, by one timer for all of the thread who wait.
   *
   * @returns Proof of being alone, until released.
   * @throws BrokenError If a thread ended while it wrote, now or while waiting.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError, RangeError If an option is bad.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  write(options?: WaitOptions): Promise<SharedGuard> {
    return this.#writers.wait(options)
  }

  /**
   * Gets the right to read if nobody writes, or waits to. A writer that only looks whether it could, by
   * {@link tryWrite} or before it waits, is taken for one that writes in this moment: where there are
   * such, this may fail although nobody gets to write. So does {@link read} with `timeout: 0`; with
   * any other it waits for the moment to pass.
   *
   * @returns Proof of it; `undefined` if it cannot be had now.
   * @throws BrokenError If a thread ended while it wrote.
   */
  tryRead(): SharedGuard | undefined {
    if (this.#seat.tryRead()) return new Guard(this.#reading)
    return this.#isWorthATry(READ) ? this.tryRead() : undefined
  }

  /**
   * Gets the right to be alone if nobody is inside, and nobody waits.
   *
   * @returns Proof of it; `undefined` if it cannot be had now.
   * @throws BrokenError If a thread ended while it wrote.
   */
  tryWrite(): SharedGuard | undefined {
    if (this.#seat.tryWrite()) return new Guard(this.#writing)
    return this.#isWorthATry(WRITE) ? this.tryWrite() : undefined
  }

  /** Whether somebody was in the way who is dead. */
  #isWorthATry(action: string): boolean {
    if (this.#seat.isBroken) throw brokenError(action, this.#seat.lot)
    return this.#seat.lot.inspect()
  }

  /**
   * Waits as {@link read} does, by blocking the thread. None of the thread may wait for the lock without
   * blocking, nor hold what this would wait for: what only its event loop goes on with could not let go.
   *
   * @returns Proof of the right to read, until released.
   * @throws BrokenError If a thread ended while it wrote, now or while waiting.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If it would wait for its own thread, an option is bad, or on the main thread,
   *   unless that is allowed.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   */
  readSync(options: SyncWaitOptions = {}): SharedGuard {
    return this.#readers.waitSync(requireBlocking(READ, options), () => performance.now())
  }

  /**
   * Waits as {@link write} does, by blocking the thread. None of the thread may wait for the lock
   * without blocking, nor hold it in either way: what only its event loop goes on with could not let go.
   *
   * @returns Proof of being alone, until released.
   * @throws BrokenError If a thread ended while it wrote, now or while waiting.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If it would wait for its own thread, an option is bad, or on the main thread,
   *   unless that is allowed.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   */
  writeSync(options: SyncWaitOptions = {}): SharedGuard {
    return this.#writers.waitSync(requireBlocking(WRITE, options), () => performance.now())
  }

  /**
   * Calls a function while it holds the right to read.
   *
   * @param fn - What to call, with the guard, which is released when it has returned, its promise has
   *   settled, or it has thrown.
   * @param options - What may end the wait; they do not end the function.
   * @returns What the function returns.
   * @throws What {@link read} throws, and what the function throws.
   */
  async runRead<Result>(
    fn: (held: SharedGuard) => Result | PromiseLike<Result>,
    options?: WaitOptions,
  ): Promise<Result> {
    requireFunction('fn', fn)
    return await runHolding(this.read(options), fn)
  }

  /**
   * Calls a function while it is alone.
   *
   * @param fn - What to call, with the guard, which is released when it has returned, its promise has
   *   settled, or it has thrown.
   * @param options - What may end the wait; they do not end the function.
   * @returns What the function returns.
   * @throws What {@link write} throws, and what the function throws.
   */
  async runWrite<Result>(
    fn: (held: SharedGuard) => Result | PromiseLike<Result>,
    options?: WaitOptions,
  ): Promise<Result> {
    requireFunction('fn', fn)
    return await runHolding(this.write(options), fn)
  }

  /**
   * Takes over a broken lock as its writer, so that what it protects can be mended. Of several who
   * try, one gets it; the others find it held, or mended.
   *
   * @returns Proof of being alone; `undefined` if the lock is not broken.
   */
  recover(): SharedGuard | undefined {
    return this.#seat.recover() ? new Guard(this.#writing) : undefined
  }
}

function newLot(options: SharedOptions): Attachment<typeof KIND> {
  return attachTo({ kind: KIND, buffer: makeLotBuffer(KIND, maxThreadsOf(options)) }, rwRule)
}

/** What a reader holds. */
class Reading implements Holder {
  readonly #seat: RwSeat

  constructor(seat: RwSeat) {
    this.#seat = seat
  }

  enter(): void {
    this.#seat.enterRead()
  }

  leave(): void {
    this.#seat.leaveRead()
  }
}

/** What a writer holds. */
class Writing implements Holder {
  readonly #seat: RwSeat

  constructor(seat: RwSeat) {
    this.#seat = seat
  }

  enter(): void {
    this.#seat.enterWrite()
  }

  leave(): void {
    this.#seat.leaveWrite()
  }
}

/** The way in for those who read. */
export function rightToRead(seat: RwSeat, reading: Holder): Right<SharedGuard> {
  return {
    action: READ,
    place: READERS,
    admits: 'all',
    refusal: () => (seat.isBroken ? brokenError(READ, seat.lot) : undefined),
    turnedAway: () => brokenError(READ, seat.lot),
    tryNow: () => (seat.tryRead() ? new Guard(reading) : NOT_YET),
    isOwnHold: () => seat.isReading || seat.isWriting,
    isLost: () => seat.isLost,
    recount: () => seat.recount(),
    giveBack: (guard) => guard.release(),
    takeOver() {
      seat.takeOverRead()
      return new Guard(reading)
    },
  }
}

/** The way in for those who write. */
export function rightToWrite(seat: RwSeat, writing: Holder): Right<SharedGuard> {
  return {
    action: WRITE,
    place: WRITERS,
    admits: 'one',
    refusal: () => (seat.isBroken ? brokenError(WRITE, seat.lot) : undefined),
    turnedAway: () => brokenError(WRITE, seat.lot),
    tryNow: () => (seat.tryWrite() ? new Guard(writing) : NOT_YET),
    isOwnHold: () => seat.isReading || seat.isWriting,
    isLost: () => seat.isLost,
    recount: () => seat.recount(),
    giveBack: (guard) => guard.release(),
    takeOver() {
      seat.takeOverWrite()
      return new Guard(writing)
    },
  }
}
