// index.d.ts
export { BlockSize } from './block-size.ts'
export { BufferPool } from './buffer-pool.ts'
export type { AcquireOptions, AllocateOptions, RefusedBlocks } from './block-request.ts'
export type { BufferPoolOptions } from './buffer-pool-options.ts'
export type { LateWriteReport } from './hygiene.ts'
export type { LeakReport } from './leak-watch.ts'
export {
  DoubleReleaseError,
  ForeignReleaseError,
  type MisuseErrorOptions,
  UseAfterReleaseError,
} from './misuse-errors.ts'
export type { NumberFormat, NumberOf } from './number-formats.ts'
export type { BufferReader } from './buffer-reader.ts'
export type { BufferWriter } from './buffer-writer.ts'
export type { PooledBuffer } from './pooled-buffer.ts'
export type { BufferPoolStats, TagStats, UsageStats } from './usage.ts'
export type { SharedBufferHandle } from './shared-buffer-handle.ts'
export { SharedBufferPool } from './shared-buffer-pool.ts'
export type {
  AcquireSyncOptions,
  ReclaimOptions,
  SharedBufferPoolOptions,
  SharedBufferPoolStats,
} from './shared-buffer-pool-options.ts'
export type { SharedBufferPoolHandle } from './shared-pool-memory.ts'

// block-request.d.ts
import { FullError, type WaitOptions } from '@cupola/core'
export interface AllocateOptions {
  readonly tag?: string | undefined
}
export interface AcquireOptions extends AllocateOptions, WaitOptions {}
export interface RefusedBlocks {
  readonly blocks: number
  readonly free: number
}

// block-size.d.ts
export declare const BlockSize: {
  readonly small: 4096
  readonly medium: 135168
  readonly large: 1052672
}

// buffer-pool-options.d.ts
import { type Clock } from '@cupola/core'
export interface BufferPoolOptions {
  readonly maxBlocks: number
  readonly blockSize?: number | undefined
  readonly initialBlocks?: number | undefined
  readonly idleTimeoutMs?: number | undefined
  readonly zero?: ZeroMode | undefined
  readonly leaks?: LeakMode | undefined
  readonly onLeak?: ((report: LeakReport) => void) | undefined
  readonly guard?: GuardMode | undefined
  readonly onLateWrite?: ((report: LateWriteReport) => void) | undefined
  readonly clock?: Clock | undefined
}

// buffer-pool.d.ts
import { type WaitOptions } from '@cupola/core'
export declare class BufferPool implements AsyncDisposable {
  #private
  constructor(options: BufferPoolOptions)
  get blockSize(): number
  get closed(): boolean
  tryAllocate(blocks: number, options?: AllocateOptions): PooledBuffer | undefined
  allocate(blocks: number, options?: AllocateOptions): PooledBuffer
  allocateBytes(bytes: number, options?: AllocateOptions): PooledBuffer
  acquire(blocks: number, options?: AcquireOptions): Promise<PooledBuffer>
  run<Result>(
    blocks: number,
    fn: (buffer: PooledBuffer) => Result | PromiseLike<Result>,
    options?: AcquireOptions,
  ): Promise<Result>
  release(buffer: PooledBuffer): void
  stats(): BufferPoolStats
  statsOf(tag: string): TagStats
  trim(): number
  close(): Promise<void>
  tryClose(options?: WaitOptions): Promise<boolean>
  [Symbol.asyncDispose](): Promise<void>
}

// buffer-reader.d.ts
export declare class BufferReader {
  #private
  get position(): number
  get remaining(): number
  seek(position: number): void
  read<Format extends NumberFormat>(format: Format): NumberOf<Format>
  text(bytes?: number, encoding?: BufferEncoding): string
  bytes(bytes?: number): Buffer
  span(most?: number): Buffer
}

// buffer-streams.d.ts
export interface AppendOptions {
  readonly signal?: AbortSignal | undefined
}

// buffer-writer.d.ts
export declare class BufferWriter {
  #private
  get position(): number
  get remaining(): number
  seek(position: number): void
  write<Format extends NumberFormat>(format: Format, value: NumberOf<Format>): this
  bytes(content: Uint8Array): this
  text(text: string): number
}

// content.d.ts
export type Content = string | Uint8Array

// hygiene.d.ts
export declare const ZERO_MODES: readonly ['never', 'take', 'release']
export type ZeroMode = (typeof ZERO_MODES)[number]
export type GuardMode = 'off' | 'poison' | 'detach'
export interface LateWriteReport {
  readonly bufferId: number
  readonly tag: string | undefined
  readonly offset: number
  readonly releasedAt: Error | undefined
}

// leak-watch.d.ts
export interface LeakReport {
  readonly bufferId: number
  readonly tag: string | undefined
  readonly blocks: number
  readonly stack: string | undefined
}
export type LeakMode = 'off' | 'sampled' | 'all'

// misuse-errors.d.ts
import { CupolaError } from '@cupola/core'
export interface MisuseErrorOptions extends ErrorOptions {
  readonly ending?: string | undefined
}
export declare class DoubleReleaseError extends CupolaError {
  readonly code = 'ERR_DOUBLE_RELEASE'
  readonly bufferId: number
  constructor(bufferId: number, options?: MisuseErrorOptions)
  get name(): string
}
export declare class ForeignReleaseError extends CupolaError {
  readonly code = 'ERR_FOREIGN_RELEASE'
  readonly bufferId: number
  constructor(bufferId: number, action?: string)
  get name(): string
}
export declare class UseAfterReleaseError extends CupolaError {
  readonly code = 'ERR_USE_AFTER_RELEASE'
  readonly bufferId: number
  constructor(action: string, bufferId: number, options?: MisuseErrorOptions)
  get name(): string
}

