import { AsyncResource } from 'node:async_hooks'
import type { Clock } from '@cupola/core'
import {
  Breaker,
  type Call,
  type Failure,
  findNesting,
  type InterruptOutcome,
  type ThreadEnd,
  type ThreadOwner,
  type ThreadRecipe,
  WorkerThread,
} from '@cupola/interruptible-worker/authoring'
import { IdleReaper } from './idle-reaper.ts'
import type { RecycleReason, Recycling } from './recycling.ts'
import { SizeWaits } from './size-waits.ts'
import type { Tenure } from './tenure.ts'
import type { ThreadStats } from './thread-pool-stats.ts'

/** How many threads there may be, and for how long one without calls is kept. */
export interface CrewLimits {
  readonly minThreads: number
  readonly maxThreads: number
  readonly idleTimeoutMs: number
}

/** Whom the crew tells what happens to its threads. */
export interface CrewOwner {
  /** A thread takes calls. */
  onThreadStart(threadId: number): void
  /** A thread is gone. */
  onThreadExit(threadId: number, failure: Failure | undefined): void
  /** A thread has served long enough and goes. */
  onRecycle(threadId: number, reason: RecycleReason): void
  /** No thread is left, and none is started any more. */
  onBroken(failure: Failure): void
  /** A call begins whose time is to be measured. */
  onBegin(call: Call): void
  /** A call was interrupted while it ran, and this is what came of it. */
  onInterrupted(threadId: number, call: Call, outcome: InterruptOutcome): void
  /** A thread has answered calls: there is room. */
  onAnswers(): void
  /** There is room for calls, or no more hope for them. `returned` were not begun, and are next. */
  onChange(returned: readonly Call[]): void
}

/** The threads of one pool: who is started, who is replaced, who may go. */
export class Crew implements ThreadOwner {
  readonly #recipe: ThreadRecipe
  readonly #owner: CrewOwner
  readonly #clock: Clock
  /** Starting or ready: those that count for the limits. */
  readonly #active = new Set<WorkerThread>()
  /** On their last call, because there are too many. */
  readonly #leaving = new Set<WorkerThread>()
  /** On their last call, because they have served long enough. */
  readonly #retired = new Set<WorkerThread>()
  /** Gone or not, their bodies have not ended. */
  readonly #tenures = new Map<WorkerThread, Tenure>()
  /** Threads and what they tell belong to the pool, not to the call that led to their start. */
  readonly #context = new AsyncResource('ThreadPool')
  readonly #breaker: Breaker
  readonly #reaper: IdleReaper
  readonly #sizeWaits = new SizeWaits()
  readonly #recycling: Recycling | undefined
  #limits: CrewLimits
  /** When it is ready, a thread that has served long enough goes. There is one beyond the limit then. */
  #successor: WorkerThread | undefined
  /** What {@link CrewOwner.onBroken} was last told. */
  #told: Failure | undefined
  #started = 0
  #most = 0
  #recycled = 0
  #crashed = 0
  #lost = 0
  readonly #interrupted = { idle: 0, signal: 0, checkpoint: 0, execution: 0, thread: 0 }
  #hasInspector = true
  #ended = false

  constructor(
    recipe: ThreadRecipe,
    limits: CrewLimits,
    {
      clock,
      recycling,
      owner,
    }: Readonly<{ clock: Clock; recycling: Recycling | undefined; owner: CrewOwner }>,
  ) {
    this.#recipe = { ...recipe, mostCalls: recycling?.calls }
    this.#limits = limits
    this.#clock = clock
    this.#owner = owner
    this.#recycling = recycling
    this.#breaker = new Breaker(clock, () => this.#onRetry())
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
    return this.#active.size === 0 ? this.#breaker.failure : undefined
  }

