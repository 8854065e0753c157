import { BrokenError, type Clock, type Timer } from '@cupola/core'
import { type Emitter, LinkedList } from '@cupola/core/authoring'
import type {
  Call,
  CallKeeper,
  CallLengths,
  CallRequest,
  Failure,
  InterruptionPlan,
  InterruptOutcome,
  Ledger,
  ThreadRecipe,
  WorkerThread,
} from '@cupola/interruptible-worker/authoring'
import type { AdmissionOwner } from './admission.ts'
import { Broadcasts, type ThreadResult } from './broadcasts.ts'
import { oldestOf, newestOf, Ranking } from './call-queue.ts'
import { Crew, type CrewLimits, type CrewOwner } from './crew.ts'
import { Hand } from './hand.ts'
import type { RecycleReason, Recycling } from './recycling.ts'
import type { ThreadPoolEvents } from './thread-pool-events.ts'
import { WaitingCalls } from './waiting-calls.ts'

/**
 * A thread that has not answered for so long is inside a long call: those behind it go to a thread
 * that has nothing to do. Below this, moving a call costs more than waiting for it.
 */
const LONG_CALL_MS = 1

/** What follows it comes as soon as what runs now has ended. */
const NOW = Promise.resolve()

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
export class Dispatcher implements CrewOwner, CallKeeper, AdmissionOwner {
  readonly crew: Crew
  readonly #waiting: WaitingCalls
  readonly #broadcasts: Broadcasts
  /** Calls that failed and will be tried again, but not yet. */
  readonly #resting = new LinkedList<Call>()
  readonly #ledger: Ledger
  readonly #clock: Clock
  readonly #events: Emitter<ThreadPoolEvents>
  readonly #lengths: CallLengths
  readonly #interruption: InterruptionPlan
  readonly #dispatchNow = (): void => this.#dispatch()
  readonly #dispatchLater = (): void => process.nextTick(this.#dispatchNow)
  #scheduled = false
  /** When this turn began to make calls: one look at the clock for all of them. */
  #turnAt = 0
  /** Whether there ever was a call with a priority, so that those sent ahead may have to wait. */
  #ranked = false
  #retried = 0
  #ended = false
  #lender: Timer | undefined

