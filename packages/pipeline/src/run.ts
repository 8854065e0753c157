import { AsyncResource } from 'node:async_hooks'
import { setMaxListeners } from 'node:events'
import type { Clock, Timer } from '@cupola/core'
import {
  Deferred,
  onAbort,
  requireFunction,
  requireInteger,
  requireObject,
  requireSignal,
} from '@cupola/core/authoring'
import { isPromiseLike } from './promise-like.ts'
import type { RunReport, StageReport } from './report.ts'
import type { Open, Stage } from './stage.ts'
import type { StageContext } from './stage-context.ts'

/** What may end a run, and who hears of its progress. */
export interface RunOptions {
  /**
   * Ends the run when it aborts. The run then rejects with `signal.reason` unchanged.
   *
   * @defaultValue never
   */
  readonly signal?: AbortSignal | undefined
  /**
   * Called with how far the run is: from time to time while it goes on, and once when it has ended,
   * well or not. Nothing is called while plain functions keep the event loop busy. What it throws
   * ends the run, as with any other function of the pipeline, and it is not called again then. It
   * may be async: the run is not over before its calls are, but none waits for the one before.
   *
   * @defaultValue nobody is told
   */
  readonly onProgress?: ((report: RunReport) => unknown) | undefined
  /**
   * Milliseconds from one call of `onProgress` to the next, from 1 up; `Infinity` leaves only the
   * call at the end, which never waits. Counted on the pipeline's clock.
   *
   * @defaultValue 100
   */
  readonly progressIntervalMs?: number | undefined
}

/** What a run asks of its stages. */
export interface Member {
  /** How far the stage is; the source has no entry of its own. */
  report?(): StageReport
  /** Called once when the run ends before its time: gives back what the stage holds. */
  close?(): void
}

/**
 * The life of one run, known to all its stages.
 *
 *   running ──complete()─────────────────────────────▶ over
 *      └──fail(), leave()──▶ ending ──nothing is busy──▶ over
 *
 * While it is ending no function is begun any more; those in flight and the source's `return()` are
 * waited for.
 */
export class Run {
  readonly clock: Clock
  readonly context: StageContext
  /** Fulfilled when the run is over, also after a failure: {@link throwIfFailed} tells. */
  readonly finished: Promise<void>
  /** Items read. Written by the source alone. */
  read = 0
  /** Items that reached the end. Written by whoever polls the last stage. */
  items = 0

  #state: 'running' | 'ending' | 'over' = 'running'
  /** Calls of others' code that have not come back: the run is not over before they have. */
  #busy = 0
  /** In order of occurrence: the first one ended the run, unless an iteration was left. */
  readonly #failures: unknown[] = []
  readonly #members: Member[] = []
  readonly #controller = new AbortController()
  readonly #finished = new Deferred<void>()
  readonly #abort: Disposable
  readonly #startedAt: number
  /** Unset when it has failed. */
  #onProgress: RunOptions['onProgress']
  #progressTimer: Timer | undefined
  /** Calls of `onProgress` that have not settled: they hold up nothing but the very end. */
  #telling = 0
  /** The async context of whoever began the run: timers and impatient iterators bring their own. */
  readonly #scope = new AsyncResource('CupolaPipeline')

  /** @throws `options.signal.reason`, if the signal has already aborted. */
  constructor(clock: Clock, options: RunOptions) {
    this.clock = clock
    this.finished = this.#finished.promise
    const { signal } = this.#controller
    // As many functions in flight may listen to it, none of them a leak.
    setMaxListeners(0, signal)
    this.context = Object.freeze({ signal })
    this.#startedAt = clock.now()
    this.#abort = onAbort(options.signal, (reason) => this.fail(reason))
    const { onProgress, progressIntervalMs = DEFAULT_PROGRESS_INTERVAL_MS } = options
    this.#onProgress = onProgress
    if (onProgress !== undefined) this.#reportEvery(progressIntervalMs)
  }

  /** Whether nothing may be begun any more. */
  get ending(): boolean {
    return this.#state !== 'running'
  }

  /** Whether all has been settled. */
  get over(): boolean {
    return this.#state === 'over'
  }

  /** Builds the stages. A run that cannot leaves nothing behind. */
  open<T>(open: Open<T>): Stage<T> {
    try {
      return open(this)
    } catch (error) {
      this.#release()
      throw error
    }
  }

  /** Adds a stage, those above before those below. */
  join(member: Member): void {
    this.#members.push(member)
  }

  /** Says that others' code is at work. Each call needs its {@link exit}. */
  enter(): void {
    this.#busy++
  }

