import { InvariantError, TimeoutError } from '@cupola/core'
import type { Engine } from './engine.ts'
import type { ScheduledTask } from './scheduled-task.ts'
import type { TaskRun } from './task.ts'
import type { TimerNode } from './timers.ts'

/** What a function is told about the run it is in. It may keep this for longer than the run lasts. */
export class Run implements TaskRun {
  readonly attempt: number
  #controller: AbortController | undefined = undefined

  constructor(attempt: number) {
    this.attempt = attempt
  }

  /** Made when it is asked for: most functions never do, and a controller costs more than they. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    return this.#controller.signal
  }

  abort(reason: unknown): void {
    this.#controller ??= new AbortController()
    this.#controller.abort(reason)
  }
}

/**
 * Where a function runs, from its call until it has settled; then it is the next one's. What listens
 * to the promises of all of them is made once: two closures for each run would be most of what a
 * short function leaves to the garbage collector.
 */
export class Slot implements TimerNode {
  index = -1
  readonly order = 0
  /** Where it stands among the slots. */
  readonly #number: number
  /** What the run has failed with, and after how long there is to be another. */
  error: unknown
  retryAfterMs: number | undefined
  /** `runTimeout` has passed: the function has lost, whatever it still does. */
  hasTimedOut = false
  readonly #engine: Engine
  readonly #onDone: (value: unknown) => void
  readonly #onFailed: (error: unknown) => void
  #task: ScheduledTask | undefined
  #run: Run | undefined

  constructor(engine: Engine, number: number) {
    this.#number = number
    this.#engine = engine
    this.#onDone = (value) => engine.ended(this, !this.hasTimedOut, value)
    this.#onFailed = (error) => engine.ended(this, false, error)
  }

  /** Whose function runs here, if one does. */
  get occupant(): ScheduledTask | undefined {
    return this.#task
  }

  /** Whose function runs here. */
  get task(): ScheduledTask {
    if (this.#task === undefined) throw new InvariantError('a slot in use has a task')
    return this.#task
  }

  /** A task does not keep the process alive to see it time out. */
  get isRef(): boolean {
    return false
  }

  /** Calls the function of a task. Never throws. */
  begin(task: ScheduledTask): void {
    const run = new Run(task.terms.attempt)
    this.#task = task
    this.#run = run
    task.index = this.#number
    let returned: unknown
    try {
      returned = task.call(run)
      if (isThenable(returned)) {
        // Gives a promise as it is. A foreign one may call back twice, or throw; this does not.
        Promise.resolve(returned).then(this.#onDone, this.#onFailed)
        return
      }
    } catch (error) {
      this.#onFailed(error)
      return
    }
    this.#onDone(returned)
  }

  abort(reason: unknown): void {
    this.#run?.abort(reason)
  }

  /** Makes it ready for another task. */
  clear(): void {
    this.#task = undefined
    this.#run = undefined
    this.error = undefined
    this.retryAfterMs = undefined
    this.hasTimedOut = false
  }

  /** `runTimeout` has passed. */
  ring(): void {
    const { task } = this
    const error = new TimeoutError('finish the task', task.terms.runTimeout)
    this.hasTimedOut = true
    this.#engine.timedOut(this, error)
    this.abort(error)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  const mayBe = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return mayBe && 'then' in value && typeof value.then === 'function'
}
