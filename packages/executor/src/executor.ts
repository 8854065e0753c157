import {
  type Clock,
  ClosedError,
  FullError,
  type ListenOptions,
  systemClock,
  type WaitOptions,
} from '@cupola/core'
import {
  closesWithin,
  Emitter,
  onAbort,
  requireClock,
  requireDuration,
  requireFunction,
  requireInteger,
  requireObject,
  requireOneOf,
} from '@cupola/core/authoring'
import { WHEN_FULL } from './admission.ts'
import { CronRule } from './cron-rule.ts'
import { Engine } from './engine.ts'
import type { ExecutorEvents } from './executor-events.ts'
import type { Concurrency, ExecutorOptions, ExecutorStats } from './executor-options.ts'
import { leftoversOf } from './leftovers.ts'
import { momentOf } from './moment-of.ts'
import { type RepeatOptions, repetitionOf } from './repetition.ts'
import { type Plan, RepeatingTask } from './repeating-task.ts'
import { ScheduledTask } from './scheduled-task.ts'
import { Once, Pauses, Periods } from './schedules.ts'
import { Settlement } from './settlement.ts'
import { type TaskOptions, termsOf } from './task-options.ts'
import type { Task, TaskFunction } from './task.ts'

/** How `Executor.every()` repeats. */
export interface EveryOptions<
  Args extends readonly unknown[] = readonly [],
> extends RepeatOptions<Args> {
  /**
   * Whether a period is from one moment to the next, however long runs take, or from the end of a
   * run to the next: then nothing overlaps and nothing is missed.
   *
   * @defaultValue 'start'
   */
  readonly countFrom?: 'start' | 'end' | undefined
  /**
   * Milliseconds until the first run; `0` is at once.
   *
   * @defaultValue the period
   */
  readonly firstDelayMs?: number | undefined
}

/** When a rule of `Executor.cron()` applies. */
export interface CronOptions<
  Args extends readonly unknown[] = readonly [],
> extends RepeatOptions<Args> {
  /**
   * The IANA name of the time zone that the rule is written in.
   *
   * @defaultValue the machine's own
   */
  readonly timeZone?: string | undefined
}

/** What `Executor.terminate()` found. */
export interface TerminateReport {
  /**
   * The tasks whose functions were never called, those that were due or would have been next first:
   * those of the delay budget, those of the queue budget, those behind others of their key, and then
   * those that wait for a moment.
   */
  readonly unbegun: readonly Task[]
  /** The tasks that had failed and waited for another attempt, in the same order. */
  readonly resting: readonly Task[]
  /** How many functions were running, those of tasks that were cancelled or timed out included. Their signals are aborted; when they end is up to them. */
  readonly interrupted: number
}

/**
 * Runs functions later, again, or in turn.
 *
 * There are two budgets of slots: one for what waited for a moment (`delayExec()`, `every()`,
 * `cron()`, `at()`), one for what `queueExec()` takes, so that neither keeps the other waiting. Of
 * the tasks that are due in one budget the most urgent begins first, and of those that are equally
 * urgent the one that was due first. A function never begins before the call that submitted it has
 * returned, and sees the `AsyncLocalStorage` of whoever submitted it.
 *
 * Delays and periods are measured, so that a wall clock that is set changes nothing about them; time
 * in which the machine is suspended does not count. `cron()` and `at()` go by the wall clock and
 * follow it when it is set, within half a minute.
 *
 * All that waits shares one timer. It keeps the process alive for tasks that run once; for a
 * repeating task from when somebody reads its `result`, or calls its `ref()`. A function that runs
 * keeps the process alive by what it waits for itself.
 *
 * For work that keeps a processor busy, have the function call a `ThreadPool`: this runs functions on
 * the thread it is on. Nothing is kept on disk: what waits is lost with the process.
 *
 * @example Later, unless something happens first
 * ```ts
 * import { VirtualClock } from '@cupola/core/testing'
 * import { Executor } from '@cupola/executor'
 *
 * const clock = new VirtualClock()
 * const executor = new Executor({ clock })
 * let light = 'on'
 * const task = executor.delayExec(5000, () => (light = 'off'))
 *
 * await clock.advance(2000)
 * light // => 'on'
 * await clock.advance(5000)
 * light // => 'off'
 * task.state // => 'done'
 * ```
 */
export class Executor implements AsyncDisposable {
  readonly #clock: Clock
  readonly #engine: Engine
  readonly #events = new Emitter<ExecutorEvents>()
  #closing: Promise<void> | undefined
  /** Keeps the process alive while it is being closed. */
  #hold: Disposable | undefined

