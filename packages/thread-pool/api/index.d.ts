// index.d.ts
export type { ErrorClass } from './unpack-error.ts'
export type { ArgumentsOf, FunctionName, ResultOf, WorkerModule } from './worker-module.ts'
export type { ThreadPoolEvents } from './thread-pool-events.ts'
export {
  type CallOptions,
  type RefusedCall,
  type ResizeOptions,
  type TerminateReport,
  ThreadPool,
  type ThreadPoolOptions,
  type ThreadPoolStats,
} from './thread-pool.ts'

// thread-pool-events.d.ts
import type { BrokenError } from '@cupola/core'
export interface ThreadPoolEvents {
  readonly threadStart: {
    readonly threadId: number
  }
  readonly threadExit: {
    readonly threadId: number
    readonly error: BrokenError | undefined
  }
  readonly idle: {
    readonly completed: number
  }
}

// thread-pool.d.ts
import type { Transferable, WorkerOptions } from 'node:worker_threads'
import { type Clock, type ListenOptions, type WaitOptions } from '@cupola/core'
export interface ThreadPoolOptions {
  readonly minThreads?: number | undefined
  readonly maxThreads?: number | undefined
  readonly idleTimeoutMs?: number | undefined
  readonly queueCapacity?: number | undefined
  readonly errorClasses?: readonly ErrorClass[] | undefined
  readonly workerOptions?: WorkerOptions | undefined
  readonly clock?: Clock | undefined
}
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeout?: number | undefined
  readonly transfer?: readonly Transferable[] | undefined
}
export interface ResizeOptions {
  readonly minThreads?: number | undefined
  readonly maxThreads?: number | undefined
}
export interface ThreadPoolStats {
  readonly threads: number
  readonly starting: number
  readonly working: number
  readonly idle: number
  readonly queued: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  readonly started: number
  readonly crashed: number
  readonly lost: number
}
export interface RefusedCall {
  readonly name: string
  readonly args: readonly unknown[]
}
export interface TerminateReport {
  readonly unbegun: readonly RefusedCall[]
  readonly interrupted: number
}
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

// unpack-error.d.ts
export type ErrorClass = abstract new (...args: never[]) => Error

// worker-module.d.ts
export type WorkerModule = Readonly<Record<string, (...args: unknown[]) => unknown>>
export type FunctionName<Module> = {
  [Name in keyof Module]: Module[Name] extends (...args: never[]) => unknown ? Name : never
}[keyof Module] &
  string
export type ArgumentsOf<Module, Name extends keyof Module> = Module[Name] extends (
  ...args: infer Arguments
) => unknown
  ? Arguments
  : never
export type ResultOf<Module, Name extends keyof Module> = Module[Name] extends (
  ...args: never[]
) => infer Result
  ? Awaited<Result>
  : never
