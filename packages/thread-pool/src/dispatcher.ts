import { BrokenError, type Clock, type Timer } from '@cupola/core'
import { type Emitter, LinkedList } from '@cupola/core/authoring'
import type {
  Call,
  CallLengths,
  Failure,
  InterruptionPlan,
  InterruptOutcome,
  Ledger,
  ThreadRecipe,
} from '@cupola/interruptible-worker/authoring'
import { Crew, type CrewLimits, type CrewOwner } from './crew.ts'
import { Hand, leastBusy } from './hand.ts'
import type { ThreadPoolEvents } from './thread-pool-events.ts'

/**
 * A thread that has not answered for so long is inside a long call: those behind it go to a thread
 * that has nothing to do. Below this, moving a call costs more than waiting for it.
 */
const LONG_CALL_MS = 1

/**
 * Decides which call goes to which thread.
 *
 * The calls that the program makes in one turn of its event loop are dealt out together at the end
 * of the turn, to each thread its hand as one message. A thread gets many calls ahead, so that it
 * need not wait for the next one to reach it; those that it has not begun remain the pool's, to
 * cancel them or to give them to another thread.
 *
 * Whatever tells the program something may be answered by it with a call of any method, even of
 * {@link terminate}. So a call must be in the queue or have a thread whenever an event is told.
 */
export class Dispatcher implements CrewOwner {
  readonly crew: Crew
  readonly #queue = new LinkedList<Call>()
  readonly #ledger: Ledger
  readonly #clock: Clock
  readonly #events: Emitter<ThreadPoolEvents>
  readonly #lengths: CallLengths
  readonly #interruption: InterruptionPlan
  #scheduled = false
  #lender: Timer | undefined

  constructor(
    recipe: ThreadRecipe,
    limits: CrewLimits,
    interruption: InterruptionPlan,
    {
      clock,
      ledger,
      events,
    }: Readonly<{ clock: Clock; ledger: Ledger; events: Emitter<ThreadPoolEvents> }>,
  ) {
    this.#clock = clock
    this.#ledger = ledger
    this.#events = events
    this.#lengths = recipe.lengths
    this.#interruption = interruption
    this.crew = new Crew(recipe, limits, clock, this)
    this.crew.growFor(0)
  }