  /**
   * @param options - How much runs at the same time, and whose time counts.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If a number is out of its range.
   */
  constructor(options: ExecutorOptions = {}) {
    requireObject('options', options)
    const { delayConcurrency = 3, queueConcurrency = 4, ageingMs = Infinity } = options
    const { queueCapacity = Infinity, whenFull = 'reject' } = options
    const { rate, random = Math.random, clock = systemClock } = options
    requireInteger('delayConcurrency', delayConcurrency, 1, Infinity)
    requireInteger('queueConcurrency', queueConcurrency, 1, Infinity)
    requireInteger('queueCapacity', queueCapacity, 0, Infinity)
    requireOneOf('whenFull', whenFull, WHEN_FULL)
    if (requireDuration('ageingMs', ageingMs) === 0) {
      throw new RangeError('Cannot use ageingMs: got 0, expected milliseconds above 0')
    }
    requireFunction('random', random)
    this.#clock = requireClock('clock', clock)
    const events = this.#events
    this.#engine = new Engine({
      delayConcurrency,
      queueConcurrency,
      queueCapacity,
      whenFull,
      ageingMs,
      rate,
      random,
      clock,
      events,
    })
  }

  /** Whether {@link close} or {@link terminate} has been called. */
  get closed(): boolean {
    return this.#closing !== undefined
  }

  /** The budgets in force. */
  get concurrency(): { readonly delayConcurrency: number; readonly queueConcurrency: number } {
    const { delayLane, queueLane } = this.#engine
    return { delayConcurrency: delayLane.concurrency, queueConcurrency: queueLane.concurrency }
  }

  /**
   * Runs a function once, when so many milliseconds have passed, and never earlier.
   *
   * Cost: O(log n) among n tasks that wait for a moment, and on average O(1).
   *
   * @param delayMs - From 0 up, fractions and years included; `Infinity` waits for `reschedule()`,
   *   and does not keep the process alive meanwhile.
   * @param fn - What to run.
   * @param options - How, and what may cancel it.
   * @throws TypeError If an argument has the wrong type.
   * @throws RangeError If a number is out of its range.
   * @throws ClosedError If the executor is closed.
   * @throws `options.signal.reason`, if the signal has already aborted.
   *
   * @example Arguments, and an end
   * ```ts
   * import { Executor } from '@cupola/executor'
   *
   * const executor = new Executor()
   * const add = (one: number, other: number): number => one + other
   * await executor.delayExec(1, add, { args: [2, 3] }).result // => 5
   *
   * const never = executor.delayExec(365 * 24 * 3_600_000, () => 'happy new year')
   * never.cancel() // => true
   * never.state // => 'cancelled'
   * ```
   */
  delayExec<Result, const Args extends readonly unknown[] = readonly []>(
    delayMs: number,
    fn: TaskFunction<Args, Result>,
    options?: TaskOptions<Args>,
  ): Task<Result> {
    requireDuration('delayMs', delayMs)
    const terms = termsOf(this.#engine.delayLane, fn, options)
    this.#admit('delay a task', options?.signal)
    const task = new ScheduledTask(fn, terms)
    this.#engine.accept(task, delayMs)
    if (options?.signal !== undefined) listen(task, options.signal)
    return asTask(task)
  }

  /**
   * Runs a function once, as soon as there is a slot for it.
   *
   * Cost: O(1).
   *
   * @param fn - What to run.
   * @param options - How, and what may cancel it.
   * @throws TypeError If an argument has the wrong type.
   * @throws RangeError If a number is out of its range.
   * @throws ClosedError If the executor is closed.
   * @throws `options.signal.reason`, if the signal has already aborted.
   * @throws FullError If there is no place for it: see `queueCapacity` and `whenFull`.
   *
   * @example The most urgent first
   * ```ts
   * import { Executor } from '@cupola/executor'
   *
   * const executor = new Executor({ queueConcurrency: 1 })
   * const order: string[] = []
   * executor.queueExec(() => order.push('tidy up'), { urgency: 'low' })
   * executor.queueExec(() => order.push('work'))
   * executor.queueExec(() => order.push('fire!'), { urgency: 'high' })
   *
   * await executor.close()
   * order // => ['fire!', 'work', 'tidy up']
   * ```
   */
  queueExec<Result, const Args extends readonly unknown[] = readonly []>(
    fn: TaskFunction<Args, Result>,
    options?: TaskOptions<Args>,
  ): Task<Result> {
    const terms = termsOf(this.#engine.queueLane, fn, options)
    this.#admit('queue a task', options?.signal)
    const dropped = this.#engine.admission.placeFor(fn, terms.level.urgency)
    const task = new ScheduledTask(fn, terms)
    this.#engine.acceptNow(task)
    if (dropped !== undefined) this.#drop(dropped)
    if (options?.signal !== undefined) listen(task, options.signal)
    return asTask(task)
  }

  /**
   * Waits until there is a place in the queue, which need not be long: a way to submit tasks no faster
   * than they are done. The place is nobody's: this turn of the event loop belongs to whoever was told
   * of it, and then the next who waits is told. First come, first served.
   *
   * Cancellation: aborting gives up the turn and takes nothing.
   *
   * Cost: O(1). A wait with a `timeout` holds one timer, which keeps the process alive.
   *
   * @param options - What may end the wait.
   * @returns Resolves when `queueExec()` would accept a task; without `queueCapacity`, at once.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws ClosedError If the executor is closed, or is closed during the wait.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   *
   * @example No more than so many in memory
   * ```ts
   * import { Executor } from '@cupola/executor'
   *
   * const executor = new Executor({ queueConcurrency: 2, queueCapacity: 0 })
   * let sum = 0
   * for (let page = 1; page <= 100; page++) {
   *   await executor.ready()
   *   executor.queueExec(async () => (sum += page))
   * }
   * await executor.close()
   * sum // => 5050
   * ```
   */
  ready(options: WaitOptions = {}): Promise<void> {
    return this.#engine.admission.ready(options)
  }

  /**
   * Runs a function again and again, at moments that are a period apart. They are counted from the
   * first, so that however late runs are, they do not drift. A run that fails does not end it.
   *
   * @param periodMs - From one moment to the next, or from the end of a run; finite, from 1 up.
   * @param fn - What to run.
   * @param options - From where a period counts, and what becomes of moments that overlap or are missed.
   * @throws TypeError If an argument has the wrong type.
   * @throws RangeError If a number is out of its range.
   * @throws ClosedError If the executor is closed.
   * @throws `options.signal.reason`, if the signal has already aborted.
   *
   * @example Until something happens
   * ```ts
   * import { VirtualClock } from '@cupola/core/testing'
   * import { Executor } from '@cupola/executor'
   *
   * const clock = new VirtualClock()
   * const executor = new Executor({ clock })
   * const seen: number[] = []
   * const task = executor.every(1000, () => seen.push(clock.now()))
   *
   * await clock.advance(3500)
   * seen // => [1000, 2000, 3000]
   * task.cancel()
   * ```
   */
  every<Result, const Args extends readonly unknown[] = readonly []>(
    periodMs: number,
    fn: TaskFunction<Args, Result>,
    options: EveryOptions<Args> = {},
  ): Task<Result> {
    const terms = termsOf(this.#engine.delayLane, fn, options)
    if (requireDuration('periodMs', periodMs) < SHORTEST_PERIOD_MS || periodMs === Infinity) {
      throw new RangeError(
        `Cannot use periodMs: got ${periodMs}, expected finite milliseconds from 1 up`,
      )
    }
    const { countFrom = 'start', firstDelayMs = periodMs, signal } = options
    requireOneOf('countFrom', countFrom, ['start', 'end'])
    const first = this.#clock.now() + requireDuration('firstDelayMs', firstDelayMs)
    const schedule = countFrom === 'start' ? new Periods(first, periodMs) : new Pauses(periodMs)
    const repetition = repetitionOf(options, countFrom === 'start' ? periodMs : Infinity)
    const plan = { schedule, repetition, isRef: false }
    this.#admit('repeat a task', signal)
    return this.#start(new RepeatingTask(this.#engine, fn, terms, plan), signal, first)
  }

  /**
   * Runs a function at the times that a cron rule names in a time zone. A run that fails does not end
   * it.
   *
   * Where a clock change leaves a local time out, a rule that names one time of the day applies at
   * the first valid moment after it, and others skip what does not exist. Where one repeats a local
   * time, a rule of one time of the day applies once, and others each time.
   *
   * @param rule - Minute, hour, day of month, month, day of week; or seconds and these. Days of
   *   month and of week are alternatives if both are named, as in any cron, unless the latter is
   *   written as `+5`. `L`, `W`, `#`, names and nicknames such as `@daily` are what croner says.
   * @param fn - What to run.
   * @param options - In which zone, and what becomes of moments that overlap or are missed.
   * @throws TypeError If an argument has the wrong type, the rule cannot be read, or there is no
   *   such zone.
   * @throws RangeError If a field or a number is out of its range, or no moment to come fits the rule.
   * @throws ClosedError If the executor is closed.
   * @throws `options.signal.reason`, if the signal has already aborted.
   *
   * @example Every night in Lisbon
   * ```ts
   * import { Executor } from '@cupola/executor'
   * import { VirtualClock } from '@cupola/core/testing'
   *
   * const clock = new VirtualClock({ wall: Date.UTC(2026, 6, 1) })
   * const executor = new Executor({ clock })
   * const backup = executor.cron('30 2 * * *', () => {}, { timeZone: 'Europe/Lisbon' })
   * backup.nextRun?.toISOString() // => '2026-07-01T01:30:00.000Z'
   * backup.cancel()
   * ```
   */
  cron<Result, const Args extends readonly unknown[] = readonly []>(
    rule: string,
    fn: TaskFunction<Args, Result>,
    options: CronOptions<Args> = {},
  ): Task<Result> {
    const terms = termsOf(this.#engine.delayLane, fn, options)
    const { timeZone, signal } = options
    const schedule = new CronRule(rule, timeZone, this.#clock.wall())
    const plan: Plan = { schedule, repetition: repetitionOf(options), isRef: false }
    this.#admit('repeat a task', signal)
    return this.#start(new RepeatingTask(this.#engine, fn, terms, plan), signal)
  }

  /**
   * Runs a function once, when the wall clock shows a date; at once if it has. If the clock is set
   * meanwhile, what it shows then counts.
   *
   * @param date - When; a number is milliseconds since 1970 UTC.
   * @param fn - What to run.
   * @param options - How, and what may cancel it.
   * @throws TypeError If an argument has the wrong type.
   * @throws RangeError If the date is invalid, or a number is out of its range.
   * @throws ClosedError If the executor is closed.
   * @throws `options.signal.reason`, if the signal has already aborted.
   */
  at<Result, const Args extends readonly unknown[] = readonly []>(
    date: Date | number,
    fn: TaskFunction<Args, Result>,
    options: TaskOptions<Args> = {},
  ): Task<Result> {
    const terms = termsOf(this.#engine.delayLane, fn, options)
    const moment = momentOf('date', date)
    const repetition = repetitionOf({ onError: 'stop' })
    const plan: Plan = { schedule: new Once(moment), repetition, isRef: true }
    this.#admit('schedule a task', options.signal)
    return this.#start(new RepeatingTask(this.#engine, fn, terms, plan), options.signal, moment)
  }

  /**
   * Changes how much runs at the same time, from now on. What runs is not disturbed: with less, the
   * next begins when so many have ended.
   *
   * @param concurrency - The budgets to change; those left out stay.
   * @throws TypeError If a budget is not a number.
   * @throws RangeError If it is no integer from 1 up, or `Infinity`.
   */
  resize(concurrency: Concurrency): void {
    requireObject('concurrency', concurrency)
    const { delayLane, queueLane } = this.#engine
    const { delayConcurrency = delayLane.concurrency } = concurrency
    const { queueConcurrency = queueLane.concurrency } = concurrency
    requireInteger('delayConcurrency', delayConcurrency, 1, Infinity)
    requireInteger('queueConcurrency', queueConcurrency, 1, Infinity)
    delayLane.concurrency = delayConcurrency
    queueLane.concurrency = queueConcurrency
    this.#engine.resized()
  }

  /** Whether {@link pause} holds everything. */
  get paused(): boolean {
    return this.#engine.starter.isPaused
  }

  /**
   * Has no function begin until {@link resume}. What runs goes on, moments come, and tasks are accepted:
   * they queue, `overlap` says what becomes of moments that come meanwhile, and `waitTimeout` counts.
   * {@link close} does not end before it is resumed, {@link terminate} does.
   */
  pause(): void {
    this.#engine.starter.pause()
  }

  /** Ends what {@link pause} began: as many functions begin as there are slots. */
  resume(): void {
    this.#engine.starter.resume()
  }

  /**
   * Accepts no more tasks and finishes those accepted: one that waits for a moment is waited for, be
   * it years; a repeating task has no further runs, and is done. Calling it again gives the same
   * promise. To wait no longer than so long: {@link tryClose}, and {@link terminate}.
   *
   * Keeps the process alive while a task waits for its moment, also one that was told not to. A task
   * that awaits this waits for itself, for ever: call it there, and await it elsewhere.
   *
   * @returns Resolves when every task is over and every function has settled.
   */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#hold = this.#engine.timers.hold()
      this.#closing = this.#drained()
      this.#engine.admission.close()
      for (const task of [...this.#engine.repeating]) task.close()
    }
    return this.#closing
  }

  /**
   * {@link close}, and tells whether all had ended in time. If not, the closing goes on.
   *
   * Cancellation: aborting ends the waiting, not the closing. A signal that has aborted already
   * closes nothing.
   *
   * @param options - How long to wait, and what else ends the waiting.
   * @returns `true` when every task is over, `false` if `options.timeout` milliseconds pass first:
   *   {@link stats} then says what is left, and {@link terminate} hands back what has not begun.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  tryClose(options?: WaitOptions): Promise<boolean> {
    return closesWithin(this, options, this.#clock)
  }

  /**
   * Accepts no more tasks and cancels those accepted, with `reason`. Functions that run have their
   * signals aborted, and are not waited for: for that, {@link close} afterwards.
   *
   * Cost: O(n log n) among the n tasks that wait, to tell which would have been next.
   *
   * @param reason - What the results of tasks that are not over reject with, as it is.
   * @returns What it found.
   *
   * @defaultValue `reason` is a `ClosedError`
   */
  async terminate(
    reason: unknown = new ClosedError('finish the task', 'the executor'),
  ): Promise<TerminateReport> {
    // Closed before anything is told: a listener may submit something right now.
    this.#closing ??= this.#drained()
    this.#hold?.[Symbol.dispose]()
    this.#engine.admission.close()
    const { slots, repeating } = this.#engine
    const { waiting, unbegun, resting } = leftoversOf(this.#engine)
    const interrupted = slots.size
    for (const { task } of slots) this.#engine.cancel(task, reason)
    for (const task of [...repeating]) task.cancel(reason)
    const ended = Settlement.rejected(reason)
    for (const task of waiting) this.#engine.cancel(task, reason, ended)
    return { unbegun, resting, interrupted }
  }

  /** {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /**
   * Counts, as they are now.
   *
   * Cost: O(1), and as many small objects as there are urgencies with somebody waiting.
   */
  stats(): ExecutorStats {
    const { delayLane, queueLane, slots, repeating, open, counts } = this.#engine
    const queued = delayLane.queued + delayLane.behind + queueLane.queued + queueLane.behind
    const running = slots.size
    const levels = [...delayLane.stats('delay'), ...queueLane.stats('queue')]
    Object.freeze(levels)
    return Object.freeze({ queued, levels, running, repeating: repeating.size, open, ...counts })
  }

  /**
   * Observes the executor.
   *
   * @param name - The event.
   * @param listener - Called synchronously, in the `AsyncLocalStorage` of whoever submitted the task; at
   *   `idle`, of whoever made the executor. What it throws becomes an uncaught exception.
   * @param options - What ends the listening, besides disposing the result.
   * @returns Ends the listening when disposed.
   * @throws TypeError If there is no such event, `listener` is not a function, or the signal not an
   *   `AbortSignal`.
   * @throws `options.signal.reason`, if the signal has already aborted.
   */
  on<Name extends keyof ExecutorEvents>(
    name: Name,
    listener: (event: ExecutorEvents[Name]) => void,
    options?: ListenOptions,
  ): Disposable {
    requireOneOf('name', name, ['failure', 'missed', 'idle'])
    return this.#events.on(name, listener, options)
  }

  #drop(task: ScheduledTask): void {
    this.#engine.cancel(task, new FullError('run the task', 'a later one got its place', task))
  }

  /** In the order of every function of the toolkit: arguments, closed, aborted. */
  #admit(action: string, signal: AbortSignal | undefined): void {
    if (this.closed) throw new ClosedError(action, 'the executor')
    signal?.throwIfAborted()
  }

  #start<Result>(
    task: RepeatingTask,
    signal: AbortSignal | undefined,
    first?: number,
  ): Task<Result> {
    task.start(first)
    if (signal !== undefined) task.listening = onAbort(signal, (reason) => task.cancel(reason))
    return asTask(task)
  }

  async #drained(): Promise<void> {
    await this.#engine.whenDrained()
    this.#hold?.[Symbol.dispose]()
  }
}

/** No timer is more exact; and of a period too short for the clock to tell, no moment would be next. */
const SHORTEST_PERIOD_MS = 1

function listen(task: ScheduledTask, signal: AbortSignal): void {
  const listening = onAbort(signal, (reason) => task.cancel(reason))
  task.terms = { ...task.terms, listening }
}

function asTask<Result>(task: Task): Task<Result> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its function was accepted as one that returns this
  return task as Task<Result>
}