// number-formats.d.ts
export type NumberFormat =
  | 'Int8'
  | 'UInt8'
  | 'Int16LE'
  | 'Int16BE'
  | 'UInt16LE'
  | 'UInt16BE'
  | 'Int32LE'
  | 'Int32BE'
  | 'UInt32LE'
  | 'UInt32BE'
  | 'FloatLE'
  | 'FloatBE'
  | 'DoubleLE'
  | 'DoubleBE'
  | 'BigInt64LE'
  | 'BigInt64BE'
  | 'BigUInt64LE'
  | 'BigUInt64BE'
export type NumberOf<Format extends NumberFormat> = Format extends `Big${string}` ? bigint : number

// pooled-buffer.d.ts
import type { Readable } from 'node:stream'
export declare class PooledBuffer implements Disposable {
  #private
  readonly id: number
  readonly capacity: number
  get blockSize(): number
  get length(): number
  get released(): boolean
  set(content: Content, encoding?: BufferEncoding): this
  append(content: Content, encoding?: BufferEncoding): this
  appendFrom(
    source: AsyncIterable<Content> | Iterable<Content>,
    options?: AppendOptions,
  ): Promise<void>
  fill(byte: number, start?: number, end?: number): this
  bytes(): Buffer[]
  spare(): Buffer[]
  commit(bytes: number): void
  copyTo(target: Uint8Array, start?: number): number
  toBuffer(start?: number, end?: number): Buffer
  toString(encoding?: BufferEncoding, start?: number, end?: number): string
  reader(position?: number): BufferReader
  writer(position?: number): BufferWriter
  toReadable(): Readable
  release(): void
  [Symbol.dispose](): void
}

// shared-buffer-handle.d.ts
export interface SharedBufferHandle {
  readonly pool: string
  readonly blocks: readonly number[]
  readonly length: number
  readonly bufferId: number
  readonly tag: string | undefined
  readonly proof: number
}

// shared-buffer-pool-options.d.ts
import type { SharedOptions, SyncWaitOptions } from '@cupola/shared-sync/authoring'
export interface SharedBufferPoolOptions extends SharedOptions {
  readonly maxBlocks: number
  readonly blockSize?: number | undefined
  readonly zero?: ZeroMode | undefined
}
export interface AcquireSyncOptions extends AllocateOptions, SyncWaitOptions {}
export interface ReclaimOptions {
  readonly handedOver?: boolean | undefined
}
export interface SharedBufferPoolStats {
  readonly blockSize: number
  readonly capacity: number
  readonly used: number
  readonly handedOver: number
  readonly free: number
  readonly highWater: number
  readonly waiting: number
  readonly takes: number
  readonly returns: number
  readonly failures: number
}

// shared-buffer-pool.d.ts
import { type WaitOptions } from '@cupola/core'
export declare class SharedBufferPool implements AsyncDisposable {
  #private
  static attach(handle: SharedBufferPoolHandle): SharedBufferPool
  readonly handle: SharedBufferPoolHandle
  constructor(options: SharedBufferPoolOptions)
  get blockSize(): number
  get closed(): boolean
  get lost(): number
  tryAllocate(blocks: number, options?: AllocateOptions): PooledBuffer | undefined
  allocate(blocks: number, options?: AllocateOptions): PooledBuffer
  allocateBytes(bytes: number, options?: AllocateOptions): PooledBuffer
  acquire(blocks: number, options?: AcquireOptions): Promise<PooledBuffer>
  acquireSync(blocks: number, options?: AcquireSyncOptions): PooledBuffer
  run<Result>(
    blocks: number,
    fn: (buffer: PooledBuffer) => Result | PromiseLike<Result>,
    options?: AcquireOptions,
  ): Promise<Result>
  release(buffer: PooledBuffer): void
  handOver(buffer: PooledBuffer): SharedBufferHandle
  takeOver(handle: SharedBufferHandle): PooledBuffer
  reclaim(options?: ReclaimOptions): number
  stats(): SharedBufferPoolStats
  statsOf(tag: string): UsageStats
  close(): Promise<void>
  tryClose(options?: WaitOptions): Promise<boolean>
  [Symbol.asyncDispose](): Promise<void>
}

// shared-pool-memory.d.ts
import { type SharedHandle } from '@cupola/shared-sync/authoring'
declare const POOL_KIND = 'SharedBufferPool'
export interface SharedBufferPoolHandle extends SharedHandle<typeof POOL_KIND> {
  readonly ledger: SharedArrayBuffer
  readonly memory: SharedArrayBuffer
}

// usage.d.ts
export interface UsageStats {
  readonly used: number
  readonly highWater: number
  readonly takes: number
  readonly returns: number
  readonly failures: number
}
export interface TagStats extends UsageStats {
  readonly leaked: number
}
export interface BufferPoolStats extends TagStats {
  readonly blockSize: number
  readonly capacity: number
  readonly reserved: number
  readonly free: number
  readonly waiting: number
  readonly grows: number
  readonly trims: number
}
