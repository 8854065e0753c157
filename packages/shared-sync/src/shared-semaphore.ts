import type { WaitOptions } from '@cupola/core'
import { NOT_YET, requireFunction, requireInteger, requireObject } from '@cupola/core/authoring'
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
import { CAPACITY } from './lot-layout.ts'
import { ENTRY, freePermits, semaphoreRule, SemaphoreSeat } from './semaphore-rule.ts'
import { Guard, runHolding, type SharedGuard } from './shared-guard.ts'

const KIND = 'SharedSemaphore'
const ACTION = 'acquire the shared semaphore'
const MOST_PERMITS = 2 ** 30

/** What travels to another thread, for {@link SharedSemaphore.attach}. */
export type SharedSemaphoreHandle = SharedHandle<typeof KIND>

/** How many permits are wanted. */
export interface PermitOptions {
  /**
   * Permits that are taken together, from 1 up to as many as the semaphore has.
   *
   * @defaultValue 1
   */
  readonly weight?: number | undefined
}

/** How many permits are wanted, and what may end the wait for them. */
export interface AcquireOptions extends PermitOptions, WaitOptions {}

/** How many permits are wanted, and how a thread waits for them that blocks. */
export interface AcquireSyncOptions extends PermitOptions, SyncWaitOptions {}

/**
 * A number of permits that the threads of a process share. Those who wait get theirs in the order
 * they came, whether they block their thread or await: one who wants many is not overtaken by those
 * who want few.
 *
 * A thread may put forward one of those in it who wait at a time. So where permits come back faster
 * than it takes them, its next one may be overtaken by those of other threads.
 *
 * When a thread ends while it holds permits, what they stand for may be lost. So the semaphore is
 * broken from then on: acquiring fails with a `BrokenError`, for those who wait as well, until
 * somebody calls {@link recover}.
 *
 * @example At most two at a time, in all threads
 * ```ts
 * import { SharedSemaphore } from '@cupola/shared-sync'
 *
 * const connections = new SharedSemaphore(2)
 * const first = await connections.acquire()
 * const second = await connections.acquire()
 * connections.tryAcquire() // => undefined
 * first.release()
 * connections.available // => 1
 * second.release()
 * ```
 */
export class SharedSemaphore {
  /**
   * The semaphore of that handle, as seen from this thread; the same object, however often it is
   * called.
   *
   * @param handle - {@link handle} of a semaphore, made in any thread of this process.
   * @throws TypeError If it is no such handle.
   * @throws FullError If as many threads as may are attached already.
   * @throws BrokenError If the process is out of file descriptors, with which threads are told apart.
   */
  static attach(handle: SharedSemaphoreHandle): SharedSemaphore {
    requireHandle(KIND, handle)
    const known = recall(SharedSemaphore, handle)
    return known ?? new SharedSemaphore(1, {}, attachTo(handle, semaphoreRule))
  }

  /** For {@link attach} in another thread: posted as it is, as often as you like. */
  readonly handle: SharedSemaphoreHandle
  /** How many permits there are. */
  readonly permits: number
  readonly #seat: SemaphoreSeat
  readonly #entry: LocalQueue<SharedGuard>

  /**
   * @param permits - How many there are, from 1 up.
   * @param options - How many threads may attach.
   * @throws TypeError If `permits` or `maxThreads` is not a number, or `options` not an object.
   * @throws RangeError If `permits` or `maxThreads` is out of range.
   */
  constructor(permits: number, options?: SharedOptions)
  /** @internal */
  constructor(permits: number, options: SharedOptions, attachment: Attachment<typeof KIND>)
  constructor(permits: number, options: SharedOptions = {}, attachment = newLot(permits, options)) {
    this.handle = attachment.handle
    this.permits = attachment.words.load(CAPACITY)
    this.#seat = new SemaphoreSeat(attachment.lot)
    this.#entry = new LocalQueue(attachment.lot, semaphoreEntry(this.#seat), attachment.words)
    remember(this, attachment)
  }

