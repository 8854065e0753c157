import { BrokenError, type Clock } from '@cupola/core'
import type { Emitter } from '@cupola/core/authoring'
import type {
  Call,
  CallKeeper,
  CallLengths,
  Failure,
  InterruptionPlan,
  Ledger,
  ThreadRecipe,
} from '@cupola/interruptible-worker/authoring'
import type { AdmissionOwner } from './admission.ts'
import { Broadcasts } from './broadcasts.ts'
import { Ranking } from './call-queue.ts'
import { Crew } from './crew.ts'
import type { CrewLimits, CrewOwner } from './crew-owner.ts'
import { Hand } from './hand.ts'
import { Lending } from './lending.ts'
import { OpenCalls } from './open-calls.ts'
import type { Recycling } from './recycling.ts'
import { RestingCalls } from './resting-calls.ts'
import type { ThreadPoolEvents } from './thread-pool-events.ts'
import { WaitingCalls } from './waiting-calls.ts'

/** What follows it comes as soon as what runs now has ended. */
const NOW = Promise.resolve()

/** What a dispatcher is made with. */
export interface DispatcherParts {
  /** By so many milliseconds a call has to be older to go before one whose priority is higher by 1. */
  readonly ageingMs: number
  readonly recycling: Recycling | undefined
  readonly clock: Clock
  readonly ledger: Ledger
  readonly events: Emitter<ThreadPoolEvents>
}

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
  readonly openCalls: OpenCalls
  readonly broadcasts: Broadcasts
  readonly #waiting: WaitingCalls
  readonly #resting: RestingCalls
  readonly #ledger: Ledger
  readonly #clock: Clock
  readonly #events: Emitter<ThreadPoolEvents>
  readonly #lending: Lending
  readonly #lengths: CallLengths
  readonly #interruption: InterruptionPlan
  readonly #dispatchNow = (): void => this.#dispatch()
  readonly #dispatchLater = (): void => process.nextTick(this.#dispatchNow)
  #scheduled = false
  /** When this turn began to make calls: one look at the clock for all of them. */
  #turnAt = 0
  /** Whether there ever was a call with a priority, so that those sent ahead may have to wait. */
  #ranked = false
  #ended = false

  constructor(
    recipe: ThreadRecipe,
    limits: CrewLimits,
    interruption: InterruptionPlan,
    { ageingMs, recycling, clock, ledger, events }: DispatcherParts,
  ) {
    this.#waiting = new WaitingCalls(new Ranking(ageingMs))
    this.#clock = clock
    this.#ledger = ledger
    this.#events = events
    this.#lengths = recipe.lengths
    this.#interruption = interruption
    this.#resting = new RestingCalls(clock, (call) => this.onChange([call]))
    this.broadcasts = new Broadcasts(ledger, {
      threads: () => this.crew.roster.all(),
      watch: (call) => {
        call.queuedAt = clock.now()
        this.#watch(call)
      },
    })
    this.crew = new Crew(recipe, limits, { clock, recycling, events, owner: this })
    this.openCalls = new OpenCalls({
      waiting: this.#waiting,
      resting: this.#resting,
      broadcasts: this.broadcasts,
      roster: this.crew.roster,
    })
    this.#lending = new Lending(this.crew.roster, clock, () => this.#schedule())
    this.crew.growFor(0)
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
   * Fails every open call with `reason` and ends the threads.
   *
   * @returns The calls that had not begun, in order, and how many had.
   */
  terminate(reason: unknown): { unbegun: Call[]; interrupted: number } {
    this.#ended = true
    return this.openCalls.terminate(reason)
  }

  /** Ends the threads now. Nothing may be submitted any more. */
  async kill(): Promise<void> {
    this.#lending.close()
    await this.crew.kill()
  }

  /** Ends the threads once their calls have ended. Nothing may be submitted any more. */
  async end(): Promise<void> {
    this.#lending.close()
    await this.crew.end()
  }

  onThreadStart(threadId: number): void {
    // Now, because it is dealt calls at the end of this turn.
    for (const thread of this.crew.roster.ready()) {
      if (thread.threadId === threadId) this.broadcasts.replay(thread)
    }
    this.#events.emit('threadStart', { threadId })
  }

  onThreadExit(threadId: number, failure: Failure | undefined): void {
    const error =
      failure && new BrokenError('keep a thread', failure.problem, { cause: failure.cause })
    this.broadcasts.onThreadExit(threadId, failure)
    this.#events.emit('threadExit', { threadId, error })
  }

  onBegin(call: Call): void {
    call.watchTime(this.#clock, (reason) => this.#giveUp(call, reason))
  }

  onAnswers(): void {
    // With the last of all calls answered there is nothing to deal out.
    if (this.#ledger.open > 0) this.#schedule()
  }

  onChange(returned: readonly Call[]): void {
    // From the last to the first: then each has to pass none of the others.
    for (const call of returned.toReversed()) {
      if (!this.broadcasts.takeReturned(call)) this.#waiting.add(call)
    }
    this.#schedule()
  }

  onFailure(call: Call, reason: unknown): boolean {
    if (this.#ended || this.crew.failure !== undefined) return false
    return this.#resting.take(call, reason)
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
    this.crew.growFor(this.#ledger.open - this.broadcasts.size)
    this.broadcasts.sendUnsent()
    this.#waiting.place(this.crew.roster.active)
    if (this.#ranked) this.#recall()
    if (this.crew.failure === undefined) this.#handOut()
    else this.#failAll(this.crew.failure)
    if (!this.#waiting.hasFree) this.#lending.lend()
  }

  /** Takes back what was sent ahead and has to wait now, because a call came that goes before it. */
  #recall(): void {
    for (const thread of this.crew.roster.ready()) this.#waiting.recallFrom(thread)
    this.#waiting.place(this.crew.roster.active)
  }

  #handOut(): void {
    if (this.#sendLone()) return
    const hands = [...this.crew.roster.ready()].map((thread) => new Hand(thread))
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
    for (const thread of this.crew.roster.active) {
      if (thread.inFlight > 0 || thread.room === 0) continue
      this.#waiting.remove(call)
      if (!thread.send([call])) this.#schedule()
      return true
    }
    return false
  }

  #failAll({ problem, cause }: Failure): void {
    for (const call of this.#waiting.drain()) {
      call.reject(new BrokenError(`call "${call.request.name}"`, problem, { cause }))
    }
  }

  /** The caller's signal has aborted, or the call has run for too long. */
  #giveUp(call: Call, reason: unknown): void {
    if (!this.#waiting.remove(call)) this.#resting.remove(call)
    this.broadcasts.forget(call)
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
}
