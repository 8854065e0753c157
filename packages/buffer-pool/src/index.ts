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
