import { BrokenError } from '@cupola/core'
import type { Emitter } from '@cupola/core/authoring'
import {
  Breaker,
  type Call,
  type Failure,
  type InterruptOutcome,
  type ThreadEnd,
  type ThreadOwner,
  type ThreadRecipe,
  type WorkerThread,
} from '@cupola/interruptible-worker/authoring'
import type { CrewLimits, CrewOwner, CrewParts } from './crew-owner.ts'
import { IdleReaper } from './idle-reaper.ts'
import type { RecycleReason, Recycling } from './recycling.ts'
import { Renewal } from './renewal.ts'
import { Roster, type RosterCounts } from './roster.ts'
import { SizeWaits } from './size-waits.ts'
import { ThreadStarter } from './thread-starter.ts'
import type { ThreadPoolEvents } from './thread-pool-events.ts'
import type { ThreadPoolStats } from './thread-pool-stats.ts'

/** The threads of one pool: who is started, who is called back, who may go. */
export class Crew implements ThreadOwner {
  /** The threads, as they are now. Nobody else moves them. */
  readonly roster: Roster = new Roster()
  readonly #owner: CrewOwner
  readonly #events: Emitter<ThreadPoolEvents>
  readonly #breaker: Breaker
  readonly #starter: ThreadStarter
  readonly #reaper: IdleReaper
  readonly #sizeWaits = new SizeWaits()
  readonly #renewal: Renewal | undefined
  #limits: CrewLimits
  /** What the event `broken` last told. */
  #told: Failure | undefined
  readonly #interrupted = { idle: 0, signal: 0, checkpoint: 0, execution: 0, thread: 0 }
  #hasInspector = true
  #ended = false

