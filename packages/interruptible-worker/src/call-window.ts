import type { Call } from './call.ts'
import { CALLS_AHEAD, Claims, slotOf } from './claims.ts'
import type { WorkerThread } from './worker-thread.ts'

/**
 * The calls that one thread has ahead of it: sent, and neither answered nor taken back.
 *
 * They are numbered in the order they were sent. Answers come in that order as well, so the oldest
 * unanswered call is where the window begins; a call needs the slot of the one
 * {@link CALLS_AHEAD} before it, which is free once the window has moved on from there.
 */
export class CallWindow {
  readonly #thread: WorkerThread
  /** Their claim words. */
  readonly claims: Claims = new Claims()
  readonly #calls: (Call | undefined)[] = new Array(CALLS_AHEAD).fill(undefined)
  /** Numbers of the oldest call that may be unanswered, if one is, and of the next to send. */
  #oldest = 0
  #next = 0
  #size = 0
  #done = 0
  #loadMs = 0

  constructor(thread: WorkerThread) {
    this.#thread = thread
  }

  /** How many calls there are. */
  get size(): number {
    return this.#size
  }

  /** How many have been answered. */
  get done(): number {
    return this.#done
  }

  /** How many milliseconds they probably take. */
  get loadMs(): number {
    return this.#loadMs
  }

  /** How many more there is room for. */
  get room(): number {
    return this.#size === 0 ? CALLS_AHEAD : CALLS_AHEAD - (this.#next - this.#oldest)
  }

  /** The number of the next call. */
  get next(): number {
    return this.#next
  }

  /** A call is about to be sent: from now on the thread may begin it. */
  add(call: Call, expectedMs: number): void {
    if (this.#size === 0) this.#begin()
    this.#loadMs += expectedMs
    call.expectedMs = expectedMs
    call.thread = this.#thread
    call.number = this.#next
    this.#calls[slotOf(this.#next)] = call
    this.claims.offer(this.#next)
    this.#next++
    this.#size++
  }

  /** They were not sent after all: their numbers never left this side. */
  undo(calls: readonly Call[], first: number): void {
    for (const call of calls) this.takeBack(call)
    this.#next = first
  }

  /** The call of that number, unless it was taken back. */
  at(number: number): Call | undefined {
    const call = this.#calls[slotOf(number)]
    return call?.number === number ? call : undefined
  }

  /** The thread has answered the call, and all those before it. */
  answered(call: Call): void {
    this.#oldest = call.number + 1
    this.#done++
    this.remove(call)
  }

  /** Nobody waits for an answer any more. */
  remove(call: Call): void {
    call.thread = undefined
    this.#calls[slotOf(call.number)] = undefined
    this.#size--
    this.#loadMs -= call.expectedMs
  }

  /** Gets a call back unless it has begun. */
  takeBack(call: Call): boolean {
    if (!this.claims.takeBack(call.number)) return false
    this.remove(call)
    return true
  }

  /** Gets up to `most` calls back that have not begun and can be sent again, the newest, in order. */
  takeBackNewest(most: number): Call[] {
    const calls: Call[] = []
    for (let number = this.#next - 1; number >= this.#oldest && calls.length < most; number--) {
      const call = this.at(number)
      if (call !== undefined && call.canBeSentAgain && this.takeBack(call)) calls.push(call)
    }
    return calls.reverse()
  }

  /** Whether the thread is inside the call now. */
  isRunning(call: Call): boolean {
    return call.thread === this.#thread && this.claims.isRunning(call.number)
  }

  /** All of them, in order. */
  calls(): Call[] {
    const sent = this.#calls.filter((call) => call !== undefined)
    return sent.sort((a, b) => a.number - b.number)
  }

  /** Nothing is in it: also the place to lose what sums of fractions have come to. */
  #begin(): void {
    this.#oldest = this.#next
    this.#loadMs = 0
  }
}
