import type { Task } from './task.ts'

/** Events of an `Executor`. Observations only: nothing depends on a listener. */
export interface ExecutorEvents {
  /** A task has failed for good, or a run of a repeating one, whether anybody looks at its result or not. */
  readonly failure: { readonly task: Task; readonly error: unknown }
  /** A repeating task did not run at moments of its schedule. */
  readonly missed: {
    readonly task: Task
    /** They were `late`, so that `missed` was asked; or the run before was not over: `overlap`. */
    readonly reason: 'late' | 'overlap'
    /** How many they were; of a cron rule, no more than 1,000 are counted. */
    readonly count: number
  }
  /** The last task is over, and its function has settled. Since the executor was made, so many were: */
  readonly idle: { readonly done: number; readonly failed: number; readonly cancelled: number }
}
