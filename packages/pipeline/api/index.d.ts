// index.d.ts
export type { BatchOptions } from './batch.ts'
export {
  type ForEachOptions,
  type Pipeline,
  pipeline,
  type PipelineOptions,
  type StageOptions,
} from './pipeline.ts'
export type { RunReport, StageReport } from './report.ts'
export type { RunOptions } from './run.ts'
export type { Source } from './source.ts'
export type { StageContext } from './stage-context.ts'
export type { FunctionFor } from './via.ts'

// batch.d.ts
export interface BatchOptions {
  readonly size: number
  readonly afterMs?: number | undefined
}

// pipeline.d.ts
import { type Clock } from '@cupola/core'
import type { ResultOf, ThreadPool } from '@cupola/thread-pool'
export interface PipelineOptions {
  readonly clock?: Clock | undefined
}
export interface StageOptions {
  readonly concurrency?: number | undefined
  readonly ordered?: boolean | undefined
}
export interface ForEachOptions extends RunOptions {
  readonly concurrency?: number | undefined
}
export declare function pipeline<T>(source: Source<T>, options?: PipelineOptions): Pipeline<T>
export declare class Pipeline<T> implements AsyncIterable<T> {
  #private
  map<Out>(
    fn: (item: T, context: StageContext) => Out | PromiseLike<Out>,
    options?: StageOptions,
  ): Pipeline<Out>
  via<Module extends object, Name extends FunctionFor<Module, T>>(
    pool: ThreadPool<Module>,
    name: Name,
    options?: StageOptions,
  ): Pipeline<ResultOf<Module, Name>>
  filter<Kept extends T>(
    fn: (item: T, context: StageContext) => item is Kept,
    options?: StageOptions,
  ): Pipeline<Kept>
  filter(
    fn: (item: T, context: StageContext) => boolean | PromiseLike<boolean>,
    options?: StageOptions,
  ): Pipeline<T>
  tap(fn: (item: T, context: StageContext) => unknown, options?: StageOptions): Pipeline<T>
  batch(options: BatchOptions): Pipeline<T[]>
  toArray(options?: RunOptions): Promise<T[]>
  forEach(
    fn: (item: T, context: StageContext) => unknown,
    options?: ForEachOptions,
  ): Promise<RunReport>
  run(options?: RunOptions): Promise<RunReport>
  iterate(options?: RunOptions): AsyncIterableIterator<T, undefined>
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined>
}

// report.d.ts
export interface RunReport {
  readonly read: number
  readonly items: number
  readonly elapsedMs: number
  readonly stages: readonly StageReport[]
}
export interface StageReport {
  readonly name: string
  readonly taken: number
  readonly done: number
  readonly inFlight: number
}

// run.d.ts
export interface RunOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((report: RunReport) => unknown) | undefined
  readonly progressIntervalMs?: number | undefined
}

// source.d.ts
export type Source<T> = Items<T> | ((context: StageContext) => Items<T>)
type Items<T> = Iterable<T | PromiseLike<T>> | AsyncIterable<T | PromiseLike<T>>

// stage-context.d.ts
export interface StageContext {
  readonly signal: AbortSignal
}

// via.d.ts
import type { ArgumentsOf, FunctionName, ResultOf, ThreadPool } from '@cupola/thread-pool'
export type FunctionFor<Module extends object, Item> = {
  [Name in FunctionName<Module>]: readonly [Item] extends Readonly<ArgumentsOf<Module, Name>>
    ? Name
    : never
}[FunctionName<Module>]
