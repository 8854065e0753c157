import { TimeoutError } from '@cupola/core'
import type { LinkedList, LinkedNode } from '@cupola/core/authoring'
import type { Engine } from './engine.ts'
import type { ScheduledTask } from './scheduled-task.ts'
import type { TaskRun } from './task.ts'
import type { TimerNode } from './timers.ts'

/** One run of a task, from the call of its function until that has settled. Its slot is taken so long. */
export class Run implements TaskRun, TimerNode, LinkedNode<Run> {
  previous: Run | undefined = undefined
  next: Run | undefined = undefined
  list: LinkedList<Run> | undefined = undefined
  index = -1
  readonly task: ScheduledTask
  readonly attempt: number
  readonly #engine: Engine
  /** What the attempt failed with, and after how long there is to be another. */
  error: unknown = undefined
  retryAfterMs: number | undefined = undefined
  /** The function has lost, whatever it still does. */
  hasTimedOut = false
  #controller: AbortController | undefined = undefined

  constructor(task: ScheduledTask, attempt: number, engine: Engine) {
    this.task = task
    this.attempt = attempt
    this.#engine = engine
  }

  /** Made when it is asked for: most functions never do, and a controller costs more than they. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    return this.#controller.signal
  }

  /** A task does not keep the process alive to see it time out. */
  get isRef(): boolean {
    return false
  }

  /** Calls the function. Never throws. */
  begin(): void {
    let returned: unknown
    try {
      returned = this.task.call(this)
      if (isThenable(returned)) {
        // A foreign promise may call back twice, or throw: one of our own around it does not.
        const promise = returned instanceof Promise ? returned : Promise.resolve(returned)
        promise.then(
          (value: unknown) => this.#end(true, value),
          (error: unknown) => this.#end(false, error),
        )
        return
      }
    } catch (error) {
      this.#end(false, error)
      return
    }
    this.#end(true, returned)
  }

  abort(reason: unknown): void {
    this.#controller ??= new AbortController()
    this.#controller.abort(reason)
  }

  /** `runTimeout` has passed. */
  ring(): void {
    this.hasTimedOut = true
    const error = new TimeoutError('finish the task', this.task.terms.runTimeout)
    this.#engine.timedOut(this, error)
    this.abort(error)
  }

  #end(isDone: boolean, value: unknown): void {
    this.#engine.ended(this, isDone && !this.hasTimedOut, value)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  const mayBe = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return mayBe && 'then' in value && typeof value.then === 'function'
}
