import type { WorkerOptions } from 'node:worker_threads'
import type { Clock } from '@cupola/core'
import type { InterruptionOptions } from './interruption-options.ts'
import type { ErrorClass } from './unpack-error.ts'

/** How an `InterruptibleWorker` is set up. */
export interface InterruptibleWorkerOptions {
  /**
   * How a running call is ended, by its `signal`, its `timeout` or `interrupt()`.
   *
   * @defaultValue see {@link InterruptionOptions}
   */
  readonly interruption?: InterruptionOptions | undefined
  /**
   * Your error classes whose instances shall keep their class when a call throws them. Matched by
   * name; the class's constructor is not run.
   *
   * @defaultValue none but the built-in ones and the toolkit's
   */
  readonly errorClasses?: readonly ErrorClass[] | undefined
  /**
   * What the thread is started with: `env`, `execArgv`, `resourceLimits`, `workerData` and so on, as
   * Node documents them.
   *
   * @defaultValue Node's own defaults
   */
  readonly workerOptions?: WorkerOptions | undefined
  /**
   * Whose milliseconds count.
   *
   * @defaultValue {@link systemClock}
   */
  readonly clock?: Clock | undefined
}

/** How hard `InterruptibleWorker.terminate()` tries. */
export interface TerminateOptions {
  /**
   * How many more times to try after the first, an integer from 0 up.
   *
   * @defaultValue 15
   */
  readonly retries?: number | undefined
  /**
   * How long to wait for each try, at most, in milliseconds.
   *
   * @defaultValue 1000
   */
  readonly intervalMs?: number | undefined
}
