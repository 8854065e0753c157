// index.d.ts
export type {
  ArgumentsOf,
  ErrorClass,
  FunctionName,
  InterruptionOptions,
  InterruptOutcome,
  ItemOf,
  ResultOf,
  StreamName,
  WorkerModule,
} from '@cupola/interruptible-worker'
export type { AffinityKey } from '@cupola/interruptible-worker/authoring'
export type { WhenFull } from './admission.ts'
export type { BroadcastOptions, ThreadResult } from './broadcasts.ts'
export type { CallOptions } from './call-options.ts'
export type { CallDiagnostics, PoolDiagnostics } from './diagnostics.ts'
export type { CallDurations, DurationSummary } from './histograms.ts'
export type { RecycleOptions, RecycleReason } from './recycling.ts'
export type { StreamOptions } from './call-stream.ts'
export { inline, type InlineFunctions, type InlineModule } from './inline.ts'
export type { MapItem, MapName, MapOptions, MapSource } from './map.ts'
export type { RetryOptions } from './retries.ts'
export type { Settlement } from './settlement.ts'
export type { ThreadPoolEvents } from './thread-pool-events.ts'
export type { ResizeOptions, ThreadPoolOptions } from './thread-pool-options.ts'
export type {
  RefusedCall,
  TerminateReport,
  ThreadPoolStats,
  ThreadStats,
} from './thread-pool-stats.ts'
export { ThreadPool } from './thread-pool.ts'

// admission.d.ts
export type WhenFull = 'reject' | 'wait' | 'drop-oldest' | 'drop-newest' | 'caller-runs'

// broadcasts.d.ts
export interface BroadcastOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeout?: number | undefined
  readonly replay?: boolean | undefined
}
export interface ThreadResult<Result> {
  readonly threadId: number
  readonly value: Result
}

// call-options.d.ts
import type { Transferable } from 'node:worker_threads'
import { type AffinityKey, type CallRequest } from '@cupola/interruptible-worker/authoring'
export interface CallOptions<Result = unknown> {
  readonly signal?: AbortSignal | undefined
  readonly timeout?: number | undefined
  readonly deadline?: number | undefined
  readonly priority?: number | undefined
  readonly affinity?: AffinityKey | undefined
  readonly retries?: number | RetryOptions | undefined
  readonly transfer?: readonly Transferable[] | undefined
  readonly onSettled?: ((settlement: Settlement<Result>) => void) | undefined
  readonly onProgress?: ((value: unknown) => void) | undefined
}

// call-stream.d.ts
export interface StreamOptions extends Omit<CallOptions, 'retries' | 'onSettled'> {
  readonly highWaterMark?: number | undefined
}

// diagnostics.d.ts
export interface PoolDiagnostics {
  readonly pool: Pick<ThreadPool, 'stats' | 'threadStats'>
  readonly moduleUrl: string
}
export interface CallDiagnostics extends PoolDiagnostics {
  readonly name: string
  readonly args: readonly unknown[]
}

// histograms.d.ts
export interface DurationSummary {
  readonly count: number
  readonly meanMs: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}
export interface CallDurations {
  readonly wait: DurationSummary
  readonly run: DurationSummary
}

// inline.d.ts
export type InlineFunctions = Readonly<Record<string, (...args: never[]) => unknown>>
export declare class InlineModule<Functions extends object> {
  readonly url: URL
  readonly functions: Functions
  constructor(functions: Functions, source: string)
}
export declare function inline<Functions extends InlineFunctions>(
  functions: Functions,
  constants?: Readonly<Record<string, unknown>>,
): InlineModule<Functions>

// map.d.ts
import type { ArgumentsOf, FunctionName } from '@cupola/interruptible-worker'
export interface MapOptions extends Omit<CallOptions, 'transfer' | 'onSettled'> {
  readonly signal?: AbortSignal | undefined
  readonly concurrency?: number | undefined
  readonly ordered?: boolean | undefined
}
export type MapName<Module> = {
  [Name in FunctionName<Module>]: readonly [MapItem<Module, Name>] extends Readonly<
    ArgumentsOf<Module, Name>
  >
    ? Name
    : never
}[FunctionName<Module>]
export type MapItem<Module, Name extends keyof Module> = ArgumentsOf<Module, Name>[0]
export type MapSource<Item> = Iterable<Item | PromiseLike<Item>> | AsyncIterable<Item>

