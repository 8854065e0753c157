import type { Clock } from '@cupola/core'
import { Deferred, type Emitter } from '@cupola/core/authoring'
import type { ExecutorEvents } from './executor-events.ts'
import { Lane } from './lane.ts'
import { type RateLimit, TokenBucket } from './rate-limit.ts'
import type { RepeatingTask } from './repeating-task.ts'
import { ScheduledTask } from './scheduled-task.ts'
import { SerialLines } from './serial-lines.ts'
import { Slot } from './slot.ts'
import { Timers } from './timers.ts'
import { WallWatch } from './wall-watch.ts'

/** What an engine is made of. */
export interface EngineOptions {
  readonly delayConcurrency: number
  readonly queueConcurrency: number
  readonly ageingMs: number
  readonly rate: RateLimit | undefined
  readonly clock: Clock
  readonly events: Emitter<ExecutorEvents>
}

/**
 * Moves tasks from one state to the next. Everything that changes the state of a
 * {@link ScheduledTask} is here; where it stands meanwhile is known to the timers, lanes and lines.
 */
export class Engine {
  readonly clock: Clock
  readonly timers: Timers
  readonly events: Emitter<ExecutorEvents>
  readonly delayLane: Lane
  readonly queueLane: Lane
  readonly #lines = new SerialLines()
  readonly repeating: Set<RepeatingTask> = new Set()
  readonly wallWatch: WallWatch
  readonly counts: Record<'done' | 'failed' | 'cancelled', number> = {
    done: 0,
    failed: 0,
    cancelled: 0,
  }
  /** Those in use, and those that were: a task that runs knows its place. */
  readonly #slots: Slot[] = []
  readonly #freeSlots: Slot[] = []
  readonly #bucket: TokenBucket | undefined
  /** Tasks that are not over, or whose functions have not settled; repeating ones count as well. */
  #open = 0
  #drained: Deferred<void> | undefined