  /** How many permits nobody holds, at this moment. */
  get available(): number {
    return freePermits(this.#seat.lot)
  }

  /**
   * Whether a thread ended while it held permits, and nobody has recovered them since.
   *
   * Cost: while it is not broken, a look at each thread attached.
   */
  get broken(): boolean {
    if (!this.#seat.isBroken) this.#seat.lot.buryTheDead()
    return this.#seat.isBroken
  }

  /**
   * Waits for permits without blocking the thread.
   *
   * Cancellation: who times out or aborts while waiting has left, and those behind may go in.
   *
   * What is granted while the thread is blocked elsewhere is held until its event loop turns: do not
   * block a thread that awaits permits.
   *
   * Cost: O(threads attached). Who waits keeps the process alive, by one timer for all of the thread
   * who wait.
   *
   * @returns Proof that the permits are held, until released.
   * @throws BrokenError If a thread ended while it held permits, now or while waiting.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError, RangeError If an option is bad.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  async acquire(options?: AcquireOptions): Promise<SharedGuard> {
    return await this.#entry.wait(options, this.#weightOf(options))
  }

  /**
   * Gets permits if that is possible now: they are free and nobody waits.
   *
   * @returns Proof that they are held; `undefined` if they cannot be had now.
   * @throws BrokenError If a thread ended while it held permits, and this, or somebody else, has found
   *   it out: of tries that fail, one in 50 ms looks.
   * @throws TypeError If `options` is not an object, or `options.weight` not a number.
   * @throws RangeError If `options.weight` is out of range.
   */
  tryAcquire(options?: PermitOptions): SharedGuard | undefined {
    const weight = this.#weightOf(options)
    if (this.#seat.tryTake(weight)) return new Guard(new Permits(this.#seat, weight))
    if (this.#seat.isBroken) throw brokenError(ACTION, this.#seat.lot)
    return this.#seat.lot.inspect() ? this.tryAcquire(options) : undefined
  }

  /**
   * Waits for permits by blocking the thread. None of the thread may wait for some without blocking,
   * nor may the thread hold so many that the others have too few: what only its event loop goes on
   * with could not give them back.
   *
   * @returns Proof that the permits are held, until released.
   * @throws BrokenError If a thread ended while it held permits, now or while waiting.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If it would wait for its own thread, an option is bad, or on the main thread,
   *   unless that is allowed.
   * @throws RangeError If `options.timeout` or `options.weight` is out of range.
   */
  acquireSync(options: AcquireSyncOptions = {}): SharedGuard {
    const timeout = requireBlocking(ACTION, options)
    return this.#entry.waitSync(timeout, () => performance.now(), this.#weightOf(options))
  }

  /**
   * Calls a function while it holds permits.
   *
   * @param fn - What to call, with the guard. The permits are released when it has returned, its
   *   promise has settled, or it has thrown.
   * @param options - How many, and what may end the wait; it does not end the function.
   * @returns What the function returns.
   * @throws What {@link acquire} throws, and what the function throws.
   */
  async run<Result>(
    fn: (held: SharedGuard) => Result | PromiseLike<Result>,
    options?: AcquireOptions,
  ): Promise<Result> {
    requireFunction('fn', fn)
    return await runHolding(this.acquire(options), fn)
  }

  /**
   * Frees the permits that dead threads held, for whoever has made sure that what they stand for is
   * there.
   *
   * @returns Whether the semaphore was broken.
   */
  recover(): boolean {
    return this.#seat.recover()
  }

  #weightOf(options: PermitOptions | undefined): number {
    if (options === undefined) return 1
    requireObject('options', options)
    const { weight = 1 } = options
    return requireInteger('weight', weight, 1, this.permits)
  }
}

function newLot(permits: number, options: SharedOptions): Attachment<typeof KIND> {
  requireInteger('permits', permits, 1, MOST_PERMITS)
  return attachTo(
    { kind: KIND, buffer: makeLotBuffer(KIND, maxThreadsOf(options), permits) },
    semaphoreRule,
  )
}

/** Some permits that are held together. */
class Permits {
  readonly #seat: SemaphoreSeat
  readonly #weight: number

  constructor(seat: SemaphoreSeat, weight: number) {
    this.#seat = seat
    this.#weight = weight
  }

  enter(): void {
    this.#seat.enter(this.#weight)
  }

  leave(): void {
    this.#seat.giveBack(this.#weight)
  }
}

/** The one way to permits. */
export function semaphoreEntry(seat: SemaphoreSeat): Right<SharedGuard> {
  const guard = (weight: number): Guard => new Guard(new Permits(seat, weight))
  return {
    action: ACTION,
    place: ENTRY,
    admits: 'one',
    refusal: () => (seat.isBroken ? brokenError(ACTION, seat.lot) : undefined),
    turnedAway: () => brokenError(ACTION, seat.lot),
    tryNow: ({ detail }) => (seat.tryTake(detail) ? guard(detail) : NOT_YET),
    isOwnHold: ({ detail }) => seat.isShortOf(detail),
    isLost: () => seat.isLost,
    recount: () => seat.recount(),
    giveBack: (given) => given.release(),
    takeOver({ detail }) {
      seat.take(detail)
      return guard(detail)
    },
  }
}
