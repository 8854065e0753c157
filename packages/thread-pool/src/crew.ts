import { AsyncResource } from 'node:async_hooks'
import { BrokenError, type Clock, ClosedError, type Timer } from '@cupola/core'
import { Deferred } from '@cupola/core/authoring'
import {
  type Call,
  type Failure,
  type InterruptOutcome,
  Outlook,
  type ThreadEnd,
  type ThreadOwner,
  type ThreadRecipe,
  WorkerThread,
} from '@cupola/interruptible-worker/authoring'

/** How many threads there may be, and for how long one without calls is kept. */
export interface CrewLimits {
  readonly minThreads: number
  readonly maxThreads: number
  readonly idleTimeoutMs: number
}

/** Whom the crew tells what happens to its threads. */
export interface CrewOwner {
  onThreadStart(threadId: number): void
  onThreadExit(threadId: number, failure: Failure | undefined): void
  /** A call begins whose time is to be measured. */
  onBegin(call: Call): void
  /** A call was interrupted while it ran, and this is what came of it. */
  onInterrupted(threadId: number, call: Call, outcome: InterruptOutcome): void
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
  /** On their last call. */
  readonly #leaving = new Set<WorkerThread>()
  /** Gone or not, their bodies have not ended. */
  readonly #bodies = new Set<WorkerThread>()
  /** Threads and what they tell belong to the pool, not to the call that led to their start. */
  readonly #context = new AsyncResource('ThreadPool')
  #limits: CrewLimits
  readonly #outlook = new Outlook()
  #started = 0
  #crashed = 0
  #lost = 0
  readonly #interrupted = { idle: 0, signal: 0, checkpoint: 0, execution: 0, thread: 0 }
  #hasInspector = true
  #ended = false
  #reaper: Timer | undefined
  #resized: Deferred<void> | undefined

  constructor(recipe: ThreadRecipe, limits: CrewLimits, clock: Clock, owner: CrewOwner) {
    this.#recipe = recipe
    this.#limits = limits
    this.#clock = clock
    this.#owner = owner
  }

  /** The limits in force. */
  get limits(): CrewLimits {
    return this.#limits
  }

  /** Why no call can be run any more: threads cannot be started, and none is left. */
  get failure(): Failure | undefined {
    return this.#active.size === 0 ? this.#outlook.failure : undefined
  }

  /** Counts, in O(threads). */
  get counts(): CrewCounts {
    const threads = [...this.#active, ...this.#leaving]
    const starting = threads.filter((thread) => thread.state === 'starting').length
    const working = threads.filter((thread) => thread.inFlight > 0).length
    return {
      threads: threads.length,
      starting,
      working,
      idle: threads.length - starting - working,
      started: this.#started,
      crashed: this.#crashed,
      lost: this.#lost,
      interrupted: Object.freeze({ ...this.#interrupted }),
      executionTerminable: this.#hasInspector,
    }
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
    return [...this.#active, ...this.#leaving]
  }

  /** Starts threads until there are enough for so many calls at once, within the limits. */
  growFor(calls: number): void {
    const { minThreads, maxThreads } = this.#limits
    const wanted = Math.min(Math.max(calls, minThreads), maxThreads)
    while (this.#active.size < wanted && this.#outlook.failure === undefined && !this.#ended) {
      const [leaving] = this.#leaving
      if (leaving === undefined) this.#context.runInAsyncScope(() => this.#start())
      else this.#recall(leaving)
    }
  }

  /** Sets the size limits. Resolves when they are reached, rejects if threads cannot be started. */
  resize(size: Pick<CrewLimits, 'minThreads' | 'maxThreads'>): Promise<void> {
    this.#limits = { ...this.#limits, ...size }
    const excess = this.#active.size - size.maxThreads
    const byLoad = [...this.#active].sort((a, b) => a.inFlight - b.inFlight)
    for (const thread of byLoad.slice(0, Math.max(excess, 0))) this.#dismiss(thread)
    this.growFor(0)
    this.#watchIdleness()
    this.#resized ??= new Deferred()
    const { promise } = this.#resized
    this.#checkSize()
    return promise
  }

  /** Ends all threads once their calls have ended; nothing is started any more. */
  async end(): Promise<void> {
    this.#ended = true
    this.#reaper?.cancel()
    for (const thread of [...this.#active]) this.#dismiss(thread)
    this.#resized?.reject(new ClosedError('resize', 'the thread pool'))
    await Promise.all([...this.#bodies].map((thread) => thread.exited))
  }

  /** Ends all threads now. */
  async kill(): Promise<void> {
    this.#ended = true
    for (const thread of this.all()) thread.kill()
    await this.end()
  }

  onReady(thread: WorkerThread): void {
    this.#checkSize()
    this.#watchIdleness()
    this.#owner.onChange([])
    this.#owner.onThreadStart(thread.threadId)
  }

  onBegin(call: Call): void {
    this.#owner.onBegin(call)
  }

  onAnswers(): void {
    this.#outlook.answered()
    this.#watchIdleness()
    this.#owner.onChange([])
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
    if (end.failure !== undefined) this.#crashed++
    this.#outlook.gone(end, this.#active.size === 0)
    this.#checkSize()
    this.#owner.onChange(end.unbegun)
    this.#owner.onThreadExit(thread.threadId, end.failure)
  }

  #start(): void {
    let thread: WorkerThread
    try {
      thread = new WorkerThread(this.#recipe, this, this.#clock)
    } catch (cause) {
      this.#outlook.cannotStart(cause)
      return
    }
    this.#started++
    this.#active.add(thread)
    this.#bodies.add(thread)
    void thread.exited.then((ended) => {
      if (!ended) this.#lost++
      this.#bodies.delete(thread)
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

  #checkSize(): void {
    if (this.#resized === undefined) return
    const ready = [...this.ready()].length
    if (ready >= this.#limits.minThreads) {
      if (this.#leaving.size > 0) return
      this.#resized.resolve()
    } else {
      const { failure } = this.#outlook
      if (failure === undefined) return
      const { problem, cause } = failure
      this.#resized.reject(new BrokenError('resize the thread pool', problem, { cause }))
    }
    this.#resized = undefined
  }

  /**
   * One timer for all threads, and only while there are more than need be and one of them is idle:
   * one that has calls sets it again when it has answered them.
   */
  #watchIdleness(): void {
    if (this.#reaper !== undefined || this.#ended) return
    const { minThreads, idleTimeoutMs } = this.#limits
    if (this.#active.size <= minThreads) return
    const waits = this.#idle().map((thread) => Math.max(idleTimeoutMs - thread.quietMs, 0))
    if (waits.length === 0) return
    this.#reaper = this.#clock.setTimer(() => this.#reap(), Math.min(...waits))
    this.#reaper.unref()
  }

  #reap(): void {
    this.#reaper = undefined
    const { minThreads, idleTimeoutMs } = this.#limits
    for (const thread of this.#idle()) {
      if (this.#active.size > minThreads && thread.quietMs >= idleTimeoutMs) this.#dismiss(thread)
    }
    this.#watchIdleness()
  }

  #idle(): WorkerThread[] {
    return [...this.ready()].filter((thread) => thread.inFlight === 0)
  }
}

/** What a crew consists of, and what became of those before. */
export interface CrewCounts {
  readonly threads: number
  readonly starting: number
  readonly working: number
  readonly idle: number
  readonly started: number
  readonly crashed: number
  readonly lost: number
  readonly interrupted: Readonly<Record<InterruptOutcome['stage'], number>>
  readonly executionTerminable: boolean
}