// recycling.d.ts
export interface RecycleOptions {
  readonly calls?: number | undefined
  readonly ageMs?: number | undefined
  readonly heapBytes?: number | undefined
}
export type RecycleReason = 'calls' | 'age' | 'heap'

// retries.d.ts
export interface RetryOptions {
  readonly errors?: number | undefined
  readonly crashes?: number | undefined
  readonly delayMs?: number | undefined
}

// settlement.d.ts
export type Settlement<Result> =
  | {
      readonly ok: true
      readonly value: Result
    }
  | {
      readonly ok: false
      readonly error: unknown
    }

// thread-pool-events.d.ts
import type { BrokenError } from '@cupola/core'
import type { InterruptOutcome } from '@cupola/interruptible-worker'
import type { OutputStream } from '@cupola/interruptible-worker/authoring'
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
  readonly recycle: {
    readonly threadId: number
    readonly reason: RecycleReason
  }
  readonly broken: {
    readonly error: BrokenError
  }
  readonly output: {
    readonly threadId: number
    readonly stream: OutputStream
    readonly text: string
  }
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
  readonly recycle?: RecycleOptions | undefined
  readonly histograms?: boolean | undefined
  readonly clock?: Clock | undefined
}
export interface ResizeOptions {
  readonly minThreads?: number | undefined
  readonly maxThreads?: number | undefined
  readonly idleTimeoutMs?: number | undefined
}

// thread-pool-stats.d.ts
import type { InterruptOutcome } from '@cupola/interruptible-worker'
import type { ThreadState } from '@cupola/interruptible-worker/authoring'
export interface ThreadPoolStats {
  readonly threads: number
  readonly starting: number
  readonly working: number
  readonly idle: number
  readonly queued: number
  readonly accepted: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  readonly dropped: number
  readonly retried: number
  readonly waiting: number
  readonly started: number
  readonly mostThreads: number
  readonly recycled: number
  readonly crashed: number
  readonly lost: number
  readonly interrupted: Readonly<Record<InterruptOutcome['stage'], number>>
  readonly executionTerminable: boolean
  readonly durations: CallDurations | undefined
}
export interface ThreadStats {
  readonly threadId: number
  readonly state: ThreadState
  readonly calls: number
  readonly callsDone: number
  readonly ageMs: number
  readonly utilization: number
  readonly heapBytes: number | undefined
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
  ItemOf,
  ResultOf,
  StreamName,
  WorkerModule,
} from '@cupola/interruptible-worker'
export declare class ThreadPool<Module extends object = WorkerModule> implements AsyncDisposable {
  #private
  constructor(module: URL | string | InlineModule<Module>, options?: ThreadPoolOptions)
  get closed(): boolean
  get size(): {
    readonly minThreads: number
    readonly maxThreads: number
  }
  run<Name extends FunctionName<Module>>(
    name: Name,
    args: Readonly<ArgumentsOf<Module, Name>>,
    options?: CallOptions<ResultOf<Module, Name>>,
  ): Promise<ResultOf<Module, Name>>
  stream<Name extends StreamName<Module>>(
    name: Name,
    args: Readonly<ArgumentsOf<Module, Name>>,
    options?: StreamOptions,
  ): AsyncIterableIterator<ItemOf<Module, Name>, undefined>
  map<Name extends MapName<Module>>(
    name: Name,
    items: MapSource<MapItem<Module, Name>>,
    options?: MapOptions,
  ): AsyncGenerator<ResultOf<Module, Name>, undefined>
  broadcast<Name extends FunctionName<Module>>(
    name: Name,
    args: Readonly<ArgumentsOf<Module, Name>>,
    options?: BroadcastOptions,
  ): Promise<ThreadResult<ResultOf<Module, Name>>[]>
  ready(options?: WaitOptions): Promise<void>
  resize(size: ResizeOptions): Promise<void>
  warmUp(threads?: number): Promise<void>
  close(): Promise<void>
  tryClose(options?: WaitOptions): Promise<boolean>
  terminate(reason?: unknown): Promise<TerminateReport>
  [Symbol.asyncDispose](): Promise<void>
  stats(): ThreadPoolStats
  threadStats(): readonly ThreadStats[]
  on<Name extends keyof ThreadPoolEvents>(
    name: Name,
    listener: (event: ThreadPoolEvents[Name]) => void,
    options?: ListenOptions,
  ): Disposable
}
