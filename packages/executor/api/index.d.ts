// index.d.ts
export type { WhenFull } from './admission.ts'
export type { ExecutorEvents } from './executor-events.ts'
export type { Concurrency, ExecutorOptions, ExecutorStats, LevelStats } from './executor-options.ts'
export { ExecutorRegistry } from './executor-registry.ts'
export { type CronOptions, type EveryOptions, Executor, type TerminateReport } from './executor.ts'
export { type CallablePool, onPool } from './on-pool.ts'
export { nextRuns, type NextRunsOptions } from './next-runs.ts'
export type { RateLimit } from './rate-limit.ts'
export type { Missed, MissedOptions, Overlap, RepeatOptions } from './repetition.ts'
export type { RetryOptions } from './retries.ts'
export type { TaskOptions, Urgency } from './task-options.ts'
export type { Task, TaskFunction, TaskRun, TaskState } from './task.ts'

// admission.d.ts
export type WhenFull = 'reject' | 'drop-oldest' | 'drop-newest'

// executor-events.d.ts
export interface ExecutorEvents {
  readonly failure: {
    readonly task: Task
    readonly error: unknown
  }
  readonly missed: {
    readonly task: Task
    readonly reason: 'late' | 'overlap'
    readonly count: number
  }
  readonly idle: {
    readonly done: number
    readonly failed: number
    readonly cancelled: number
  }
}

// executor-options.d.ts
import type { Clock } from '@cupola/core'
export interface Concurrency {
  readonly delayConcurrency?: number | undefined
  readonly queueConcurrency?: number | undefined
}
export interface ExecutorOptions extends Concurrency {
  readonly ageingMs?: number | undefined
  readonly queueCapacity?: number | undefined
  readonly whenFull?: WhenFull | undefined
  readonly rate?: RateLimit | undefined
  readonly random?: (() => number) | undefined
  readonly clock?: Clock | undefined
}
export interface LevelStats {
  readonly budget: 'delay' | 'queue'
  readonly urgency: number
  readonly queued: number
  readonly oldestMs: number
}
export interface ExecutorStats {
  readonly queued: number
  readonly levels: readonly LevelStats[]
  readonly running: number
  readonly repeating: number
  readonly open: number
  readonly done: number
  readonly failed: number
  readonly cancelled: number
}

// executor-registry.d.ts
export declare class ExecutorRegistry implements AsyncDisposable {
  #private
  get names(): readonly string[]
  named(name: string, options?: ExecutorOptions): Executor
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

// executor.d.ts
import { type ListenOptions, type WaitOptions } from '@cupola/core'
export interface EveryOptions<
  Args extends readonly unknown[] = readonly [],
> extends RepeatOptions<Args> {
  readonly countFrom?: 'start' | 'end' | undefined
  readonly firstDelayMs?: number | undefined
}
export interface CronOptions<
  Args extends readonly unknown[] = readonly [],
> extends RepeatOptions<Args> {
  readonly timeZone?: string | undefined
}
export interface TerminateReport {
  readonly unbegun: readonly Task[]
  readonly resting: readonly Task[]
  readonly interrupted: number
}
export declare class Executor implements AsyncDisposable {
  #private
  constructor(options?: ExecutorOptions)
  get closed(): boolean
  get concurrency(): {
    readonly delayConcurrency: number
    readonly queueConcurrency: number
  }
  delayExec<Result, const Args extends readonly unknown[] = readonly []>(
    delayMs: number,
    fn: TaskFunction<Args, Result>,
    options?: TaskOptions<Args>,
  ): Task<Result>
  queueExec<Result, const Args extends readonly unknown[] = readonly []>(
    fn: TaskFunction<Args, Result>,
    options?: TaskOptions<Args>,
  ): Task<Result>
  ready(options?: WaitOptions): Promise<void>
  every<Result, const Args extends readonly unknown[] = readonly []>(
    periodMs: number,
    fn: TaskFunction<Args, Result>,
    options?: EveryOptions<Args>,
  ): Task<Result>
  cron<Result, const Args extends readonly unknown[] = readonly []>(
    rule: string,
    fn: TaskFunction<Args, Result>,
    options?: CronOptions<Args>,
  ): Task<Result>
  at<Result, const Args extends readonly unknown[] = readonly []>(
    date: Date | number,
    fn: TaskFunction<Args, Result>,
    options?: TaskOptions<Args>,
  ): Task<Result>
  resize(concurrency: Concurrency): void
  get paused(): boolean
  pause(): void
  resume(): void
  close(): Promise<void>
  tryClose(options?: WaitOptions): Promise<boolean>
  terminate(reason?: unknown): Promise<TerminateReport>
  [Symbol.asyncDispose](): Promise<void>
  stats(): ExecutorStats
  on<Name extends keyof ExecutorEvents>(
    name: Name,
    listener: (event: ExecutorEvents[Name]) => void,
    options?: ListenOptions,
  ): Disposable
}

// next-runs.d.ts
export interface NextRunsOptions {
  readonly timeZone?: string | undefined
  readonly after?: Date | number | undefined
}
export declare function nextRuns(rule: string, count: number, options?: NextRunsOptions): Date[]

// on-pool.d.ts
export interface CallablePool {
  run(
    name: string,
    args: readonly unknown[],
    options: {
      readonly signal: AbortSignal
    },
  ): Promise<unknown>
}
export declare function onPool<Result = unknown>(
  pool: CallablePool,
  name: string,
  args?: readonly unknown[],
): (run: TaskRun) => Promise<Result>

// rate-limit.d.ts
export interface RateLimit {
  readonly tasks: number
  readonly perMs: number
  readonly burst?: number | undefined
}

// repetition.d.ts
export type Overlap = 'skip' | 'queue' | 'parallel'
export type Missed = 'skip' | 'once' | MissedOptions
export interface MissedOptions {
  readonly upTo?: number | undefined
  readonly afterMs?: number | undefined
}
export interface RepeatOptions<
  Args extends readonly unknown[] = readonly [],
> extends TaskOptions<Args> {
  readonly overlap?: Overlap | undefined
  readonly missed?: Missed | undefined
  readonly maxRuns?: number | undefined
  readonly jitterMs?: number | undefined
  readonly onError?: 'continue' | 'stop' | undefined
}

// retries.d.ts
export interface RetryOptions {
  readonly times: number
  readonly delayMs?: number | undefined
  readonly maxDelayMs?: number | undefined
  readonly when?: ((error: unknown) => boolean) | undefined
}

// task-options.d.ts
export type Urgency = 'high' | 'normal' | 'low' | number
export interface TaskOptions<Args extends readonly unknown[] = readonly []> {
  readonly urgency?: Urgency | undefined
  readonly args?: Args | undefined
  readonly signal?: AbortSignal | undefined
  readonly waitTimeout?: number | undefined
  readonly runTimeout?: number | undefined
  readonly retries?: number | RetryOptions | undefined
  readonly key?: unknown
}

// task.d.ts
export type TaskState = 'delayed' | 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
export interface TaskRun {
  readonly signal: AbortSignal
  readonly attempt: number
}
export type TaskFunction<Args extends readonly unknown[], Result> = (
  ...args: WithRun<Args>
) => Result | PromiseLike<Result>
type WithRun<Args extends readonly unknown[]> = Args extends readonly [...infer Each]
  ? [...Each, TaskRun]
  : never
export interface Task<Result = unknown> {
  readonly result: Promise<Result>
  readonly state: TaskState
  readonly nextRun: Date | undefined
  nextRuns(count: number): Date[]
  cancel(reason?: unknown): boolean
  reschedule(delayMs: number): boolean
  ref(): void
  unref(): void
}
