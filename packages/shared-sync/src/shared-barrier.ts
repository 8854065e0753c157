import { BrokenError, type WaitOptions } from '@cupola/core'
import { NOT_YET, requireInteger } from '@cupola/core/authoring'
import { type Attachment, attachTo, recall, remember } from './attachments.ts'
import { BarrierSeat, barrierRule, MEETING } from './barrier-rule.ts'
import { requireBlocking, type SyncWaitOptions } from './blocking.ts'
import { LocalQueue, type Right } from './local-queue.ts'
import {
  makeLotBuffer,
  maxThreadsOf,
  requireHandle,
  type SharedHandle,
  type SharedOptions,
} from './lot-buffer.ts'
import { BROKEN_BY, CAPACITY } from './lot-layout.ts'

const KIND = 'SharedBarrier'
const ACTION = 'pass the shared barrier'
const MOST_PARTIES = 2 ** 30

/** What travels to another thread, for {@link SharedBarrier.attach}. */
export type SharedBarrierHandle = SharedHandle<typeof KIND>

/**
 * Where a fixed number of parties wait for each other, whatever threads they are in, and go on
 * together; then the next round begins. Python's `threading.Barrier`.
 *
 * When one gives up, the others would wait in vain. So the barrier is broken from then on, as it is
 * when a thread ends that waits at it: whoever waits and whoever comes gets a `BrokenError`, until
 * somebody calls {@link reset}.
 *
 * @example Two parts of a job that wait for each other
 * ```ts
 * import { SharedBarrier } from '@cupola/shared-sync'
 *
 * const barrier = new SharedBarrier(2)
 * const numbers = await Promise.all([barrier.wait(), barrier.wait()])
 * numbers // => [0, 1]
 * ```
 */
export class SharedBarrier {
  /**
   * The barrier of that handle, as seen from this thread; the same object, however often it is called.
   *
   * @param handle - {@link handle} of a barrier, made in any thread of this process.
   * @throws TypeError If it is no such handle.
   * @throws FullError If as many threads as may are attached already.
   * @throws BrokenError If the process is out of file descriptors, with which threads are told apart.
   */
  static attach(handle: SharedBarrierHandle): SharedBarrier {
    requireHandle(KIND, handle)
    return recall(SharedBarrier, handle) ?? new SharedBarrier(1, {}, attachTo(handle, barrierRule))
  }

  /** For {@link attach} in another thread: posted as it is, as often as you like. */
  readonly handle: SharedBarrierHandle
  /** How many go on together. */
  readonly parties: number
  readonly #seat: BarrierSeat
  readonly #meeting: LocalQueue<number>

  /**
   * @param parties - How many go on together, from 1 up.
   * @param options - How many threads may attach.
   * @throws TypeError If `parties` or `maxThreads` is not a number, or `options` not an object.
   * @throws RangeError If `parties` or `maxThreads` is out of range.
   */
  constructor(parties: number, options?: SharedOptions)
  /** @internal */
  constructor(parties: number, options: SharedOptions, attachment: Attachment<typeof KIND>)
  constructor(parties: number, options: SharedOptions = {}, attachment = newLot(parties, options)) {
    this.handle = attachment.handle
    this.parties = attachment.words.load(CAPACITY)
    this.#seat = new BarrierSeat(attachment.lot)
    this.#meeting = new LocalQueue(attachment.lot, barrierMeeting(this.#seat), attachment.words)
    remember(this, attachment)
  }

  /**
   * Whether it is broken.
   *
   * Cost: while it is not broken, a look at each thread attached.
   */
  get broken(): boolean {
    if (!this.#seat.isBroken) this.#seat.lot.buryTheDead()
    return this.#seat.isBroken
  }

  /** How many wait for the others, at this moment. */
  get waiting(): number {
    return this.#seat.waiting
  }

  /**
   * Waits until so many wait as go on together, this call included, without blocking the thread.
   *
   * Cancellation: who times out or aborts while waiting breaks the barrier for all. Once the party is
   * complete it is too late for that: all of it go on, and nobody rejects. Who has aborted
   * before, or comes with `timeout: 0` and is not the last, never was of the party.
   *
   * Cost: O(threads attached). Who waits keeps the process alive, by one timer for all of the thread
   * who wait.
   *
   * @returns Which of the party this was: 0 for who came first, `parties - 1` for who came last.
   * @throws BrokenError If the barrier is broken, or is broken or reset while this waits.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError, RangeError If an option is bad.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  wait(options?: WaitOptions): Promise<number> {
    return this.#meeting.wait(options)
  }

  /**
   * Waits as {@link wait} does, by blocking the thread.
   *
   * @returns Which of the party this was.
   * @throws BrokenError If the barrier is broken, or is broken or reset while this waits.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If an option is bad, or on the main thread, unless that is allowed.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   */
  waitSync(options: SyncWaitOptions = {}): number {
    return this.#meeting.waitSync(requireBlocking(ACTION, options), () => performance.now())
  }

  /** Breaks the barrier: who waits is refused, and whoever comes, until {@link reset}. */
  abort(): void {
    this.#seat.abort()
  }

  /** Mends the barrier. Who waits now is refused: half of a party is none. */
  reset(): void {
    this.#seat.reset()
  }
}

function newLot(parties: number, options: SharedOptions): Attachment<typeof KIND> {
  requireInteger('parties', parties, 1, MOST_PARTIES)
  return attachTo(
    { kind: KIND, buffer: makeLotBuffer(KIND, maxThreadsOf(options), parties) },
    barrierRule,
  )
}

/** The one way past a barrier. */
export function barrierMeeting(seat: BarrierSeat): Right<number> {
  return {
    action: ACTION,
    place: MEETING,
    admits: 'all',
    isBinding: true,
    refusal: () => (seat.isBroken ? brokenBarrier(seat) : undefined),
    turnedAway: () => brokenBarrier(seat),
    tryNow() {
      const before = seat.tryComplete()
      return before < 0 ? NOT_YET : before
    },
    arrive(request) {
      request.detail = seat.arrive()
    },
    withdraw: () => seat.withdraw(),
    recount: (waiting) => seat.recount(waiting),
    takeOver: ({ detail }) => detail,
  }
}

function brokenBarrier(seat: BarrierSeat): BrokenError {
  const thread = seat.lot.words.load(BROKEN_BY)
  const problem =
    thread === 0 ? 'somebody gave up, or aborted or reset it' : `thread ${thread} ended`
  return new BrokenError(ACTION, `${problem}, expected a full party`)
}