  /** Takes on a call. It is sent at the end of this turn. */
  submit(call: Call): void {
    call.watchSignal((reason) => this.#giveUp(call, reason))
    this.#queue.push(call)
    this.#schedule()
  }

  /**
   * Fails every open call with `reason` and ends the threads.
   *
   * @returns The calls that had not begun, in order, and how many had.
   */
  terminate(reason: unknown): { unbegun: Call[]; interrupted: number } {
    const unbegun: Call[] = []
    let interrupted = 0
    for (const thread of this.crew.all()) {
      thread.drain()
      for (const call of thread.calls()) {
        if (thread.takeBack(call)) unbegun.push(call)
        else interrupted++
        call.cancel(reason)
      }
    }
    for (const call of this.#queue) {
      this.#queue.remove(call)
      unbegun.push(call)
      call.cancel(reason)
    }
    return { unbegun: unbegun.sort((a, b) => a.place - b.place), interrupted }
  }

  /** Ends the threads now. Nothing may be submitted any more. */
  async kill(): Promise<void> {
    this.#lender?.cancel()
    await this.crew.kill()
  }

  /** Ends the threads once their calls have ended. Nothing may be submitted any more. */
  async end(): Promise<void> {
    this.#lender?.cancel()
    await this.crew.end()
  }

  onThreadStart(threadId: number): void {
    this.#events.emit('threadStart', { threadId })
  }

  onThreadExit(threadId: number, failure: Failure | undefined): void {
    const error =
      failure && new BrokenError('keep a thread', failure.problem, { cause: failure.cause })
    this.#events.emit('threadExit', { threadId, error })
  }

  onBegin(call: Call): void {
    call.watchTime(this.#clock, (reason) => this.#giveUp(call, reason))
  }

  onInterrupted(threadId: number, call: Call, outcome: InterruptOutcome): void {
    this.#events.emit('interrupt', { threadId, name: call.request.name, ...outcome })
  }

  onChange(returned: readonly Call[]): void {
    for (const call of returned.toReversed()) this.#queue.unshift(call)
    this.#schedule()
  }

  /**
   * A microtask and then a tick: the tick comes when the microtasks have run dry, so that whatever
   * the answers of this turn set in motion can still join.
   */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(() => process.nextTick(() => this.#dispatch()))
  }

  #dispatch(): void {
    this.#scheduled = false
    this.crew.growFor(this.#ledger.open)
    if (this.crew.failure === undefined) this.#handOut()
    else this.#failAll(this.crew.failure)
    if (this.#queue.size === 0) this.#lend()
  }

  /**
   * Deals the queue out call by call, each to the thread that has the least to do: so they begin in
   * about the order they were made, which handing each thread a share in one piece would not do.
   */
  #handOut(): void {
    const hands = [...this.crew.ready()].map((thread) => new Hand(thread))
    for (const call of this.#queue) {
      const hand = leastBusy(hands)
      if (hand === undefined || !hand.takes(call)) break
      hand.add(call, this.#lengths.expectedMs(call.request.name))
    }
    for (const { thread, calls } of hands) {
      // Only now do they leave the queue: a getter in an argument that was sent before them may have
      // ended the pool, or this thread.
      const dealt = thread.room > 0 ? calls.filter((call) => this.#queue.remove(call)) : []
      const sent = thread.send(dealt)
      // Those that could not be sent have left room, and no answer will come to tell of it.
      if (!sent || dealt.length < calls.length) this.#schedule()
    }
  }

  /** Gives threads that have run dry what a thread inside a long call has not begun. */
  #lend(): void {
    for (const taker of this.crew.ready()) {
      if (taker.inFlight > 0) continue
      const calls = this.#borrow()
      if (calls.length === 0) return
      if (!taker.send(calls)) this.#schedule()
    }
  }

  /** Half of what waits behind a long call, taken from whoever has not answered for longest. */
  #borrow(): Call[] {
    const givers = [...this.crew.ready()]
      .filter((thread) => thread.inFlight > 1)
      .map((thread) => ({ thread, quietMs: thread.quietMs }))
      .sort((a, b) => b.quietMs - a.quietMs)
    for (const { thread, quietMs } of givers) {
      if (quietMs < LONG_CALL_MS) {
        this.#lendLater(LONG_CALL_MS - quietMs)
        return []
      }
      // It may have begun them all, and be about to answer.
      const calls = thread.takeBackNewest(Math.ceil((thread.inFlight - 1) / 2))
      if (calls.length > 0) return calls
    }
    return []
  }

  #lendLater(delayMs: number): void {
    if (this.#lender !== undefined) return
    this.#lender = this.#clock.setTimer(() => {
      this.#lender = undefined
      this.#schedule()
    }, delayMs)
    this.#lender.unref()
  }

  #failAll({ problem, cause }: Failure): void {
    for (let call = this.#queue.shift(); call !== undefined; call = this.#queue.shift()) {
      call.reject(new BrokenError(`call "${call.request.name}"`, problem, { cause }))
    }
  }

  /** The caller's signal has aborted, or the call has run for too long. */
  #giveUp(call: Call, reason: unknown): void {
    this.#queue.remove(call)
    call.thread?.drain()
    const { thread } = call
    call.cancel(reason)
    if (thread === undefined || thread.takeBack(call)) return
    // First what is behind it, which another thread can have meanwhile. And should this one have to
    // die, no other call dies with it.
    this.onChange(thread.takeBackNewest())
    if (thread.isRunning(call)) void thread.interrupt(call, reason, this.#interruption)
  }
}
