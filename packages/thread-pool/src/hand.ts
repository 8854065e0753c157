import type { Call } from './call.ts'
import type { PoolThread } from './pool-thread.ts'

/** What one thread is dealt before it is sent as one message. */
export class Hand {
  readonly thread: PoolThread
  readonly calls: Call[] = []
  readonly #room: number
  readonly #inFlight: number
  #closed = false

  constructor(thread: PoolThread) {
    this.thread = thread
    this.#room = thread.room
    this.#inFlight = thread.inFlight
  }

  /** How many calls the thread has to do. */
  get load(): number {
    return this.#inFlight + this.calls.length
  }

  /** Whether the thread can be sent no more. */
  get isFull(): boolean {
    return this.#closed || this.calls.length >= this.#room
  }

  /** Takes no more: what comes next for the thread has to wait until it is idle. */
  close(): void {
    this.#closed = true
  }

  /** Whether the call may be sent to the thread, given what it has to do already. */
  takes(call: Call): boolean {
    return !call.goesAlone || this.load === 0
  }
}

/** The hand of the thread that has the least to do, `undefined` if all are full. */
export function leastBusy(hands: readonly Hand[]): Hand | undefined {
  let least: Hand | undefined
  for (const hand of hands) {
    if (!hand.isFull && (least === undefined || hand.load < least.load)) least = hand
  }
  return least
}
