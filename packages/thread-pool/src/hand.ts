import {
  type Call,
  CALLS_AHEAD,
  LONG_MS,
  type WorkerThread,
} from '@cupola/interruptible-worker/authoring'

/** For so long nobody minds waiting behind other calls, even if a thread is idle. */
const SHORT_MS = 0.5

/** What one thread is dealt before it is sent as one message. */
export class Hand {
  readonly thread: WorkerThread
  readonly calls: Call[] = []
  readonly #room: number
  readonly #inFlight: number
  #loadMs: number
  #closed = false

  constructor(thread: WorkerThread) {
    this.thread = thread
    this.#room = isSupplied(thread) ? 0 : thread.room
    this.#inFlight = thread.inFlight
    this.#loadMs = thread.loadMs
  }

  /** How many milliseconds of work the thread probably has. */
  get loadMs(): number {
    return this.#loadMs
  }

  /**
   * Whether the thread can be sent no more. What keeps it busy while a message is on its way is
   * enough: a call more would only wait behind the others, and another thread may soon be free.
   */
  get isFull(): boolean {
    return this.#closed || this.#loadMs >= LONG_MS || this.calls.length >= this.#room
  }

  /** Takes no more: what comes next for the thread has to wait until it is idle. */
  close(): void {
    this.#closed = true
  }

  /**
   * Whether the call may be sent to the thread, given what it has to do already. One that moves its
   * arguments cannot be taken back, so nothing before it may be long, as far as that is known.
   */
  takes(call: Call): boolean {
    if (this.#inFlight === 0 && this.calls.length === 0) return true
    return !call.goesAlone && (!call.moves || this.#loadMs < SHORT_MS)
  }

  /** Adds a call, which probably takes so many milliseconds. */
  add(call: Call, expectedMs: number): void {
    this.calls.push(call)
    this.#loadMs += expectedMs
  }
}

/** The hand of the thread that has the least to do, `undefined` if all are full. */
export function leastBusy(hands: readonly Hand[]): Hand | undefined {
  let least: Hand | undefined
  for (const hand of hands) {
    if (!hand.isFull && (least === undefined || hand.loadMs < least.loadMs)) least = hand
  }
  return least
}

/**
 * Whether the thread has enough to do for now. It is sent more only when half of that is done: a call
 * for each answer would be a message for each call.
 */
function isSupplied({ inFlight, loadMs }: WorkerThread): boolean {
  return inFlight > CALLS_AHEAD / 2 || (inFlight > 0 && loadMs > LONG_MS / 2)
}