  constructor(
    recipe: ThreadRecipe,
    limits: CrewLimits,
    { clock, recycling, events, owner }: CrewParts,
  ) {
    this.#limits = limits
    this.#owner = owner
    this.#events = events
    this.#renewal = recycling && this.#renewalBy(recycling)
    this.#breaker = new Breaker(clock, () => this.#onRetry())
    this.#starter = new ThreadStarter(
      { ...recipe, mostCalls: recycling?.calls },
      { clock, breaker: this.#breaker, roster: this.roster, owner: this },
    )
    this.#reaper = new IdleReaper(
      clock,
      () => this.#dispensable(),
      (thread) => this.#dismiss(thread),
    )
  }

  /** The limits in force. */
  get limits(): CrewLimits {
    return this.#limits
  }

  /** Why no call can be run any more: threads cannot be started, and none is left. */
  get failure(): Failure | undefined {
    return this.roster.active.size === 0 ? this.#breaker.failure : undefined
  }

  /** Counts, in O(threads). */
  get counts(): CrewCounts {
    return {
      ...this.roster.counts,
      recycled: this.#renewal?.recycled ?? 0,
      interrupted: Object.freeze({ ...this.#interrupted }),
      executionTerminable: this.#hasInspector,
    }
  }

  /** Starts threads until there are enough for so many calls at once, within the limits. */
  growFor(calls: number): void {
    const wanted = Math.min(Math.max(calls, this.#kept), this.#limits.maxThreads)
    while (this.roster.active.size < wanted && !this.#ended) {
      const leaving = this.roster.firstLeaving
      if (leaving !== undefined) this.#recall(leaving)
      else if (this.#starter.start() === undefined) break
    }
    this.#tellIfBroken()
  }

  /**
   * Sets the limits, and forgets why threads could not be started. Resolves when the limits are
   * reached, rejects if threads cannot be started.
   */
  resize(limits: CrewLimits): Promise<void> {
    this.#limits = limits
    this.#breaker.reset()
    const excess = this.roster.active.size - limits.maxThreads
    const byLoad = [...this.roster.active].sort((a, b) => a.inFlight - b.inFlight)
    for (const thread of byLoad.slice(0, Math.max(excess, 0))) this.#dismiss(thread)
    this.growFor(0)
    this.#reaper.close()
    this.#watchIdleness()
    const reached = this.#sizeWaits.add()
    this.#checkSize()
    return reached
  }

  /** Starts threads until there are so many, within the limits. Resolves when they are ready. */
  warmUp(threads: number): Promise<void> {
    const reached = this.#sizeWaits.add(threads)
    this.growFor(0)
    this.#checkSize()
    return reached
  }

  /** Ends all threads once their calls have ended; nothing is started any more. */
  async end(): Promise<void> {
    this.#ended = true
    this.#reaper.close()
    this.#breaker.close()
    this.#renewal?.close()
    for (const thread of [...this.roster.active]) this.#dismiss(thread)
    this.#sizeWaits.close()
    await this.roster.exited()
  }

  /** Ends all threads now. */
  async kill(): Promise<void> {
    this.#ended = true
    this.#renewal?.close()
    for (const thread of this.roster.all()) thread.kill()
    await this.end()
  }

  onReady(thread: WorkerThread): void {
    this.#breaker.loaded()
    this.#renewal?.onReady(thread)
    this.#checkSize()
    this.#watchIdleness()
    this.#owner.onChange([])
    this.#owner.onThreadStart(thread.threadId)
  }

  onBegin(call: Call): void {
    this.#owner.onBegin(call)
  }

  onAnswers(thread: WorkerThread): void {
    const tenure = this.roster.tenureOf(thread)
    if (tenure !== undefined) {
      this.#breaker.worked(tenure)
      this.#renewal?.onAnswers(thread, tenure)
    }
    this.#watchIdleness()
    this.#owner.onAnswers()
  }

  onInterrupted(thread: WorkerThread, call: Call, outcome: InterruptOutcome): void {
    this.#interrupted[outcome.stage]++
    const { threadId } = thread
    this.#events.emit('interrupt', { threadId, name: call.request.name, ...outcome })
  }

  onNoInspector(): void {
    this.#hasInspector = false
  }

  onGone(thread: WorkerThread, end: ThreadEnd): void {
    this.roster.remove(thread, end.failure)
    const order = this.roster.tenureOf(thread)?.order ?? 0
    const isLast = this.roster.active.size === 0
    this.#breaker.gone(end, { order, started: this.roster.started, isLast })
    this.#renewal?.onGone(thread)
    this.#checkSize()
    this.#owner.onChange(end.unbegun)
    this.#owner.onThreadExit(thread.threadId, end.failure)
    this.#tellIfBroken()
  }

  /** So many threads are there even without calls. */
  get #kept(): number {
    return Math.max(this.#limits.minThreads, this.#sizeWaits.wanted)
  }

  #dismiss(thread: WorkerThread): void {
    if (this.roster.dismiss(thread)) this.#letGo(thread)
  }

  #retire(thread: WorkerThread, reason: RecycleReason): void {
    this.roster.retire(thread)
    this.#events.emit('recycle', { threadId: thread.threadId, reason })
    this.#letGo(thread)
  }

  /** It ends after the call it is running; those behind that go to other threads. */
  #letGo(thread: WorkerThread): void {
    this.#owner.onChange(thread.takeBackNewest())
    thread.leave()
  }

  /** Rather than a new thread beside it, which would be one too many. */
  #recall(thread: WorkerThread): void {
    this.roster.recall(thread)
    thread.stay()
  }

  #renewalBy(recycling: Recycling): Renewal {
    return new Renewal(recycling, this.roster, {
      kept: () => this.#kept,
      maxThreads: () => this.#limits.maxThreads,
      start: () => this.#starter.start(),
      dismiss: (thread) => this.#dismiss(thread),
      retire: (thread, reason) => this.#retire(thread, reason),
    })
  }

  #onRetry(): void {
    this.growFor(0)
    this.#renewal?.review()
    this.#owner.onChange([])
  }

  #tellIfBroken(): void {
    const { failure } = this
    if (failure === undefined || failure === this.#told) return
    this.#told = failure
    const { problem, cause } = failure
    this.#events.emit('broken', { error: new BrokenError('start threads', problem, { cause }) })
  }

  #checkSize(): void {
    const ready = [...this.roster.ready()].length
    const { failure } = this.#breaker
    this.#sizeWaits.check({ ready, threads: this.roster.all().length, ...this.#limits, failure })
  }

  #watchIdleness(): void {
    if (!this.#ended) this.#reaper.watch(this.#limits.idleTimeoutMs)
  }

  /** The threads without calls, if there are more than need be. */
  #dispensable(): WorkerThread[] {
    if (this.roster.active.size <= this.#kept) return []
    return [...this.roster.ready()].filter((thread) => thread.inFlight === 0)
  }
}

/** What a crew can count. */
export type CrewCounts = RosterCounts &
  Pick<ThreadPoolStats, 'recycled' | 'interrupted' | 'executionTerminable'>
