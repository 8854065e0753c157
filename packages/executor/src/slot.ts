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

/** What a run has failed with, and after how long there is to be another; `undefined` is never. */
export interface Failure {
  readonly error: unknown
  readonly retryAfterMs: number | undefined
}

/**
 * Where a function runs, from its call until it has settled; then it is the next one's. What listens
 * to the promises of all of them is made once: two closures for each run would be most of what a
 * short function leaves to the garbage collector.
 */
export class Slot implements TimerNode {
  index = -1
  readonly order = 0
  /** `runTimeout` has passed: the function has lost, whatever it still does. */
  timeout: Failure | undefined
  readonly #engine: Engine
  readonly #onDone: (value: unknown) => void
  readonly #onFailed: (error: unknown) => void
  #task: ScheduledTask | undefined
  #run: Run | undefined

  constructor(engine: Engine) {
    this.#engine = engine
    this.#onDone = (value) => engine.ended(this, true, value)
    this.#onFailed = (error) => engine.ended(this, false, error)
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
    let returned: unknown
    try {
      returned = task.call(run)
      if (isThenable(returned)) {
        listen(returned, this.#onDone, this.#onFailed)
        return
      }
    } catch (error) {
      this.#onFailed(error)
      return
    }
    this.#onDone(returned)
  }

  /** Aborts the signal of the run; who listens does so in the context of its task. */
  abort(reason: unknown): void {
    this.task.runInAsyncScope(() => this.#run?.abort(reason))
  }

  /** The function has settled: nothing aborts its signal any more. */
  endRun(): void {
    this.#run = undefined
  }

  /** Makes it ready for another task. */
  clear(): void {
    this.#task = undefined
    this.timeout = undefined
  }

  /** `runTimeout` has passed. */
  ring(): void {
    const { task } = this
    const error = new TimeoutError('finish the task', task.terms.runTimeout)
    this.#engine.timedOut(this, error)
    this.abort(error)
  }
}

/**
 * As `await` does, which takes no notice of a `then` that somebody gave a promise: that one may call
 * back twice, or throw. Any other thenable becomes a promise first.
 */
function listen(
  returned: PromiseLike<unknown>,
  onDone: (value: unknown) => void,
  onFailed: (error: unknown) => void,
): void {
  // oxlint-disable-next-line typescript/unbound-method -- called with a promise in its place
  const { then } = Promise.prototype
  void then.call(Promise.resolve(returned), onDone, onFailed)
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  const mayBe = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return mayBe && 'then' in value && typeof value.then === 'function'
}