  constructor(options: EngineOptions) {
    const { clock, events, delayConcurrency, queueConcurrency, ageingMs, rate } = options
    this.clock = clock
    this.events = events
    this.timers = new Timers(clock)
    this.wallWatch = new WallWatch(clock, this.timers)
    this.delayLane = new Lane(this, delayConcurrency, ageingMs)
    this.queueLane = new Lane(this, queueConcurrency, ageingMs)
    if (rate === undefined) return
    this.#bucket = new TokenBucket(rate, clock.now(), this.timers, () => {
      this.delayLane.pump()
      this.queueLane.pump()
    })
  }

  get running(): number {
    return this.#slots.length - this.#freeSlots.length
  }

  /** How many tasks wait, each once, or to run again. */
  get open(): number {
    return this.#open
  }

  /** A task more that has to come to its end. */
  opened(): void {
    this.#open++
  }

  /** One less. */
  closed(): void {
    this.#open--
    if (this.#open > 0) return
    this.#bucket?.stop()
    this.#drained?.resolve()
    this.#drained = undefined
    this.events.emit('idle', { ...this.counts })
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
    this.#open++
    this.#delay(task, delayMs)
  }

  /** Takes a task on, for now. */
  acceptNow(task: ScheduledTask): void {
    this.#open++
    this.queue(task)
  }

  /** The moment of a task has come. */
  queue(task: ScheduledTask): void {
    task.state = 'queued'
    if (this.#lines.enter(task)) task.terms.level.lane.add(task)
  }

  /** Whether the rate limit has a task begin now; if not, the lanes are pumped when it has. */
  admits(): boolean {
    return this.#bucket === undefined || this.#bucket.take(this.clock.now())
  }

  /** There is room for a queued task. */
  start(task: ScheduledTask): void {
    const slot = this.#freeSlots.pop() ?? this.#newSlot()
    task.state = 'running'
    const { runTimeout } = task.terms
    if (runTimeout !== Infinity) this.timers.add(slot, this.clock.now() + runTimeout)
    slot.begin(task)
  }

  /** A run has taken longer than it may. It keeps its slot all the same. */
  timedOut(slot: Slot, error: unknown): void {
    if (slot.task.isOver) return
    this.#attemptFailed(slot, error)
    if (slot.retryAfterMs === undefined) this.#settle(slot.task, 'failed', slot.error)
  }

  /** A function has settled. */
  ended(slot: Slot, isDone: boolean, value: unknown): void {
    const { task } = slot
    const { runTimeout, level } = task.terms
    if (runTimeout !== Infinity) this.timers.remove(slot)
    task.index = -1
    if (!task.isOver) {
      if (isDone) this.#settle(task, 'done', value)
      else this.#endAttempt(slot, value)
    }
    slot.clear()
    this.#freeSlots.push(slot)
    if (task.isOver) this.#finish(task)
    level.lane.release()
  }

  /** `false` if the task is over. */
  cancel(task: ScheduledTask, reason: unknown): boolean {
    if (task.isOver) return false
    const { state, index } = task
    if (state !== 'running') this.#pull(task)
    this.#settle(task, 'cancelled', reason)
    if (state === 'running') this.#slots[index]?.abort(reason)
    else this.#finish(task)
    return true
  }

  /** `false` if the task does not wait. */
  reschedule(task: ScheduledTask, delayMs: number): boolean {
    if (task.isOver || task.state === 'running') return false
    this.#pull(task)
    this.#delay(task, delayMs)
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

  /** Every task that waits, the next to run first. */
  waiting(): ScheduledTask[] {
    const delayed = this.timers.nodes.filter((node) => node instanceof ScheduledTask)
    return [...this.delayLane.tasks, ...this.queueLane.tasks, ...this.#lines.waiting, ...delayed]
  }

  /** Aborts every run, and says how many tasks that ended. */
  abortRuns(reason: unknown): number {
    let interrupted = 0
    for (const { occupant } of this.#slots) {
      if (occupant !== undefined && this.cancel(occupant, reason)) interrupted++
    }
    return interrupted
  }

  #newSlot(): Slot {
    const slot = new Slot(this, this.#slots.length)
    this.#slots.push(slot)
    return slot
  }

  #delay(task: ScheduledTask, delayMs: number): void {
    task.state = 'delayed'
    this.timers.add(task, this.clock.now() + delayMs)
  }

  /** Takes a task out of what it waits in. */
  #pull(task: ScheduledTask): void {
    if (task.state === 'delayed') this.timers.remove(task)
    else if (!this.#lines.remove(task)) task.terms.level.lane.remove(task)
    this.#passOn(task)
  }

  /** If it was the task's turn among those of its key, it is that of the next. */
  #passOn(task: ScheduledTask): void {
    const next = this.#lines.leave(task)
    next?.terms.level.lane.add(next)
  }

  /** A task that is tried again keeps its turn among those of its key: they would else overtake it. */
  #endAttempt(slot: Slot, error: unknown): void {
    if (!slot.hasTimedOut) this.#attemptFailed(slot, error)
    if (slot.retryAfterMs === undefined) this.#settle(slot.task, 'failed', slot.error)
    else this.#retry(slot.task, slot.retryAfterMs)
  }

  #retry(task: ScheduledTask, delayMs: number): void {
    task.terms = { ...task.terms, attempt: task.terms.attempt + 1 }
    this.#delay(task, delayMs)
  }

  /** Whether there is another attempt is asked once, when it is known that this one has failed. */
  #attemptFailed(slot: Slot, error: unknown): void {
    const { retries, attempt } = slot.task.terms
    slot.error = error
    try {
      slot.retryAfterMs = retries?.pauseAfter(attempt, error)
    } catch (another) {
      slot.error = another
    }
  }

  #settle(task: ScheduledTask, state: 'done' | 'failed' | 'cancelled', value: unknown): void {
    task.state = state
    this.counts[state]++
    task.terms.listening?.[Symbol.dispose]()
    if (state === 'done') return task.settlement.fulfill(value)
    // Without a reason, there is no error before somebody asks for it.
    if (state === 'cancelled' && value === undefined) return
    task.settlement.reject(value)
    if (state === 'failed' && this.events.has('failure')) {
      this.events.emit('failure', { task: task.terms.owner ?? task, error: value })
    }
  }

  /** The task is over and its function, if it was called, has settled. */
  #finish(task: ScheduledTask): void {
    this.#passOn(task)
    task.terms.owner?.finished(task)
    this.closed()
  }
}
