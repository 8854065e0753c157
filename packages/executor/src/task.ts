/**
 * Where a task is in its life.
 *
 *   delayed ──its moment comes──▶ queued ──a slot is free──▶ running ──▶ done | failed
 *      ▲                            │                          │
 *      └──────reschedule()──────────┘                          │
 *      └───────────another attempt, or the next of its runs────┘
 *
 * `queueExec()` begins at `queued`, everything else at `delayed`. `cancelled` is reachable from all
 * three that are not an end.
 */
export type TaskState = 'delayed' | 'queued' | 'running' | 'done' | 'failed' | 'cancelled'

/** What a task's function is told about the run it is in; always its last argument. */
export interface TaskRun {
  /**
   * Aborts when the task is cancelled, when the executor is terminated, and when `runTimeout` has
   * passed, with the reason of each. The task keeps its slot until the function has settled: listen.
   */
  readonly signal: AbortSignal
  /** 1, and one more in each further attempt that `retries` allows. */
  readonly attempt: number
}

/** What a task runs: with the `args` of its options, and then with what there is to know of the run. */
export type TaskFunction<Args extends readonly unknown[], Result> = (
  ...args: WithRun<Args>
) => Result | PromiseLike<Result>

/**
 * Asked of `Args` instead of spelled `[...Args, TaskRun]`, so that they are those in the options: from a
 * function of two parameters the compiler would infer that the second one is the run.
 */
type WithRun<Args extends readonly unknown[]> = Args extends readonly [...infer Each]
  ? [...Each, TaskRun]
  : never

/** Something that an executor has accepted. */
export interface Task<Result = unknown> {
  /**
   * What the function returns, awaited; for a repeating task, what its last run returned, once there
   * will be no other. Rejects with what the function throws, with the reason of `cancel()` or of the
   * signal, or with a `TimeoutError`.
   *
   * Reading it is asking for it: a task whose `result` is never read fails without an unhandled
   * rejection, and is only counted, and told of by the event `failure`. A repeating task keeps the
   * process alive from then on.
   */
  readonly result: Promise<Result>
  /** Where it is in its life. */
  readonly state: TaskState
  /**
   * When it is expected to run next, by the wall clock. `undefined` while it is queued or running
   * and there is no next time, when it is over, and for a moment that never comes.
   */
  readonly nextRun: Date | undefined
  /**
   * When it is expected to run next, and then, and so on: as {@link nextRun} does for the first. There is
   * no more than one of a task that runs once, or that counts from the end of each run.
   *
   * @param count - How many, from 0 up. There are fewer if there are no more to come.
   * @throws TypeError If `count` is not a number.
   * @throws RangeError If it is no integer from 0 up.
   */
  nextRuns(count: number): Date[]
  /**
   * Ends the task. One that has not begun will not; one that runs has its signal aborted and its
   * result rejected at once, and keeps its slot until the function has settled.
   *
   * Cost: O(1), and O(log n) among n tasks that wait for a moment.
   *
   * @param reason - What `result` rejects with, as it is.
   * @returns `true` if this ended it, `false` if it was over.
   *
   * @defaultValue `reason` is an `AbortError`, as of `AbortController.abort()`
   */
  cancel(reason?: unknown): boolean
  /**
   * Makes a task that waits run at another time. A queued one leaves its queue. Of a repeating task
   * this moves the next run; `every()` counts its periods from there, `cron()` goes by its rule.
   *
   * @param delayMs - Milliseconds from now, from 0 up; `Infinity` is not before another call.
   * @returns `true` if it waits for that now, `false` if it runs or is over.
   * @throws TypeError If `delayMs` is not a number.
   * @throws RangeError If it is negative or `NaN`.
   */
  reschedule(delayMs: number): boolean
  /** Keeps the process alive for it, which a task that is not repeating does anyway. */
  ref(): void
  /** Lets the process end before its moment has come. */
  unref(): void
}
