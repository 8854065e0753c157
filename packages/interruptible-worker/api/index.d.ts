// index.d.ts
export type { InterruptibleWorkerEvents } from './interruptible-worker-events.ts'
export type {
  InterruptibleWorkerOptions,
  TerminateOptions,
} from './interruptible-worker-options.ts'
export type { InterruptibleWorkerStats } from './interruptible-worker-stats.ts'
export { InterruptibleWorker } from './interruptible-worker.ts'
export type { InterruptionOptions } from './interruption-options.ts'
export type { InterruptOutcome } from './interruption.ts'
export type { RunOptions } from './run-options.ts'
export type { ErrorClass } from './unpack-error.ts'
export type {
  ArgumentsOf,
  FunctionName,
  ItemOf,
  ResultOf,
  StreamName,
  WorkerModule,
} from './worker-module.ts'

// interruptible-worker-events.d.ts
import type { BrokenError } from '@cupola/core'
export interface InterruptibleWorkerEvents {
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
}

// interruptible-worker-options.d.ts
import type { WorkerOptions } from 'node:worker_threads'
import type { Clock } from '@cupola/core'
export interface InterruptibleWorkerOptions {
  readonly interruption?: InterruptionOptions | undefined
  readonly errorClasses?: readonly ErrorClass[] | undefined
  readonly workerOptions?: WorkerOptions | undefined
  readonly clock?: Clock | undefined
}
export interface TerminateOptions {
  readonly retries?: number | undefined
  readonly intervalMs?: number | undefined
}

// interruptible-worker-stats.d.ts
export interface InterruptibleWorkerStats {
  readonly queued: number
  readonly running: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  readonly started: number
  readonly crashed: number
  readonly lost: number
  readonly interrupted: Readonly<Record<InterruptOutcome['stage'], number>>
  readonly executionTerminable: boolean
}

// interruptible-worker.d.ts
import { type ListenOptions, type WaitOptions } from '@cupola/core'
export declare class InterruptibleWorker<
  Module extends object = WorkerModule,
> implements AsyncDisposable {
  #private
  constructor(module: URL | string, options?: InterruptibleWorkerOptions)
  get threadId(): number
  get closed(): boolean
  run<Name extends FunctionName<Module>>(
    name: Name,
    args: Readonly<ArgumentsOf<Module, Name>>,
    options?: RunOptions,
  ): Promise<ResultOf<Module, Name>>
  interrupt(reason?: unknown, options?: InterruptionOptions): Promise<InterruptOutcome>
  restart(): Promise<void>
  terminate(options?: TerminateOptions): Promise<boolean>
  close(): Promise<void>
  tryClose(options?: WaitOptions): Promise<boolean>
  [Symbol.asyncDispose](): Promise<void>
  stats(): InterruptibleWorkerStats
  on<Name extends keyof InterruptibleWorkerEvents>(
    name: Name,
    listener: (event: InterruptibleWorkerEvents[Name]) => void,
    options?: ListenOptions,
  ): Disposable
}

// interruption-options.d.ts
export interface InterruptionOptions {
  readonly signalMs?: number | undefined
  readonly checkpointMs?: number | undefined
  readonly executionMs?: number | undefined
  readonly threadMs?: number | undefined
  readonly maskedMs?: number | undefined
  readonly replaceThread?: boolean | undefined
}

// interruption.d.ts
export interface InterruptOutcome {
  readonly stage: 'idle' | HeededStage | 'execution' | 'thread'
  readonly survived: boolean
  readonly tookMs: number
}

// life-functions.d.ts
export type LifeFunction = 'init' | 'dispose'

// messages.d.ts
export type HeededStage = 'signal' | 'checkpoint'

// run-options.d.ts
import type { Transferable } from 'node:worker_threads'
export interface RunOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeout?: number | undefined
  readonly transfer?: readonly Transferable[] | undefined
}

// unpack-error.d.ts
export type ErrorClass = abstract new (...args: never[]) => Error

// worker-module.d.ts
export type WorkerModule = Readonly<Record<string, (...args: unknown[]) => unknown>>
export type FunctionName<Module> = Exclude<
  {
    [Name in keyof Module]: Module[Name] extends (...args: never[]) => unknown ? Name : never
  }[keyof Module] &
    string,
  LifeFunction
>
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
export type StreamName<Module> = {
  [Name in FunctionName<Module>]: ItemOf<Module, Name> extends never ? never : Name
}[FunctionName<Module>]
export type ItemOf<Module, Name extends keyof Module> = IterableItem<ResultOf<Module, Name>>
type IterableItem<Result> = unknown extends Result
  ? unknown
  : Result extends string | readonly unknown[]
    ? never
    : Result extends AsyncIterable<infer Item>
      ? Awaited<Item>
      : Result extends Iterable<infer Item>
        ? Awaited<Item>
        : never
