import { threadId } from 'node:worker_threads'
import { InterruptedError, type InterruptStage } from '@cupola/core'
import { requireDuration, requireFunction } from '@cupola/core/authoring'
import type { RunningTask } from './in-thread/running-task.ts'
import { findHost } from './in-thread/task-host.ts'
import { unpackError } from './unpack-error.ts'

/** The call that a thread is inside, for the code of its worker module. */
export interface Task {
  /** The function that was called. */
  readonly name: string
  /** Its number among the calls of this thread, from 0 up. */
  readonly taskId: number
  /** Node's number for the thread. */
  readonly threadId: number
  /** Which attempt of the call this is, from 1 up: more if it may be tried again, and was. */
  readonly attempt: number
  /**
   * Aborts when the call is interrupted, with an `InterruptedError` whose `cause` is the reason.
   * A thread hears of that when its event loop turns: for `async` functions.
   */
  readonly signal: AbortSignal
  /**
   * A checkpoint: throws if the call is interrupted. For loops that do not let the event loop turn.
   *
   * Cost: one atomic load.
   *
   * @throws InterruptedError If the call is interrupted, and not inside {@link uninterruptible}. Its
   *   `cause` is the reason, if the thread has heard of it, which takes a turn of its event loop.
   */
  throwIfInterrupted(): void
  /**
   * A checkpoint that takes its time.
   *
   * @param milliseconds - For how long, from 0 up.
   * @throws InterruptedError If the call is interrupted before or meanwhile.
   * @throws RangeError If `milliseconds` is negative or `NaN`.
   */
  sleep(milliseconds: number): Promise<void>
  /**
   * The same for functions that are not `async`: blocks the thread, whose event loop stands still.
   *
   * @param milliseconds - For how long, from 0 up.
   * @throws InterruptedError If the call is interrupted before or meanwhile.
   * @throws RangeError If `milliseconds` is negative or `NaN`.
   */
  sleepSync(milliseconds: number): void
  /**
   * Tells whoever called how far the work is. It hears of everything, in order, and before the call
   * ends.
   *
   * Cost: a message, if somebody listens. If not, nothing.
   *
   * @param value - What to tell, copied by structured clone.
   * @throws DOMException `DataCloneError` if it cannot be copied.
   */
  progress(value: unknown): void
  /**
   * Runs a section that is not interrupted: checkpoints do not raise, and neither the execution nor
   * the thread is terminated before it has ended, or `maskedMs` of whoever interrupts have passed.
   * Only the signal aborts. For what must not be left half done; keep it short.
   *
   * @param section - If it is `async`, the section lasts until its promise has settled.
   * @returns What `section` returns.
   * @throws What `section` throws.
   */
  uninterruptible<Result>(section: () => Result): Result
}

/**
 * The call that this thread is inside.
 *
 * Ask at the beginning of your function, not in a callback that may come when the call is over.
 *
 * @throws TypeError If the thread is inside none, or is no thread of this toolkit.
 *
 * @example A loop that can be interrupted
 * ```js
 * import { currentTask } from '@cupola/interruptible-worker/task'
 *
 * export function countTo(limit = 0) {
 *   const task = currentTask()
 *   let count = 0
 *   while (count < limit) {
 *     task.throwIfInterrupted()
 *     count++
 *   }
 *   return count
 * }
 * ```
 */
export function currentTask(): Task {
  const running = findHost()?.running
  if (running === undefined) {
    throw new TypeError('Cannot find the current task: this thread is inside no call')
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nobody else sets it
  return (running.face ??= new CurrentTask(running)) as Task
}

class CurrentTask implements Task {
  readonly name: string
  readonly taskId: number
  readonly threadId = threadId
  readonly attempt: number
  readonly #running: RunningTask
  #controller: AbortController | undefined

  constructor(running: RunningTask) {
    this.#running = running
    const { name, number, attempt } = running.facts
    this.name = name
    this.taskId = number
    this.attempt = attempt
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController()
      this.#controller = controller
      this.#running.onSignal(() => controller.abort(this.#error('signal')))
    }
    return this.#controller.signal
  }

  throwIfInterrupted(): void {
    if (this.#running.isInterrupted) this.#raise()
  }

  async sleep(milliseconds: number): Promise<void> {
    requireDuration('milliseconds', milliseconds)
    this.throwIfInterrupted()
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(milliseconds, LONGEST_TIMER_MS))
      this.#running.onRaise(() => {
        clearTimeout(timer)
        resolve()
      })
    })
    this.#running.onRaise(undefined)
    // Nobody is left to catch what it would throw, and an unhandled rejection ends the thread.
    if (this.#running.isAbandoned) await new Promise(() => {})
    this.throwIfInterrupted()
  }

  sleepSync(milliseconds: number): void {
    requireDuration('milliseconds', milliseconds)
    const until = performance.now() + milliseconds
    for (let left = milliseconds; left > 0; left = until - performance.now()) {
      this.throwIfInterrupted()
      this.#running.block(left)
    }
    this.throwIfInterrupted()
  }

  progress(value: unknown): void {
    this.#running.facts.tell?.(value)
  }

  uninterruptible<Result>(section: () => Result): Result {
    requireFunction('section', section)
    const epoch = this.#running.mask()
    let isPending = false
    try {
      const result = section()
      if (!(result instanceof Promise)) return result
      isPending = true
      const unmask = () => this.#running.unmask(epoch)
      result.then(unmask, unmask)
      return result
    } finally {
      if (!isPending) this.#running.unmask(epoch)
    }
  }

  #raise(): never {
    this.#running.heeded = 'checkpoint'
    throw this.#error('checkpoint')
  }

  #error(stage: InterruptStage): InterruptedError {
    const { reason, facts } = this.#running
    const cause = reason === undefined ? {} : { cause: unpackError(reason, []) }
    return new InterruptedError(`finish the call of "${facts.name}"`, stage, cause)
  }
}

/** The longest that `setTimeout` keeps. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
