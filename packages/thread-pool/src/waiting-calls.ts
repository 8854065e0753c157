import type { Call, CallLengths, WorkerThread } from '@cupola/interruptible-worker/authoring'
import { Affinity } from './affinity.ts'
import { CallQueue, newestOf, oldestOf, type Ranking } from './call-queue.ts'
import { type Hand, leastBusy } from './hand.ts'

/** Calls that come in order: those for any thread, or those for the thread of one hand. */
interface Stream {
  readonly hand: Hand | undefined
  readonly calls: Iterator<Call>
  /** The next one. */
  call: Call
}

/** The calls that no thread has: those for any thread in one queue, those with an affinity apart. */
export class WaitingCalls {
  readonly #ranking: Ranking
  readonly #free: CallQueue
  /** Made for the first call that has one: most pools never see any. */
  #affinity: Affinity | undefined

  constructor(ranking: Ranking) {
    this.#ranking = ranking
    this.#free = new CallQueue(ranking)
  }

  /** Whether a call waits that any thread may have. */
  get hasFree(): boolean {
    return this.#free.first !== undefined
  }

  /** How many there are, in O(threads). */
  get size(): number {
    return this.#queues.reduce((size, queue) => size + queue.size, 0)
  }

  /** The only one, if it is the only one and any thread may have it. */
  get lone(): Call | undefined {
    return this.#affinity === undefined ? this.#free.lone : undefined
  }

  /** The one that was made first. */
  get oldest(): Call | undefined {
    return oldestOf(this.#queues.map((queue) => queue.oldest))
  }

  /** The one that was made last. */
  get newest(): Call | undefined {
    return newestOf(this.#queues.map((queue) => queue.newest))
  }

  /** A call is accepted that may have an affinity. Tell {@link settled} when it has settled. */
  accept({ request: { affinity } }: Call): void {
    if (affinity === undefined) return
    this.#affinity ??= new Affinity(this.#ranking)
    this.#affinity.accept(affinity)
  }

  /** A call that {@link accept} was told of has settled. */
  settled({ request: { affinity } }: Call): void {
    if (affinity !== undefined) this.#affinity?.settled(affinity)
  }

  /** Adds a call where it belongs. */
  add(call: Call): void {
    if (call.request.affinity === undefined) this.#free.add(call)
    else this.#affinity?.add(call)
  }

  /** Takes a call out, in O(threads). `false` if it is not here. */
  remove(call: Call): boolean {
    return this.#free.remove(call) || this.#affinity?.remove(call) === true
  }

  /** Takes every call out, in no order. */
  *drain(): Generator<Call> {
    for (const queue of this.#queues) {
      for (let call = queue.first; call !== undefined; call = queue.first) {
        queue.remove(call)
        yield call
      }
    }
  }

  /** Finds a thread for each call with an affinity. `threads` are those that take calls, or will. */
  place(threads: Iterable<WorkerThread>): void {
    this.#affinity?.place([...threads])
  }

  /** Takes back what the thread was sent and has not begun, and what is outranked by now. */
  recallFrom(thread: WorkerThread): void {
    const next = this.#nextFor(thread)
    if (next === undefined) return
    for (const call of thread.calls()) {
      const isFree = call.canBeSentAgain && call.request.isPinned !== true
      const mayLeave = isFree && this.#ranking.isBefore(next, call)
      if (mayLeave && thread.takeBack(call)) this.add(call)
    }
  }

  /**
   * Deals calls out in order, each to the thread that has the least to do or to the one it is bound
   * to: so they begin in about the order they were made, which handing each thread a share in one
   * piece would not do. They stay here until they are taken out.
   */
  deal(hands: readonly Hand[], lengths: CallLengths): void {
    const streams = this.#streams(hands)
    for (let next = this.#firstOf(streams); next !== undefined; next = this.#firstOf(streams)) {
      const hand = next.hand ?? leastBusy(hands)
      if (hand !== undefined && !hand.isFull && hand.takes(next.call)) {
        hand.add(next.call, lengths.expectedMs(next.call.request.name))
        if (!advance(next)) streams.splice(streams.indexOf(next), 1)
      } else if (next.hand === undefined) {
        // It waits for a thread to become idle, which none would if others were dealt before it.
        return
      } else {
        next.hand.close()
        streams.splice(streams.indexOf(next), 1)
      }
    }
  }

  #nextFor(thread: WorkerThread): Call | undefined {
    const free = this.#free.first
    const bound = this.#affinity?.queueOf(thread)?.first
    if (free === undefined || bound === undefined) return free ?? bound
    return this.#ranking.isBefore(free, bound) ? free : bound
  }

  get #queues(): CallQueue[] {
    return this.#affinity === undefined ? [this.#free] : [this.#free, ...this.#affinity.queues]
  }

  #streams(hands: readonly Hand[]): Stream[] {
    const streams = streamOf(undefined, this.#free)
    if (this.#affinity === undefined) return streams
    for (const hand of hands) {
      const queue = this.#affinity.queueOf(hand.thread)
      if (queue !== undefined) streams.push(...streamOf(hand, queue))
    }
    return streams
  }

  #firstOf(streams: readonly Stream[]): Stream | undefined {
    let first = streams[0]
    if (streams.length === 1) return first
    for (const stream of streams) {
      if (first && this.#ranking.isBefore(stream.call, first.call)) first = stream
    }
    return first
  }
}

/** None, if there is no call. */
function streamOf(hand: Hand | undefined, queue: CallQueue): Stream[] {
  const calls = queue[Symbol.iterator]()
  const { done, value } = calls.next()
  return done === true ? [] : [{ hand, calls, call: value }]
}

function advance(stream: Stream): boolean {
  const { done, value } = stream.calls.next()
  if (done === true) return false
  stream.call = value
  return true
}
