// index.d.ts
export type {
  ArgumentsOf,
  ErrorClass,
  FunctionName,
  InterruptionOptions,
  InterruptOutcome,
  ResultOf,
  WorkerModule,
} from '@cupola/interruptible-worker'
export type { AffinityKey } from '@cupola/interruptible-worker/authoring'
export type { WhenFull } from './admission.ts'
export type { CallOptions } from './call-options.ts'
export type { RetryOptions } from './retries.ts'
export type { ThreadPoolEvents } from './thread-pool-events.ts'
export type { ResizeOptions, ThreadPoolOptions } from './thread-pool-options.ts'
export type { RefusedCall, TerminateReport, ThreadPoolStats } from './thread-pool-stats.ts'
export { ThreadPool } from './thread-pool.ts'

// admission.d.ts
export type WhenFull = 'reject' | 'wait' | 'drop-oldest' | 'drop-newest' | 'caller-runs'

// call-options.d.ts
import type { Transferable } from 'node:worker_threads'
import { type AffinityKey, type CallRequest } from '@cupola/interruptible-worker/authoring'
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeout?: number | undefined
  readonly deadline?: number | undefined
  readonly priority?: number | undefined
  readonly affinity?: AffinityKey | undefined
  readonly retries?: number | RetryOptions | undefined
  readonly transfer?: readonly Transferable[] | undefined
}

// retries.d.ts
export interface RetryOptions {
  readonly errors?: number | undefined
  readonly crashes?: number | undefined
  readonly delayMs?: number | undefined
}

// thread-pool-events.d.ts
import type { BrokenError } from '@cupola/core'
import type { InterruptOutcome } from '@cupola/interruptible-worker'
export interface ThreadPoolEvents {
  readonly threadStart: {
    readonly threadId: number
  }
  readonly threadExit: {
    readonly threadId: number
    readonly error: BrokenError | undefined
  }
  readonly interrupt: {
    readonly threadId: number
    readonly name: string
  } & InterruptOutcome
  readonly idle: {
    readonly completed: number
  }
}

// thread-pool-options.d.ts
import type { WorkerOptions } from 'node:worker_threads'
import type { Clock } from '@cupola/core'
import type { ErrorClass, InterruptionOptions } from '@cupola/interruptible-worker'
export interface ThreadPoolOptions {
  readonly minThreads?: number | undefined
  readonly maxThreads?: number | undefined
  readonly idleTimeoutMs?: number | undefined
  readonly queueCapacity?: number | undefined
  readonly whenFull?: WhenFull | undefined
  readonly ageingMs?: number | undefined
  readonly errorClasses?: readonly ErrorClass[] | undefined
  readonly workerOptions?: WorkerOptions | undefined
  readonly interruption?: InterruptionOptions | undefined
  readonly clock?: Clock | undefined
}
export interface ResizeOptions {
  readonly minThreads?: number | undefined
  readonly maxThreads?: number | undefined
}

// thread-pool-stats.d.ts
import type { InterruptOutcome } from '@cupola/interruptible-worker'
export interface ThreadPoolStats {
  readonly threads: number
  readonly starting: number
  readonly working: number
  readonly idle: number
  readonly queued: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  readonly dropped: number
  readonly retried: number
  readonly waiting: number
  readonly started: number
  readonly crashed: number
  readonly lost: number
  readonly interrupted: Readonly<Record<InterruptOutcome['stage'], number>>
  readonly executionTerminable: boolean
}
export interface RefusedCall {
  readonly name: string
  readonly args: readonly unknown[]
}
export interface TerminateReport {
  readonly unbegun: readonly RefusedCall[]
  readonly interrupted: number
}

// thread-pool.d.ts
import { type ListenOptions, type WaitOptions } from '@cupola/core'
import type {
  ArgumentsOf,
  FunctionName,
  ResultOf,
  WorkerModule,
} from '@cupola/interruptible-worker'
export declare class ThreadPool<Module extends object = WorkerModule> implements AsyncDisposable {
  #private
  constructor(module: URL | string, options?: ThreadPoolOptions)
  get closed(): boolean
  get size(): {
    readonly minThreads: number
    readonly maxThreads: number
  }
  run<Name extends FunctionName<Module>>(
    name: Name,
    args: Readonly<ArgumentsOf<Module, Name>>,
    options?: CallOptions,
  ): Promise<ResultOf<Module, Name>>
  ready(options?: WaitOptions): Promise<void>
  resize(size: ResizeOptions): Promise<void>
  close(): Promise<void>
  tryClose(options?: WaitOptions): Promise<boolean>
  terminate(reason?: unknown): Promise<TerminateReport>
  [Symbol.asyncDispose](): Promise<void>
  stats(): ThreadPoolStats
  on<Name extends keyof ThreadPoolEvents>(
    name: Name,
    listener: (event: ThreadPoolEvents[Name]) => void,
    options?: ListenOptions,
  ): Disposable
}
