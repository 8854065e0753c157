import type { WorkerOptions } from 'node:worker_threads'
import type { Clock } from '@cupola/core'
import type { WhenFull } from './admission.ts'
import type { RecycleOptions } from './recycling.ts'
import type { ErrorClass, InterruptionOptions } from '@cupola/interruptible-worker'

/** How a `ThreadPool` is set up. */
export interface ThreadPoolOptions {
  /**
   * So many threads are started at once and kept, from 0 up.
   *
   * @defaultValue 0
   */
  readonly minThreads?: number | undefined
  /**
   * Never more threads than this, from 1 to 1024 and not below `minThreads`. Threads beyond
   * `minThreads` start when there are calls for them.
   *
   * @defaultValue `os.availableParallelism() - 1`, and at least 1 and `minThreads`: one core is
   * left to the main thread
   */
  readonly maxThreads?: number | undefined
  /**
   * After so many milliseconds without a call, a thread beyond `minThreads` ends. `Infinity` keeps
   * it.
   *
   * @defaultValue 60_000
   */
  readonly idleTimeoutMs?: number | undefined
  /**
   * How many calls may wait for a thread, beyond one for each of `maxThreads`. From 0 up.
   *
   * @defaultValue Infinity
   */
  readonly queueCapacity?: number | undefined
  /**
   * What becomes of a call beyond that: see {@link WhenFull}.
   *
   * @defaultValue 'reject'
   */
  readonly whenFull?: WhenFull | undefined
  /**
   * A call gains one priority in every so many milliseconds that it waits, so that those of a low
   * one have their turn as well. An integer from 1 up; `Infinity` is never.
   *
   * @defaultValue 1000
   */
  readonly ageingMs?: number | undefined
  /**
   * Your error classes whose instances shall keep their class when a call throws them. Matched by
   * name; the class's constructor is not run.
   *
   * @defaultValue none but the built-in ones and the toolkit's
   */
  readonly errorClasses?: readonly ErrorClass[] | undefined
  /**
   * What each thread is started with: `env`, `execArgv`, `resourceLimits`, `workerData` and so on,
   * as Node documents them. With `stdout: true` or `stderr: true`, what a thread writes there comes
   * as the event `output`. `resourceLimits` limit the JavaScript heap, not buffers; a thread that
   * exceeds them dies with the call it runs, and one large allocation may still end the process.
   *
   * @defaultValue Node's own defaults
   */
  readonly workerOptions?: WorkerOptions | undefined
  /**
   * How a call that is given up while it runs is ended.
   *
   * @defaultValue see {@link InterruptionOptions}
   */
  readonly interruption?: InterruptionOptions | undefined
  /**
   * When a thread is replaced by a new one, for code that does not live well for long.
   *
   * @defaultValue never
   */
  readonly recycle?: RecycleOptions | undefined
  /**
   * Whether to measure how long calls wait and run, for `durations` of `ThreadPool.stats()`: two
   * readings of the clock for each call, and a larger answer.
   *
   * @defaultValue false
   */
  readonly histograms?: boolean | undefined
  /**
   * Whose milliseconds count.
   *
   * @defaultValue {@link systemClock}
   */
  readonly clock?: Clock | undefined
}

/** The limits that `ThreadPool.resize()` can change. */
export interface ResizeOptions {
  /**
   * As in {@link ThreadPoolOptions}.
   *
   * @defaultValue unchanged
   */
  readonly minThreads?: number | undefined
  /**
   * As in {@link ThreadPoolOptions}.
   *
   * @defaultValue unchanged
   */
  readonly maxThreads?: number | undefined
  /**
   * As in {@link ThreadPoolOptions}.
   *
   * @defaultValue unchanged
   */
  readonly idleTimeoutMs?: number | undefined
}
