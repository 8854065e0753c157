import { AsyncResource } from 'node:async_hooks'
import { requireDuration, requireInteger } from '@cupola/core/authoring'
import { type DueRuns, dueRuns } from './due-runs.ts'
import type { Engine } from './engine.ts'
import type { Repetition } from './repetition.ts'
import { aborted, type AnyFunction, ScheduledTask } from './scheduled-task.ts'
import type { Schedule } from './schedules.ts'
import { Settlement } from './settlement.ts'
import type { TaskState } from './task.ts'
import type { Owner, Terms } from './terms.ts'
import type { TimerNode } from './timers.ts'
import type { WallWaiter } from './wall-watch.ts'

/**
 * A wall clock that is set back by more than so much is taken to have been wrong, and the moments
 * that come again count again; by less, they have been. Vixie cron draws the line there.
 */
const CORRECTION_MS = 3 * 3_600_000

/** A task that runs at the moments of a schedule; each run is a {@link ScheduledTask} of its own. */
export class RepeatingTask implements Owner, TimerNode, WallWaiter {
  index = -1
  /** Ends the listening to the signal of its options. */
  listening: Disposable | undefined
  readonly #engine: Engine
  readonly #fn: AnyFunction
  /** Of each run. */
  readonly #terms: Terms
  readonly #repetition: Repetition
  /** That of whoever submitted it: each run is made in it. */
  readonly #context = new AsyncResource('Cupola.RepeatingTask')
  #schedule: Schedule
  #isRef: boolean
  /** The next one, in the schedule's time; `undefined` while there is none. */
  #moment: number | undefined
  /** When it rings for it: so much later, by chance, as `jitterMs` says. */
  #due = 0
  /** `reschedule()` has chosen that, and not the schedule. */
  #isChosen = false
  /** When a moment came for the last time. */
  #last = -Infinity
  /** Those that are not over, or whose functions have not settled. */
  readonly #runs = new Set<ScheduledTask>()
  #made = 0
  #hasBegun = false
  /** How many begin one after the other as soon as those under way are over. */
  #backlog = 0
  /** There will be no moment any more. */
  #isEnding = false
  #end: 'done' | 'failed' | 'cancelled' | undefined
  /** What the last run returned. */
  #value: unknown
  readonly #settlement = new Settlement()

  constructor(engine: Engine, fn: AnyFunction, terms: Terms, plan: Plan) {
    this.#engine = engine
    this.#fn = fn
    this.#terms = { ...terms, owner: this }
    this.#schedule = plan.schedule
    this.#repetition = plan.repetition
    this.#isRef = plan.isRef
  }

  get result(): Promise<unknown> {
    this.ref()
    return this.#settlement.promise
  }

