import { AsyncResource } from 'node:async_hooks'
import { Admission, type WhenFull } from './admission.ts'
import type { Clock } from '@cupola/core'
import { Deferred, type Emitter } from '@cupola/core/authoring'
import type { ExecutorEvents } from './executor-events.ts'
import { Lane } from './lane.ts'
import { type RateLimit, TokenBucket } from './rate-limit.ts'
import type { RepeatingTask } from './repeating-task.ts'
import type { ScheduledTask } from './scheduled-task.ts'
import { SerialLines } from './serial-lines.ts'
import type { Settlement } from './settlement.ts'
import type { Failure, Slot } from './slot.ts'
import { Slots } from './slots.ts'
import { Starter } from './starter.ts'
import { Timers } from './timers.ts'
import { WaitLimits } from './wait-limits.ts'
import { WallWatch } from './wall-watch.ts'

/** What an engine is made of. */
export interface EngineOptions {
  readonly delayConcurrency: number
  readonly queueConcurrency: number
  readonly ageingMs: number
  readonly queueCapacity: number
  readonly whenFull: WhenFull
  readonly rate: RateLimit | undefined
  readonly clock: Clock
  readonly random: () => number
  readonly events: Emitter<ExecutorEvents>
}

/**
 * Moves tasks from one state to the next. Everything that changes the state of a
 * {@link ScheduledTask} is here; where it stands meanwhile is known to the timers, lanes and lines.
 *
 * Whatever calls the program may be answered by it with a call of any method: after that, a task may
 * be over that was not before.
 */
export class Engine {
  readonly clock: Clock
  readonly timers: Timers
  readonly events: Emitter<ExecutorEvents>
  readonly random: () => number
  readonly delayLane: Lane
  readonly queueLane: Lane
  readonly lines: SerialLines = new SerialLines()
  readonly slots: Slots = new Slots(this)
  readonly starter: Starter
  readonly repeating: Set<RepeatingTask> = new Set()
  readonly wallWatch: WallWatch
  readonly admission: Admission
  readonly #waitLimits = new WaitLimits(this)
  readonly counts: Record<'done' | 'failed' | 'cancelled', number> = {
    done: 0,
    failed: 0,
    cancelled: 0,
  }
  /** The context of whoever made the executor, for what is no one task's business. */
  readonly #context = new AsyncResource('Cupola.Executor')
  /** Tasks that are not over, or whose functions have not settled. A run of a task is part of it. */
  #open = 0
  #drained: Deferred<void> | undefined