  constructor(
    recipe: ThreadRecipe,
    limits: CrewLimits,
    interruption: InterruptionPlan,
    {
      ageingMs,
      recycling,
      clock,
      ledger,
      events,
    }: Readonly<{
      ageingMs: number
      recycling: Recycling | undefined
      clock: Clock
      ledger: Ledger
      events: Emitter<ThreadPoolEvents>
    }>,
  ) {
    this.#waiting = new WaitingCalls(new Ranking(ageingMs))
    this.#clock = clock
    this.#ledger = ledger
    this.#events = events
    this.#lengths = recipe.lengths
    this.#interruption = interruption
    this.#broadcasts = new Broadcasts(ledger, {
      threads: () => this.crew.all(),
      watch: (call) => {
        call.queuedAt = clock.now()
        this.#watch(call)
      },
    })
    this.crew = new Crew(recipe, limits, { clock, recycling, owner: this })
    this.crew.growFor(0)
  }

  /** How often a call was tried again. */
  get retried(): number {
    return this.#retried
  }

  /** How many calls wait: for a thread, for another attempt, or behind the first of a thread. */
  get queued(): number {
    const behind = (thread: WorkerThread) => Math.max(thread.inFlight - 1, 0)
    const sent = this.crew.all().reduce((sum, thread) => sum + behind(thread), 0)
    return this.#waiting.size + this.#resting.size + sent
  }

  /** Takes on a call. It is sent at the end of this turn. */
  submit(call: Call, leftMs: number = call.request.deadline): void {
    const { priority, affinity, retries } = call.request
    if (call.canBeEnded) this.#watch(call, leftMs)
    if (priority !== 0) this.#ranked = true
    if (affinity !== undefined) this.#waiting.accept(call)
    if (affinity !== undefined || retries !== undefined) call.keeper = this
    this.#schedule()
    call.queuedAt = this.#turnAt
    this.#waiting.add(call)
  }

  /**
   * Makes a call on every thread that is there, and on those to come if it is to be replayed.
   *
   * @throws Whatever the first of them to fail rejects with, when all have ended.
   */
  broadcast(request: CallRequest, isReplayed: boolean): Promise<ThreadResult<unknown>[]> {
    return this.#broadcasts.run(request, isReplayed)
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
   * Fails every open call with `reason` and ends the threads.
   *
   * @returns The calls that had not begun, in order, and how many had.
   */
  terminate(reason: unknown): { unbegun: Call[]; interrupted: number } {
    this.#ended = true
    const unbegun: Call[] = []
    let interrupted = this.#resting.size
    for (const call of this.#resting) {
      this.#resting.remove(call)
      call.cancel(reason)
    }
    for (const thread of this.crew.all()) {
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
    // Now, because it is dealt calls at the end of this turn.
    for (const thread of this.crew.ready()) {
      if (thread.threadId === threadId) this.#broadcasts.replay(thread)
    }
    this.#events.emit('threadStart', { threadId })
  }

  onThreadExit(threadId: number, failure: Failure | undefined): void {
    const error =
      failure && new BrokenError('keep a thread', failure.problem, { cause: failure.cause })
    this.#broadcasts.onThreadExit(threadId, failure)
    this.#events.emit('threadExit', { threadId, error })
  }

  onRecycle(threadId: number, reason: RecycleReason): void {
    this.#events.emit('recycle', { threadId, reason })
  }

  onBroken({ problem, cause }: Failure): void {
    this.#events.emit('broken', { error: new BrokenError('start threads', problem, { cause }) })
  }

  onBegin(call: Call): void {
    call.watchTime(this.#clock, (reason) => this.#giveUp(call, reason))
  }

  onInterrupted(threadId: number, call: Call, outcome: InterruptOutcome): void {
    this.#events.emit('interrupt', { threadId, name: call.request.name, ...outcome })
  }

  onAnswers(): void {
    // With the last of all calls answered there is nothing to deal out.
    if (this.#ledger.open > 0) this.#schedule()
  }

  onChange(returned: readonly Call[]): void {
    // From the last to the first: then each has to pass none of the others.
    for (const call of returned.toReversed()) {
      if (!this.#broadcasts.takeReturned(call)) this.#waiting.add(call)
    }
    this.#schedule()
  }

  onFailure(call: Call, reason: unknown): boolean {
    if (this.#ended || this.crew.failure !== undefined) return false
    const delayMs = call.request.retries?.take(reason)
    if (delayMs === undefined) return false
    call.attempt++
    this.#retried++
    if (delayMs === 0) {
      this.onChange([call])
      return true
    }
    this.#resting.push(call)
    call.rest(this.#clock, delayMs, () => {
      this.#resting.remove(call)
      this.onChange([call])
    })
    return true
  }

  onSettled(call: Call): void {
    this.#waiting.settled(call)
  }

  /**
   * A microtask and then a tick: the tick comes when the microtasks have run dry, so that whatever
   * the answers of this turn set in motion can still join. A call that is alone waits for none.
   */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#turnAt = this.#clock.now()
    // Not `queueMicrotask`, for which Node makes an `AsyncResource` each time.
    void NOW.then(this.#ledger.open === 1 ? this.#dispatchNow : this.#dispatchLater)
  }

  #dispatch(): void {
    this.#scheduled = false
    this.crew.growFor(this.#ledger.open - this.#broadcasts.size)
    this.#broadcasts.sendUnsent()
    this.#waiting.place(this.crew.active())
    if (this.#ranked) this.#recall()
    if (this.crew.failure === undefined) this.#handOut()
    else this.#failAll(this.crew.failure)
    if (!this.#waiting.hasFree) this.#lend()
  }

  /** Takes back what was sent ahead and has to wait now, because a call came that goes before it. */
  #recall(): void {
    for (const thread of this.crew.ready()) this.#waiting.recallFrom(thread)
    this.#waiting.place(this.crew.active())
  }

  #handOut(): void {
    if (this.#sendLone()) return
    const hands = [...this.crew.ready()].map((thread) => new Hand(thread))
    this.#waiting.deal(hands, this.#lengths)
    for (const { thread, calls } of hands) {
      // Only now do they leave the queue: a getter in an argument that was sent before them may have
      // ended the pool, or this thread.
      const dealt = thread.room > 0 ? calls.filter((call) => this.#waiting.remove(call)) : []
      const sent = thread.send(dealt)
      // Those that could not be sent have left room, and no answer will come to tell of it.
      if (!sent || dealt.length < calls.length) this.#schedule()
    }
  }

  /** The shortest way, for a call that is alone and a thread that has nothing to do. */
  #sendLone(): boolean {
    const call = this.#waiting.lone
    if (call === undefined) return false
    for (const thread of this.crew.active()) {
      if (thread.inFlight > 0 || thread.room === 0) continue
      this.#waiting.remove(call)
      if (!thread.send([call])) this.#schedule()
      return true
    }
    return false
  }

  /** Gives threads that have run dry what a thread inside a long call has not begun. */
  #lend(): void {
    for (const taker of this.crew.ready()) {
      if (taker.inFlight > 0 || taker.room === 0) continue
      const calls = this.#borrow(taker.room)
      if (calls.length === 0) return
      if (!taker.send(calls)) this.#schedule()
    }
  }

  /** Half of what waits behind a long call, taken from whoever has not answered for longest. */
  #borrow(most: number): Call[] {
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
      const calls = takeUnbound(thread, Math.min(Math.ceil((thread.inFlight - 1) / 2), most))
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
    for (const call of this.#waiting.drain()) {
      call.reject(new BrokenError(`call "${call.request.name}"`, problem, { cause }))
    }
  }

  /** The caller's signal has aborted, or the call has run for too long. */
  #giveUp(call: Call, reason: unknown): void {
    if (!this.#waiting.remove(call)) this.#resting.remove(call)
    this.#broadcasts.forget(call)
    call.thread?.drain()
    const { thread } = call
    call.cancel(reason)
    if (thread === undefined || thread.takeBack(call)) return
    // First what is behind it, which another thread can have meanwhile. And should this one have to
    // die, no other call dies with it.
    this.onChange(thread.takeBackNewest())
    if (thread.isRunning(call)) void thread.interrupt(call, reason, this.#interruption)
  }

  #watch(call: Call, leftMs: number = call.request.deadline): void {
    const giveUp = (reason: unknown) => this.#giveUp(call, reason)
    call.watchSignal(giveUp)
    call.watchDeadline(this.#clock, leftMs, giveUp)
  }

  /** Among the calls of the threads, those that have begun are in the way and cannot be taken. */
  #takeFirst(pick: (calls: readonly Call[]) => Call | undefined): Call | undefined {
    const calls = this.crew.all().flatMap((thread) => thread.calls())
    const sent = new Set(calls.filter((call) => call.request.isPinned !== true))
    for (let call = pick([...sent]); call !== undefined; call = pick([...sent])) {
      if (call.thread?.takeBack(call) ?? this.#waiting.remove(call)) return call
      sent.delete(call)
    }
    return undefined
  }
}

/**
 * Gets up to `most` calls back that another thread may run, the newest, in order. A call with an
 * affinity is not among them: an earlier one of its key may be running here. Nor is a pinned one.
 */
function takeUnbound(thread: WorkerThread, most: number): Call[] {
  const calls: Call[] = []
  for (const call of thread.calls().reverse()) {
    if (calls.length === most) break
    const { affinity, isPinned } = call.request
    if (affinity !== undefined || isPinned === true || !call.canBeSentAgain) continue
    if (thread.takeBack(call)) calls.push(call)
  }
  return calls.reverse()
}
