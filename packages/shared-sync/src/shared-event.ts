import { InvariantError, type WaitOptions } from '@cupola/core'
import { NOT_YET } from '@cupola/core/authoring'
import { type Attachment, attachTo, recall, remember } from './attachments.ts'
import { requireBlocking, type SyncWaitOptions } from './blocking.ts'
import { EventSeat, eventRule, GATE } from './event-rule.ts'
import { LocalQueue, type Right } from './local-queue.ts'
import {
  makeLotBuffer,
  maxThreadsOf,
  requireHandle,
  type SharedHandle,
  type SharedOptions,
} from './lot-buffer.ts'

const KIND = 'SharedEvent'
const ACTION = 'wait for the shared event'

/** What travels to another thread, for {@link SharedEvent.attach}. */
export type SharedEventHandle = SharedHandle<typeof KIND>

/**
 * Something that has happened or not, for all threads of a process: Python's `threading.Event`. Whoever
 * waits goes on when it is set, at once if it is set already; whoever was waiting then goes on even
 * if it is cleared the next moment.
 *
 * @example Wait until somebody says that it is time
 * ```ts
 * import { SharedEvent } from '@cupola/shared-sync'
 *
 * const ready = new SharedEvent()
 * const waiting = ready.wait()
 * ready.set()
 * await waiting
 * ready.isSet // => true
 * ```
 */
export class SharedEvent {
  /**
   * The event of that handle, as seen from this thread; the same object, however often it is called.
   *
   * @param handle - {@link handle} of an event, made in any thread of this process.
   * @throws TypeError If it is no such handle.
   * @throws FullError If as many threads as may are attached already.
   * @throws BrokenError If the process is out of file descriptors, with which threads are told apart.
   */
  static attach(handle: SharedEventHandle): SharedEvent {
    requireHandle(KIND, handle)
    return recall(SharedEvent, handle) ?? new SharedEvent({}, attachTo(handle, eventRule))
  }

  /** For {@link attach} in another thread: posted as it is, as often as you like. */
  readonly handle: SharedEventHandle
  readonly #seat: EventSeat
  readonly #gate: LocalQueue<void>

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
    this.#seat = new EventSeat(attachment.lot)
    this.#gate = new LocalQueue(attachment.lot, eventGate(this.#seat), attachment.words)
    remember(this, attachment)
  }

  /** Whether it is set. */
  get isSet(): boolean {
    return this.#seat.isSet
  }

  /** Sets it, and lets all go on who wait. Does nothing if it is set already. */
  set(): void {
    this.#seat.set()
  }

  /** Clears it: from now on those who come have to wait. Does nothing if it is not set. */
  clear(): void {
    this.#seat.clear()
  }

  /**
   * Waits until it is set, without blocking the thread.
   *
   * Cancellation: who times out or aborts has left, also if the event was set a moment before and it
   * has yet to hear of it.
   *
   * Cost: O(1). Who waits keeps the process alive, by one timer for all of the thread who wait.
   *
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError, RangeError If an option is bad.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  wait(options?: WaitOptions): Promise<void> {
    return this.#gate.wait(options)
  }

  /**
   * Waits until it is set, by blocking the thread.
   *
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If an option is bad, or on the main thread, unless that is allowed.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   */
  waitSync(options: SyncWaitOptions = {}): void {
    this.#gate.waitSync(requireBlocking(ACTION, options), () => performance.now())
  }
}

function newLot(options: SharedOptions): Attachment<typeof KIND> {
  return attachTo({ kind: KIND, buffer: makeLotBuffer(KIND, maxThreadsOf(options)) }, eventRule)
}

/** The one way past an event. Nobody holds an event, so nobody can break it. */
export function eventGate(seat: EventSeat): Right<void> {
  return {
    action: ACTION,
    place: GATE,
    admits: 'all',
    refusal: () => undefined,
    turnedAway: () => new InvariantError('nobody is turned away'),
    tryNow: () => (seat.isSet ? undefined : NOT_YET),
    takeOver: () => undefined,
  }
}
