import { AsyncResource } from 'node:async_hooks'
import { requireDuration, requireInteger } from '@cupola/core/authoring'
import type { Engine } from './engine.ts'
import { Settlement } from './settlement.ts'
import type { Task, TaskRun, TaskState } from './task.ts'
import type { Terms } from './terms.ts'
import type { TimerNode } from './timers.ts'

/** Any {@link TaskFunction}, once its arguments are put away with it. */
export type AnyFunction = (...args: never[]) => unknown

/**
 * A task that runs once.
 *
 * There may be a million of them, so it has as few fields as can be: when it is due is known to the
 * timers, what most tasks have alike to its terms, how it ended to a settlement that is made when
 * somebody asks. It is an `AsyncResource` itself, which is the smallest thing that remembers the
 * `AsyncLocalStorage` of whoever submitted it: to have one instead would cost each task an object
 * more. What is public here beyond {@link Task} is the engine's, and hidden by the type alone.
 */
export class ScheduledTask extends AsyncResource implements Task, TimerNode {
  /** Where it stands in what holds it: the timers, its level, its line or the slots. */
  index = -1
  state: TaskState = 'queued'
  terms: Terms
  readonly #fn: AnyFunction
  #settlement: Settlement | undefined = undefined

  constructor(fn: AnyFunction, terms: Terms) {
    super('Cupola.Task')
    this.#fn = fn
    this.terms = terms
  }

  get result(): Promise<unknown> {
    return this.settlement.promise
  }

  get settlement(): Settlement {
    if (this.#settlement === undefined) {
      this.#settlement = new Settlement()
      // Cancelled without a reason, while nobody had asked: an error with its stack is made for those
      // who do, and a million tasks are cancelled in less time than it would take for each.
      if (this.state === 'cancelled') this.#settlement.reject(aborted())
    }
    return this.#settlement
  }

  /** Has it end as others do, all at once: each need not have an end of its own. */
  share(settlement: Settlement): void {
    if (this.#settlement === undefined) this.#settlement = settlement
    else this.#settlement.reject(settlement.value)
  }

  /** Among those due at the same moment, the one that was submitted first is first. */
  get order(): number {
    return this.asyncId()
  }

  get isOver(): boolean {
    return this.state === 'done' || this.state === 'failed' || this.state === 'cancelled'
  }

  get nextRun(): Date | undefined {
    return this.state === 'delayed' ? this.#engine.dateOf(this) : undefined
  }

  nextRuns(count: number): Date[] {
    requireInteger('count', count, 0, Number.MAX_SAFE_INTEGER)
    const { nextRun } = this
    return count === 0 || nextRun === undefined ? [] : [nextRun]
  }

  get isRef(): boolean {
    return this.terms.isRef
  }

  /** Runs the function in the context of whoever submitted it. */
  call(run: TaskRun): unknown {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the function was accepted together with these arguments
    const fn = this.#fn as (...args: readonly unknown[]) => unknown
    const { args } = this.terms
    if (args.length === 0) return this.runInAsyncScope(fn, undefined, run)
    return this.runInAsyncScope(fn, undefined, ...args, run)
  }

  ring(): void {
    this.#engine.queue(this)
  }

  cancel(reason?: unknown): boolean {
    const isAskedFor = this.#settlement !== undefined || this.state === 'running'
    return this.#engine.cancel(this, reason === undefined && isAskedFor ? aborted() : reason)
  }

  reschedule(delayMs: number): boolean {
    return this.#engine.reschedule(this, requireDuration('delayMs', delayMs))
  }

  ref(): void {
    this.#setRef(true)
  }

  unref(): void {
    this.#setRef(false)
  }

  #setRef(isRef: boolean): void {
    if (this.terms.isRef === isRef) return
    this.terms = { ...this.terms, isRef }
    if (this.state === 'delayed') this.#engine.timers.refChanged(this)
  }

  get #engine(): Engine {
    return this.terms.level.engine
  }
}

/** What `AbortController.abort()` takes as well. */
export function aborted(): DOMException {
  return new DOMException('The task was cancelled', 'AbortError')
}