  get state(): TaskState {
    if (this.#end !== undefined) return this.#end
    const states = new Set([...this.#runs].map(({ state }) => state))
    if (states.has('running')) return 'running'
    return states.has('queued') ? 'queued' : 'delayed'
  }

  get nextRun(): Date | undefined {
    if (this.#moment !== undefined) return this.#engine.dateIn(this.#due - this.#now)
    return this.#onlyRun?.nextRun
  }

  nextRuns(count: number): Date[] {
    requireInteger('count', count, 0, Number.MAX_SAFE_INTEGER)
    const { nextRun } = this
    if (count === 0 || nextRun === undefined) return []
    const dates = [nextRun]
    const most = Math.min(count, this.#repetition.maxRuns - this.#made)
    let each = this.#momentAfter(this.#moment)
    for (; each !== undefined && dates.length < most; each = this.#momentAfter(each)) {
      const date = this.#engine.dateIn(each - this.#now)
      if (date === undefined) break
      dates.push(date)
    }
    return dates
  }

  get isRef(): boolean {
    return this.#isRef
  }

  get order(): number {
    return this.#context.asyncId()
  }

  /** Whether its function has ever been called. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** @param first - Its first moment, in the schedule's time; left out if that is the schedule's business. */
  start(first: number | undefined = this.#schedule.after(this.#now)): void {
    this.#engine.opened()
    this.#engine.repeating.add(this)
    if (this.#schedule.isCalendar) this.#engine.wallWatch.add(this)
    this.#arm(first)
  }

  ring(): void {
    const moment = this.#moment
    if (moment === undefined) return
    const now = this.#now
    // The wall clock was set back, and nobody has noticed yet.
    if (now < this.#due) return this.#arm(moment)
    this.#last = now
    this.#isChosen = false
    // What chance has added is no lateness.
    const since = Math.max(moment, now - (this.#due - moment))
    const due = dueRuns(this.#schedule, this.#repetition, moment, since)
    this.#arm(due.next)
    const overlapping = this.#occur(due)
    // Last of all: whoever is told may cancel, close or reschedule right now.
    this.#tell('late', due.missed)
    this.#tell('overlap', overlapping)
  }

  runBegins(): void {
    this.#hasBegun = true
  }

  runFailed(error: unknown): void {
    if (this.#repetition.stopsOnError) this.#settle('failed', error)
  }

  finished(run: ScheduledTask): void {
    this.#runs.delete(run)
    if (this.#end !== undefined) return this.#closeIfIdle()
    if (run.state === 'done') this.#value = run.settlement.value
    if (this.#backlog > 0) {
      this.#backlog--
      this.#begin()
    } else if (this.#schedule.countsFromEnd && !this.#isEnding) {
      this.#arm(this.#schedule.after(this.#now))
    }
    this.#endIfIdle()
  }

  cancel(reason: unknown = aborted()): boolean {
    if (this.#end !== undefined) return false
    // Each run counts for itself.
    if (this.#runs.size === 0) this.#engine.counts.cancelled++
    this.#settle('cancelled', reason)
    for (const run of [...this.#runs]) run.cancel(reason)
    return true
  }

  reschedule(delayMs: number): boolean {
    requireDuration('delayMs', delayMs)
    if (this.#moment === undefined) return this.#onlyRun?.reschedule(delayMs) ?? false
    const moment = this.#now + delayMs
    this.#schedule = this.#schedule.movedTo(moment)
    this.#isChosen = true
    this.#arm(moment)
    return true
  }

  ref(): void {
    this.#setRef(true)
  }

  unref(): void {
    this.#setRef(false)
  }

  /** No more moments: over as soon as nothing runs. What is not endless goes on. */
  close(): void {
    if (!this.#schedule.isEndless) return
    this.#backlog = 0
    this.#endMoments()
    this.#endIfIdle()
  }

  wallJumped(isBack: boolean): void {
    if (this.#moment === undefined) return
    const isLeft = !isBack || this.#isChosen || !this.#schedule.isEndless
    if (isLeft) return this.#arm(this.#moment)
    const wall = this.#now
    const hasBeen = this.#last - wall <= CORRECTION_MS
    this.#arm(this.#schedule.after(hasBeen ? Math.max(wall, this.#last) : wall))
  }

  /** In the schedule's time. */
  get #now(): number {
    const { clock } = this.#engine
    return this.#schedule.isCalendar ? clock.wall() : clock.now()
  }

  /** If there is no other, and no moment to come, the task is where this one is. */
  get #onlyRun(): ScheduledTask | undefined {
    const [run] = this.#runs
    return this.#runs.size === 1 ? run : undefined
  }

  #arm(moment: number | undefined): void {
    const { timers, clock } = this.#engine
    timers.remove(this)
    this.#moment = moment
    if (moment === undefined) return
    const { jitterMs } = this.#repetition
    this.#due = jitterMs === 0 ? moment : moment + this.#engine.random() * jitterMs
    timers.add(this, clock.now() + Math.max(0, this.#due - this.#now))
  }

  #momentAfter(moment: number | undefined): number | undefined {
    if (moment === undefined || this.#schedule.countsFromEnd) return undefined
    return this.#schedule.after(moment)
  }

  #endMoments(): void {
    this.#isEnding = true
    this.#arm(undefined)
  }

  /** Makes the runs that are due, and says for how many moments there was none. */
  #occur({ onTime, madeUp }: DueRuns): number {
    const { overlap } = this.#repetition
    let left = onTime + madeUp
    const beside = overlap === 'parallel' ? left : Math.min(left, this.#runs.size === 0 ? 1 : 0)
    left -= beside
    const isQueued = overlap === 'queue' || madeUp > 0
    if (isQueued) this.#backlog = Math.max(this.#backlog, madeUp > 0 ? left : Math.min(left, 1))
    for (let each = 0; each < beside && !this.#isEnding; each++) this.#begin()
    return isQueued ? 0 : left
  }

  #begin(): void {
    this.#made++
    if (this.#made === this.#repetition.maxRuns) {
      this.#backlog = 0
      this.#endMoments()
    }
    const terms = { ...this.#terms, isRef: this.#isRef }
    const run = this.#context.runInAsyncScope(() => new ScheduledTask(this.#fn, terms))
    this.#runs.add(run)
    this.#engine.queue(run)
  }

  #tell(reason: 'late' | 'overlap', count: number): void {
    const { events } = this.#engine
    if (count === 0 || !events.has('missed')) return
    const event = { task: this, reason, count }
    this.#context.runInAsyncScope(() => events.emit('missed', event))
  }

  #endIfIdle(): void {
    if (this.#runs.size > 0 || this.#backlog > 0) return
    const isLast = this.#moment === undefined && !this.#schedule.countsFromEnd
    if (this.#isEnding || isLast) this.#settle('done', this.#value)
  }

  #settle(end: 'done' | 'failed' | 'cancelled', value: unknown): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#backlog = 0
    this.#endMoments()
    this.#engine.wallWatch.remove(this)
    this.#engine.repeating.delete(this)
    this.listening?.[Symbol.dispose]()
    if (end === 'done') this.#settlement.fulfill(value)
    else this.#settlement.reject(value)
    this.#closeIfIdle()
  }

  /** It counts as open until its last function has settled. */
  #closeIfIdle(): void {
    if (this.#runs.size === 0) this.#engine.closed()
  }

  #setRef(isRef: boolean): void {
    if (this.#isRef === isRef) return
    this.#isRef = isRef
    if (this.#engine.timers.has(this)) this.#engine.timers.refChanged(this)
    for (const run of this.#runs) {
      if (isRef) run.ref()
      else run.unref()
    }
  }
}

/** When a {@link RepeatingTask} runs. */
export interface Plan {
  readonly schedule: Schedule
  readonly repetition: Repetition
  /** Whether the process stays alive for it from the start. */
  readonly isRef: boolean
}
