import { BrokenError, type Clock, type Timer } from '@cupola/core'
import { Deferred } from '@cupola/core/authoring'
import type { Call } from './call.ts'
import {
  type Failure,
  PoolThread,
  type ThreadEnd,
  type ThreadOwner,
  type ThreadRecipe,
} from './pool-thread.ts'

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
  /** There is room for calls, or no more hope for them. `returned` were not begun, and are next. */
  onChange(returned: readonly Call[]): void
}

/**
 * So many threads in a row may die without having answered a single call before the crew stops
 * replacing them: a module that crashes a moment after it has loaded would be loaded for ever.
 */
const BARREN_DEATHS = 3

/** The threads of one pool: who is started, who is replaced, who may go. */
export class Crew implements ThreadOwner {
  readonly #recipe: ThreadRecipe
  readonly #owner: CrewOwner
  readonly #clock: Clock
  /** Starting or ready: those that count for the limits. */
  readonly #active = new Set<PoolThread>()
  /** On their last call. */
  readonly #leaving = new Set<PoolThread>()
  /** Gone or not, their bodies have not ended. */
  readonly #bodies = new Set<PoolThread>()
  #limits: CrewLimits
  #failure: Failure | undefined
  #barrenDeaths = 0
  #started = 0
  #crashed = 0
  #lost = 0
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
    return this.#active.size === 0 ? this.#failure : undefined
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
    }
  }

  /** The threads that take calls. */
  *ready(): Generator<PoolThread> {
    for (const thread of this.#active) if (thread.state === 'ready') yield thread
  }

  /** Every thread that may have calls. */
  all(): PoolThread[] {
    return [...this.#active, ...this.#leaving]
  }

  /** Starts threads until there are enough for so many calls at once, within the limits. */
  growFor(calls: number): void {
    const { minThreads, maxThreads } = this.#limits
    const wanted = Math.min(Math.max(calls, minThreads), maxThreads)
    while (this.#active.size < wanted && this.#failure === undefined && !this.#ended) this.#start()
  }

  /** Sets the size limits. Resolves when they are reached, rejects if threads cannot be started. */
  resize(size: Pick<CrewLimits, 'minThreads' | 'maxThreads'>): Promise<void> {
    this.#limits = { ...this.#limits, ...size }
    const excess = this.#active.size - size.maxThreads
    const byLoad = [...this.#active].sort((a, b) => a.inFlight - b.inFlight)
    for (const thread of byLoad.slice(0, Math.max(excess, 0))) this.#dismiss(thread)
    this.growFor(0)
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
    await Promise.all([...this.#bodies].map((thread) => thread.exited))
    this.#checkSize()
  }

  /** Ends all threads now. */
  kill(): Promise<void> {
    this.#ended = true
    for (const thread of this.all()) thread.kill('the thread pool was terminated')
    return this.end()
  }

  onReady(thread: PoolThread): void {
    this.#owner.onThreadStart(thread.threadId)
    this.#checkSize()
    this.#watchIdleness()
    this.#owner.onChange([])
  }

  onBegin(call: Call): void {
    this.#owner.onBegin(call)
  }

  onAnswers(): void {
    this.#barrenDeaths = 0
    this.#owner.onChange([])
  }

  onGone(thread: PoolThread, { unbegun, failure, unloaded }: ThreadEnd): void {
    this.#active.delete(thread)
    this.#leaving.delete(thread)
    if (failure !== undefined) this.#mourn(failure, unloaded)
    this.#owner.onThreadExit(thread.threadId, failure)
    this.#checkSize()
    this.#owner.onChange(unbegun)
  }

  #start(): void {
    let thread: PoolThread
    try {
      thread = new PoolThread(this.#recipe, this, this.#clock)
    } catch (cause) {
      this.#failure = { problem: 'no thread can be started', cause }
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

  #dismiss(thread: PoolThread): void {
    this.#active.delete(thread)
    this.#leaving.add(thread)
    const unbegun = thread.leave()
    if (unbegun.length > 0) this.#owner.onChange(unbegun)
  }

  /** Decides whether it makes sense to start another. */
  #mourn(failure: Failure, unloaded: boolean): void {
    this.#crashed++
    if (unloaded || ++this.#barrenDeaths >= BARREN_DEATHS) this.#failure = failure
  }

  #checkSize(): void {
    if (this.#resized === undefined) return
    const { minThreads } = this.#limits
    const ready = [...this.ready()].length
    if (this.#failure !== undefined && ready < minThreads)
      this.#resized.reject(
        new BrokenError('resize the thread pool', this.#failure.problem, this.#failure),
      )
    else if (!this.#ended && (this.#leaving.size > 0 || ready < minThreads)) return
    this.#resized.resolve()
    this.#resized = undefined
  }

  /** One timer for all threads, and only while there are more than need be. */
  #watchIdleness(delayMs = this.#limits.idleTimeoutMs): void {
    if (this.#reaper !== undefined || this.#active.size <= this.#limits.minThreads) return
    this.#reaper = this.#clock.setTimer(() => this.#reap(), delayMs)
    this.#reaper.unref()
  }

  #reap(): void {
    this.#reaper = undefined
    const { minThreads, idleTimeoutMs } = this.#limits
    const idle = [...this.ready()].filter((thread) => thread.inFlight === 0)
    for (const thread of idle) {
      if (this.#active.size <= minThreads) return
      if (thread.quietMs >= idleTimeoutMs) this.#dismiss(thread)
    }
    const nextMs = idle.map((thread) => idleTimeoutMs - thread.quietMs).filter((ms) => ms > 0)
    this.#watchIdleness(Math.min(idleTimeoutMs, ...nextMs))
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
}
