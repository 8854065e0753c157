import { AsyncResource } from 'node:async_hooks'
import { requireDuration } from '@cupola/core/authoring'
import type { Engine } from './engine.ts'
import type { Repetition } from './repetition.ts'
import { aborted, type AnyFunction, ScheduledTask } from './scheduled-task.ts'
import type { Schedule } from './schedules.ts'
import { Settlement } from './settlement.ts'
import type { TaskState } from './task.ts'
import type { Owner, Terms } from './terms.ts'
import type { TimerNode } from './timers.ts'
import type { WallWaiter } from './wall-watch.ts'

/** Later than this and a run is missed, unless it is told otherwise. CUP calls it lagging then. */
const MISSED_AFTER_MS = 60_000

/**
 * A wall clock that is set back by more than so much is taken to have been wrong, and the moments
 * that come again count again; by less, they have been. Vixie cron draws the line there.
 */
const CORRECTION_MS = 3 * 3_600_000

/** A task that runs at the moments of a schedule; each run is a {@link ScheduledTask} of its own. */
export class RepeatingTask extends AsyncResource implements Owner, TimerNode, WallWaiter {
  index = -1
  /** Ends the listening to the signal of its options. */
  listening: Disposable | undefined
  readonly #engine: Engine
  readonly #fn: AnyFunction
  /** Of each run. */
  readonly #terms: Terms
  readonly #repetition: Repetition
  #schedule: Schedule
  #isRef: boolean
  /** The next one, in the schedule's time; `undefined` while there is none. */
  #moment: number | undefined
  /** The last one that has come. */
  #last = -Infinity
  /** Those that are not over, or whose functions have not settled. */
  readonly #runs = new Set<ScheduledTask>()
  #begun = 0
  /** How many begin one after the other as soon as those under way are over. */
  #backlog = 0
  /** There will be no moment any more. */
  #isEnding = false
  #end: 'done' | 'failed' | 'cancelled' | undefined
  /** What the last run returned. */
  #value: unknown
  readonly #settlement = new Settlement()

  constructor(engine: Engine, fn: AnyFunction, terms: Terms, plan: Plan) {
    super('Cupola.RepeatingTask')
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
    if (this.#runs.size === 0) return 'delayed'
    return [...this.#runs].some(({ state }) => state === 'running') ? 'running' : 'queued'
  }

  get nextRun(): Date | undefined {
    return this.#moment === undefined ? undefined : this.#engine.dateIn(this.#moment - this.#now)
  }

  get isRef(): boolean {
    return this.#isRef
  }

  get order(): number {
    return this.asyncId()
  }

  get hasBegun(): boolean {
    return this.#begun > 0
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
    if (now < moment) return this.#arm(moment)
    this.#last = moment
    const next = this.#schedule.countsFromEnd ? undefined : this.#schedule.after(moment)
    const untilNext = Math.min(MISSED_AFTER_MS, (next ?? Infinity) - moment)
    const missedAfterMs = this.#repetition.missedAfterMs ?? untilNext
    if (this.#schedule.isEndless && now - moment >= missedAfterMs) {
      return this.#makeUp(moment, now, missedAfterMs)
    }
    this.#arm(next)
    this.#occur(1)
  }

  finished(run: ScheduledTask): void {
    this.#runs.delete(run)
    if (this.#end !== undefined) return
    const { value } = run.settlement
    if (run.state === 'failed' && this.#repetition.stopsOnError)
      return this.#settle('failed', value)
    if (run.state === 'done') this.#value = value
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
    this.#settle('cancelled', reason)
    for (const run of [...this.#runs]) run.cancel(reason)
    return true
  }

  reschedule(delayMs: number): boolean {
    requireDuration('delayMs', delayMs)
    if (this.#moment === undefined) return false
    const moment = this.#now + delayMs
    this.#schedule = this.#schedule.movedTo(moment)
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
    if (!isBack || !this.#schedule.isEndless) return this.#arm(this.#moment)
    const wall = this.#now
    const hasBeen = this.#last - wall <= CORRECTION_MS
    this.#arm(this.#schedule.after(hasBeen ? Math.max(wall, this.#last) : wall))
  }

  /** In the schedule's time. */
  get #now(): number {
    const { clock } = this.#engine
    return this.#schedule.isCalendar ? clock.wall() : clock.now()
  }

  #arm(moment: number | undefined): void {
    const { timers, clock } = this.#engine
    timers.remove(this)
    this.#moment = moment
    if (moment !== undefined) timers.add(this, clock.now() + Math.max(0, moment - this.#now))
  }

  #endMoments(): void {
    this.#isEnding = true
    this.#arm(undefined)
  }

  /** The moment was missed, and maybe others after it. */
  #makeUp(moment: number, now: number, missedAfterMs: number): void {
    const { makesUp } = this.#repetition
    if (this.#engine.events.has('missed')) {
      this.#engine.events.emit('missed', { task: this, reason: 'late' })
    }
    // The latest of them may be so late only that it counts as late.
    if (makesUp === 0) return this.#arm(this.#schedule.after(now - missedAfterMs))
    let count = 0
    let each: number | undefined = moment
    while (each !== undefined && each <= now && count < makesUp) {
      count++
      each = this.#schedule.countsFromEnd ? undefined : this.#schedule.after(each)
    }
    this.#arm(this.#schedule.countsFromEnd ? undefined : this.#schedule.after(now))
    this.#occur(count)
  }

  /** So many runs are due. */
  #occur(count: number): void {
    const { overlap } = this.#repetition
    if (overlap === 'parallel') {
      for (let each = 0; each < count; each++) this.#begin()
    } else if (this.#runs.size === 0) {
      this.#backlog = count - 1
      this.#begin()
    } else if (overlap === 'queue' || count > 1) {
      this.#backlog = Math.max(this.#backlog, count)
    } else if (this.#engine.events.has('missed')) {
      this.#engine.events.emit('missed', { task: this, reason: 'overlap' })
    }
  }

  #begin(): void {
    if (this.#begun === this.#repetition.maxRuns) return
    this.#begun++
    if (this.#begun === this.#repetition.maxRuns) {
      this.#backlog = 0
      this.#endMoments()
    }
    const run = this.runInAsyncScope(() => new ScheduledTask(this.#fn, this.#terms))
    this.#runs.add(run)
    this.#engine.acceptNow(run)
  }

  #endIfIdle(): void {
    if (this.#runs.size > 0 || this.#backlog > 0) return
    const isLast = this.#moment === undefined && !this.#schedule.countsFromEnd
    if (this.#isEnding || isLast) this.#settle('done', this.#value)
  }

  #settle(end: 'done' | 'failed' | 'cancelled', value: unknown): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#endMoments()
    this.#engine.wallWatch.remove(this)
    this.#engine.repeating.delete(this)
    this.listening?.[Symbol.dispose]()
    if (end === 'done') this.#settlement.fulfill(value)
    else this.#settlement.reject(value)
    this.#engine.closed()
  }

  #setRef(isRef: boolean): void {
    if (this.#isRef === isRef) return
    this.#isRef = isRef
    if (this.#engine.timers.has(this)) this.#engine.timers.refChanged(this)
  }
}

/** When a {@link RepeatingTask} runs. */
export interface Plan {
  readonly schedule: Schedule
  readonly repetition: Repetition
  /** Whether the process stays alive for it from the start. */
  readonly isRef: boolean
}