  /** Counts, in O(threads). */
  get counts(): CrewCounts {
    const threads = this.all()
    const starting = threads.filter((thread) => thread.state === 'starting').length
    const working = threads.filter((thread) => thread.inFlight > 0).length
    return {
      threads: threads.length,
      starting,
      working,
      idle: threads.length - starting - working,
      mostThreads: this.#most,
      started: this.#started,
      recycled: this.#recycled,
      crashed: this.#crashed,
      lost: this.#lost,
      interrupted: Object.freeze({ ...this.#interrupted }),
      executionTerminable: this.#hasInspector,
    }
  }

  /** Every thread that may have calls, in the order they were started. */
  threadStats(): ThreadStats[] {
    const all = [...this.#tenures].filter(([thread]) => thread.state !== 'gone')
    return all.map(([thread, { startedAt, heapBytes }]) => {
      const { threadId, state, inFlight: calls, callsDone, utilization } = thread
      const ageMs = this.#clock.now() - startedAt
      return Object.freeze({ threadId, state, calls, callsDone, ageMs, utilization, heapBytes })
    })
  }

  /** The threads that take calls, or will when they have loaded the worker module. */
  active(): Iterable<WorkerThread> {
    return this.#active
  }

  /** The threads that take calls. */
  *ready(): Generator<WorkerThread> {
    for (const thread of this.#active) if (thread.state === 'ready') yield thread
  }

  /** Every thread that may have calls. */
  all(): WorkerThread[] {
    return [...this.#active, ...this.#leaving, ...this.#retired]
  }

  /** Starts threads until there are enough for so many calls at once, within the limits. */
  growFor(calls: number): void {
    const wanted = Math.min(Math.max(calls, this.#kept), this.#limits.maxThreads)
    while (this.#active.size < wanted && !this.#ended) {
      const [leaving] = this.#leaving
      if (leaving !== undefined) this.#recall(leaving)
      else if (this.#breaker.allowsStart) this.#start()
      else break
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
    const excess = this.#active.size - limits.maxThreads
    const byLoad = [...this.#active].sort((a, b) => a.inFlight - b.inFlight)
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
    this.#recycling?.close()
    for (const thread of [...this.#active]) this.#dismiss(thread)
    this.#sizeWaits.close()
    await Promise.all([...this.#tenures.keys()].map((thread) => thread.exited))
  }

  /** Ends all threads now. */
  async kill(): Promise<void> {
    this.#ended = true
    for (const thread of this.all()) thread.kill()
    await this.end()
  }

  onReady(thread: WorkerThread): void {
    this.#breaker.loaded()
    if (thread === this.#successor) this.#onSuccessor(thread)
    this.#renew()
    this.#checkSize()
    this.#watchIdleness()
    this.#owner.onChange([])
    this.#owner.onThreadStart(thread.threadId)
  }

  onBegin(call: Call): void {
    this.#owner.onBegin(call)
  }

  onAnswers(thread: WorkerThread): void {
    const tenure = this.#tenures.get(thread)
    if (tenure !== undefined) {
      this.#breaker.worked(tenure)
      if (this.#recycling !== undefined) this.#review(thread, tenure, this.#recycling)
    }
    this.#watchIdleness()
    this.#owner.onAnswers()
  }

  onInterrupted(thread: WorkerThread, call: Call, outcome: InterruptOutcome): void {
    this.#interrupted[outcome.stage]++
    this.#owner.onInterrupted(thread.threadId, call, outcome)
  }

  onNoInspector(): void {
    this.#hasInspector = false
  }

  onGone(thread: WorkerThread, end: ThreadEnd): void {
    this.#active.delete(thread)
    this.#leaving.delete(thread)
    this.#retired.delete(thread)
    if (thread === this.#successor) this.#successor = undefined
    if (end.failure !== undefined) this.#crashed++
    const order = this.#tenures.get(thread)?.order ?? 0
    const isLast = this.#active.size === 0
    this.#breaker.gone(end, { order, started: this.#started, isLast })
    this.#renew()
    this.#checkSize()
    this.#owner.onChange(end.unbegun)
    this.#owner.onThreadExit(thread.threadId, end.failure)
    this.#tellIfBroken()
  }

  /** So many threads are there even without calls. */
  get #kept(): number {
    return Math.max(this.#limits.minThreads, this.#sizeWaits.wanted)
  }

  #start(): WorkerThread | undefined {
    const order = this.#started
    const nesting = findNesting(this.#recipe.moduleUrl)
    if (nesting !== undefined) {
      this.#breaker.cannotStart(nesting, order)
      return undefined
    }
    try {
      const thread = this.#context.runInAsyncScope(
        () => new WorkerThread(this.#recipe, this, this.#clock),
      )
      this.#started++
      this.#enroll(thread, order)
      return thread
    } catch (cause) {
      this.#breaker.cannotStart({ problem: 'no thread can be started', cause }, order)
      return undefined
    }
  }

  #enroll(thread: WorkerThread, order: number): void {
    const startedAt = this.#clock.now()
    this.#active.add(thread)
    this.#tenures.set(thread, { order, startedAt, measuredAt: startedAt, heapBytes: undefined })
    this.#most = Math.max(this.#most, this.all().length)
    void thread.exited.then((ended) => {
      if (!ended) this.#lost++
      this.#tenures.delete(thread)
    })
  }

  #dismiss(thread: WorkerThread): void {
    if (!this.#active.delete(thread)) return
    this.#leaving.add(thread)
    this.#owner.onChange(thread.takeBackNewest())
    thread.leave()
  }

  /** Rather than a new thread beside it, which would be one too many. */
  #recall(thread: WorkerThread): void {
    this.#leaving.delete(thread)
    this.#active.add(thread)
    thread.stay()
  }

  #review(thread: WorkerThread, tenure: Tenure, recycling: Recycling): void {
    this.#renew()
    recycling.measure(thread, tenure, () => this.#renew())
  }

  /** Sees to it that threads which have served long enough go, one at a time if that can wait. */
  #renew(): void {
    const recycling = this.#recycling
    if (recycling === undefined || this.#ended) return
    for (const thread of this.ready()) if (recycling.isSpent(thread)) this.#retire(thread)
    recycling.watchAges(this.#activeTenures(), () => this.#renew())
    const due = this.#due()
    if (due === undefined || this.#successor !== undefined) return
    if (this.#isNeeded(due)) this.#successor = this.#breaker.allowsStart ? this.#start() : undefined
    else this.#retire(due)
  }

  #onSuccessor(successor: WorkerThread): void {
    this.#successor = undefined
    const due = this.#due()
    if (due !== undefined) this.#retire(due)
    // It went by itself meanwhile, or the limit was lowered.
    else if (this.#active.size > this.#limits.maxThreads) this.#dismiss(successor)
  }

  /** The first of the ready threads that has served long enough. */
  #due(): WorkerThread | undefined {
    return [...this.ready()].find((thread) => this.#reasonFor(thread) !== undefined)
  }

  #reasonFor(thread: WorkerThread): RecycleReason | undefined {
    const tenure = this.#tenures.get(thread)
    return tenure && this.#recycling?.reasonFor(thread, tenure)
  }

  /** Whether there should be another in its place at once. */
  #isNeeded(thread: WorkerThread): boolean {
    return this.#active.size <= this.#kept || thread.inFlight > 0
  }

  *#activeTenures(): Generator<Tenure> {
    for (const thread of this.#active) {
      const tenure = this.#tenures.get(thread)
      if (tenure !== undefined) yield tenure
    }
  }

  #retire(thread: WorkerThread): void {
    const reason = this.#reasonFor(thread) ?? 'calls'
    this.#active.delete(thread)
    this.#retired.add(thread)
    this.#recycled++
    this.#owner.onRecycle(thread.threadId, reason)
    this.#owner.onChange(thread.takeBackNewest())
    thread.leave()
  }

  #onRetry(): void {
    this.growFor(0)
    this.#renew()
    this.#owner.onChange([])
  }

  #tellIfBroken(): void {
    const { failure } = this
    if (failure === undefined || failure === this.#told) return
    this.#told = failure
    this.#owner.onBroken(failure)
  }

  #checkSize(): void {
    const ready = [...this.ready()].length
    const { failure } = this.#breaker
    this.#sizeWaits.check({ ready, threads: this.all().length, ...this.#limits, failure })
  }

  #watchIdleness(): void {
    if (!this.#ended) this.#reaper.watch(this.#limits.idleTimeoutMs)
  }

  /** The threads without calls, if there are more than need be. */
  #dispensable(): WorkerThread[] {
    if (this.#active.size <= this.#kept) return []
    return [...this.ready()].filter((thread) => thread.inFlight === 0)
  }
}

/** What a crew consists of, and what became of those before. */
export interface CrewCounts {
  readonly threads: number
  readonly starting: number
  readonly working: number
  readonly idle: number
  readonly mostThreads: number
  readonly started: number
  readonly recycled: number
  readonly crashed: number
  readonly lost: number
  readonly interrupted: Readonly<Record<InterruptOutcome['stage'], number>>
  readonly executionTerminable: boolean
}
