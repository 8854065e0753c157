import type { Call, WorkerThread } from '@cupola/interruptible-worker/authoring'
import type { Broadcasts } from './broadcasts.ts'
import { newestOf, oldestOf } from './call-queue.ts'
import type { RestingCalls } from './resting-calls.ts'
import type { Roster } from './roster.ts'
import type { WaitingCalls } from './waiting-calls.ts'

/** The calls of a pool that have not settled, wherever they are. */
export class OpenCalls {
  readonly #waiting: WaitingCalls
  readonly #resting: RestingCalls
  readonly #broadcasts: Broadcasts
  readonly #roster: Roster

  constructor({
    waiting,
    resting,
    broadcasts,
    roster,
  }: Readonly<{
    waiting: WaitingCalls
    resting: RestingCalls
    broadcasts: Broadcasts
    roster: Roster
  }>) {
    this.#waiting = waiting
    this.#resting = resting
    this.#broadcasts = broadcasts
    this.#roster = roster
  }

  /** How often a call was tried again. */
  get retried(): number {
    return this.#resting.retried
  }

  /** How many calls wait: for a thread, for another attempt, or behind the first of a thread. */
  get queued(): number {
    const behind = (thread: WorkerThread) => Math.max(thread.inFlight - 1, 0)
    const sent = this.#roster.all().reduce((sum, thread) => sum + behind(thread), 0)
    return this.#waiting.size + this.#resting.size + sent
  }

  /** Takes the call that has waited longest out, if there is one that has not begun. */
  takeOldest(): Call | undefined {
    return this.#takeFirst((calls) => oldestOf([this.#waiting.oldest, ...calls]))
  }

  /** Takes the call that was made last out, if there is one that has not begun. */
  takeNewest(): Call | undefined {
    return this.#takeFirst((calls) => newestOf([this.#waiting.newest, ...calls]))
  }

  /**
   * Fails them all with `reason`.
   *
   * @returns The calls that had not begun, in order, and how many had.
   */
  terminate(reason: unknown): { unbegun: Call[]; interrupted: number } {
    const unbegun: Call[] = []
    let interrupted = this.#resting.size
    this.#resting.terminate(reason)
    for (const thread of this.#roster.all()) {
      thread.drain()
      for (const call of thread.calls()) {
        if (thread.takeBack(call) && call.attempt === 1) unbegun.push(call)
        else interrupted++
        call.cancel(reason)
      }
    }
    this.#broadcasts.terminate(reason)
    for (const call of this.#waiting.drain()) {
      if (call.attempt === 1) unbegun.push(call)
      else interrupted++
      call.cancel(reason)
    }
    // Of a broadcast nothing is left to be made up for: its threads are gone.
    const calls = unbegun.filter((call) => call.request.isPinned !== true)
    return { unbegun: calls.sort((a, b) => a.place - b.place), interrupted }
  }

  /** Among the calls of the threads, those that have begun are in the way and cannot be taken. */
  #takeFirst(pick: (calls: readonly Call[]) => Call | undefined): Call | undefined {
    const calls = this.#roster.all().flatMap((thread) => thread.calls())
    const sent = new Set(calls.filter((call) => call.request.isPinned !== true))
    for (let call = pick([...sent]); call !== undefined; call = pick([...sent])) {
      if (call.thread?.takeBack(call) ?? this.#waiting.remove(call)) return call
      sent.delete(call)
    }
    return undefined
  }
}