  exit(): void {
    if (--this.#busy === 0 && this.#state === 'ending') this.#finish()
  }

  /** The last item has reached the end. */
  complete(): void {
    this.#finish()
  }

  /** Ends the run with `error`; one that comes later is kept, unless it only echoes the first. */
  fail(error: unknown): void {
    if (this.#state === 'running') {
      this.#failures.push(error)
      this.#windDown(error)
    } else if (!echoes(error, this.context.signal)) {
      this.#failures.push(error)
    }
  }

  /** Ends the run because nobody wants its items any more. */
  leave(): void {
    if (this.#state === 'running') this.#windDown(undefined)
  }

  /**
   * Throws what went wrong: one failure as it is, several as an `AggregateError`. A second call does
   * nothing, as the failures have been told.
   */
  throwIfFailed(): void {
    const failures = this.#failures.splice(0)
    if (failures.length === 0) return
    if (failures.length === 1) throw failures[0]
    throw new AggregateError(failures, `Cannot finish the pipeline: ${failures.length} errors`)
  }

  /** Calls `fn` in the async context in which the run began. */
  within<Result>(fn: () => Result): Result {
    return this.#scope.runInAsyncScope(fn)
  }

  /** A timer of the run's clock, in its context. */
  setTimer(fn: () => void, delayMs: number): Timer {
    return this.clock.setTimer(() => this.within(fn), delayMs)
  }

  report(): RunReport {
    const stages = this.#members.flatMap((member) => member.report?.() ?? [])
    return Object.freeze({
      read: this.read,
      items: this.items,
      elapsedMs: this.clock.now() - this.#startedAt,
      stages: Object.freeze(stages.map((stage) => Object.freeze(stage))),
    })
  }

  #windDown(reason: unknown): void {
    this.#state = 'ending'
    this.enter()
    this.#controller.abort(reason)
    // Whoever aborts does so in a context of its own.
    this.within(() => {
      for (const member of this.#members) member.close?.()
    })
    this.exit()
  }

  #finish(): void {
    this.#state = 'over'
    this.#release()
    this.#tell()
    this.#settle()
  }

  #settle(): void {
    if (this.over && this.#telling === 0) this.#finished.resolve()
  }

  /** Lets go of what is not the run's own. */
  #release(): void {
    this.#abort[Symbol.dispose]()
    this.#progressTimer?.cancel()
  }

  #reportEvery(intervalMs: number): void {
    this.#progressTimer = this.setTimer(() => {
      this.#tell()
      if (!this.over) this.#reportEvery(intervalMs)
    }, intervalMs)
    this.#progressTimer.unref()
  }

  #tell(): void {
    const onProgress = this.#onProgress
    if (onProgress === undefined) return
    try {
      const told = this.within(() => onProgress(this.report()))
      if (isPromiseLike(told)) this.#await(Promise.resolve(told))
    } catch (error) {
      this.#failToTell(error)
    }
  }

  #await(told: Promise<unknown>): void {
    this.#telling++
    const settle = () => {
      this.#telling--
      this.#settle()
    }
    told.catch((error: unknown) => this.#failToTell(error)).then(settle, settle)
  }

  /** What fails on every call is one failure, so the first is told and the function left alone. */
  #failToTell(error: unknown): void {
    if (this.#onProgress === undefined) return
    this.#onProgress = undefined
    this.fail(error)
  }
}

/** Ten times a second: smooth for an eye that watches a bar, nothing for the run. */
const DEFAULT_PROGRESS_INTERVAL_MS = 100

/** Checks what the caller passed, before anything begins. */
export function checkRunOptions(options: RunOptions): void {
  requireObject('options', options)
  const { signal, onProgress, progressIntervalMs } = options
  if (signal !== undefined) requireSignal('signal', signal)
  if (onProgress !== undefined) requireFunction('onProgress', onProgress)
  if (progressIntervalMs !== undefined) {
    requireInteger('progressIntervalMs', progressIntervalMs, 1, Infinity)
  }
}

/**
 * Whether a failure after the end is nothing but the end, seen by a function that was in flight: the
 * abort's reason itself, an error that has it as its cause, an `AbortError` of the platform, or a
 * stream that broke off.
 */
function echoes(error: unknown, { aborted, reason }: AbortSignal): boolean {
  if (!aborted) return false
  if (error === reason) return true
  if (!(error instanceof Error)) return false
  return (
    error.name === 'AbortError' ||
    error.cause === reason ||
    ('code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')
  )
}