  constructor(options: EngineOptions) {
    const { clock, events, delayConcurrency, queueConcurrency, ageingMs, rate } = options
    const { queueCapacity, whenFull } = options
    this.clock = clock
    this.events = events
    this.random = options.random
    this.timers = new Timers(clock)
    this.wallWatch = new WallWatch(clock, this.timers)
    this.delayLane = new Lane(this, delayConcurrency, ageingMs)
    this.queueLane = new Lane(this, queueConcurrency, ageingMs)
    this.admission = new Admission(this, queueCapacity, whenFull)
    const bucket = rate && new TokenBucket(rate, this.timers, () => this.starter.refilled())
    const lanes = [this.delayLane, this.queueLane] as const
    this.starter = new Starter(clock, lanes, bucket, (task) => this.#start(task))
  }

  /** How many tasks there are that have to come to their end. */
  get open(): number {
    return this.#open
  }

  /** A task more. */
  opened(): void {
    this.#open++
  }

  /** One less. */
  closed(): void {
    this.#open--
    if (this.#open > 0) return
    this.#drained?.resolve()
    this.#drained = undefined
    if (!this.events.has('idle')) return
    this.#context.runInAsyncScope(() => this.events.emit('idle', { ...this.counts }))
  }

  /** Resolves when there is no open task. */
  async whenDrained(): Promise<void> {
    // A repeating task that is not over yet may be so at the end of this call.
    this.#drained = new Deferred()
    if (this.#open === 0) this.#drained.resolve()
    await this.#drained.promise
  }

  /** Takes a task on, for later. */
  accept(task: ScheduledTask, delayMs: number): void {
    this.opened()
    this.#delay(task, delayMs)
  }

  /** Takes a task on, for now. */
  acceptNow(task: ScheduledTask): void {
    this.opened()
    this.queue(task)
  }

  /** The moment of a task has come. */
  queue(task: ScheduledTask): void {
    task.state = 'queued'
    this.#waitLimits.add(task)
    if (this.lines.enter(task)) this.#line(task)
  }

  /** There may be more room than before. */
  resized(): void {
    for (const lane of [this.delayLane, this.queueLane]) this.starter.ask(lane)
    this.admission.serve()
  }

  /** Who has to go if somebody has to; of those whose turn among their key it is not only if need be. */
  leastUrgent(isNewest: boolean): ScheduledTask | undefined {
    const task = this.queueLane.leastUrgent(isNewest)
    if (task !== undefined) return task
    const behind = this.lines.waiting.filter(({ terms }) => terms.level.lane === this.queueLane)
    const sign = isNewest ? -1 : 1
    return behind.toSorted(
      (one, other) =>
        one.terms.level.urgency - other.terms.level.urgency || sign * (one.order - other.order),
    )[0]
  }

  /** A task was not begun in time. */
  waitedTooLong(task: ScheduledTask, error: unknown): void {
    this.#pull(task)
    this.#settle(task, 'failed', error)
    this.#finish(task)
    this.admission.serve()
  }

  /** A run has taken longer than it may. It keeps its slot all the same. */
  timedOut(slot: Slot, error: unknown): void {
    const { task } = slot
    if (task.isOver) return
    const failure = this.#judge(task, error)
    slot.timeout = failure
    if (failure.retryAfterMs === undefined) this.#fail(task, failure)
  }

  /** A function has settled. */
  ended(slot: Slot, isDone: boolean, value: unknown): void {
    const { task, timeout } = slot
    const { runTimeout, level } = task.terms
    if (runTimeout !== Infinity) this.timers.remove(slot)
    slot.endRun()
    const isGood = isDone && timeout === undefined
    const failure = isGood || task.isOver ? timeout : (timeout ?? this.#judge(task, value))
    // Only now: while the program is asked, the task must be found.
    this.slots.release(slot)
    task.index = -1
    if (isGood && !task.isOver) this.#settle(task, 'done', value)
    else if (failure !== undefined) this.#fail(task, failure)
    if (task.isOver) this.#finish(task)
    level.lane.release()
    this.starter.released(level.lane)
    this.admission.serve()
  }

  /**
   * Ends a task; `false` if it is over.
   *
   * @param shared - Made of the reason, for many tasks of which few will be asked.
   */
  cancel(task: ScheduledTask, reason: unknown, shared?: Settlement): boolean {
    if (task.isOver) return false
    const slot = task.state === 'running' ? this.slots.of(task) : undefined
    const isWaiting = task.state !== 'running'
    if (isWaiting) this.#pull(task)
    if (shared !== undefined) task.share(shared)
    this.#settle(task, 'cancelled', shared === undefined ? reason : undefined)
    if (isWaiting) this.#finish(task)
    else if (slot !== undefined) {
      this.timers.remove(slot)
      slot.abort(reason)
    }
    if (isWaiting) this.admission.serve()
    return true
  }

  /** `false` if the task does not wait. */
  reschedule(task: ScheduledTask, delayMs: number): boolean {
    if (task.isOver || task.state === 'running') return false
    this.#pull(task)
    this.#delay(task, delayMs)
    this.admission.serve()
    return true
  }

  /** When a delayed task runs, by the wall clock. */
  dateOf(task: ScheduledTask): Date | undefined {
    return this.dateIn(this.timers.dueOf(task) - this.clock.now())
  }

  /** So many milliseconds from now, by the wall clock; `undefined` if that is no date. */
  dateIn(ms: number): Date | undefined {
    const date = new Date(this.clock.wall() + ms)
    return Number.isNaN(date.getTime()) ? undefined : date
  }

  /** There is room for a queued task. */
  #start(task: ScheduledTask): void {
    task.state = 'running'
    this.#waitLimits.remove(task)
    const slot = this.slots.take(task)
    const { runTimeout, owner } = task.terms
    owner?.runBegins()
    if (runTimeout !== Infinity) this.timers.add(slot, this.clock.now() + runTimeout)
    slot.begin(task)
  }

  #delay(task: ScheduledTask, delayMs: number): void {
    task.state = 'delayed'
    this.timers.add(task, this.clock.now() + delayMs)
  }

  /** It is the task's turn, also among those of its key. */
  #line(task: ScheduledTask): void {
    const { lane } = task.terms.level
    lane.add(task)
    this.starter.ask(lane)
  }

  /** Takes a task out of what it waits in. */
  #pull(task: ScheduledTask): void {
    this.#waitLimits.remove(task)
    if (task.state === 'delayed') this.timers.remove(task)
    else if (!this.lines.remove(task)) task.terms.level.lane.remove(task)
    this.#passOn(task)
    this.starter.left()
  }

  /** If it was the task's turn among those of its key, it is that of the next. */
  #passOn(task: ScheduledTask): void {
    const next = this.lines.leave(task)
    if (next !== undefined) this.#line(next)
  }

  /** Whether there is another attempt is asked once, when it is known that this one has failed. */
  #judge(task: ScheduledTask, error: unknown): Failure {
    const { retries, attempt } = task.terms
    if (retries === undefined) return { error, retryAfterMs: undefined }
    try {
      const ask = (): number | undefined => retries.pauseAfter(attempt, error)
      return { error, retryAfterMs: task.runInAsyncScope(ask) }
    } catch (another) {
      return { error: another, retryAfterMs: undefined }
    }
  }

  /** Unless the program has ended the task when it was asked. */
  #fail(task: ScheduledTask, { error, retryAfterMs }: Failure): void {
    if (task.isOver) return
    if (retryAfterMs === undefined) this.#settle(task, 'failed', error)
    else this.#retry(task, retryAfterMs)
  }

  /** A task that is tried again keeps its turn among those of its key: they would else overtake it. */
  #retry(task: ScheduledTask, delayMs: number): void {
    task.terms = { ...task.terms, attempt: task.terms.attempt + 1 }
    this.#delay(task, delayMs)
  }

  #settle(task: ScheduledTask, state: 'done' | 'failed' | 'cancelled', value: unknown): void {
    task.state = state
    this.counts[state]++
    task.terms.listening?.[Symbol.dispose]()
    if (state === 'done') return task.settlement.fulfill(value)
    // Without a reason, there is no error before somebody asks for it.
    if (state === 'cancelled' && value === undefined) return
    task.settlement.reject(value)
    if (state === 'cancelled') return
    const { owner } = task.terms
    owner?.runFailed(value)
    if (!this.events.has('failure')) return
    const event = { task: owner ?? task, error: value }
    task.runInAsyncScope(() => this.events.emit('failure', event))
  }

  /** The task is over and its function, if it was called, has settled. */
  #finish(task: ScheduledTask): void {
    this.#passOn(task)
    if (task.terms.owner === undefined) this.closed()
    else task.terms.owner.finished(task)
  }
}
