export { BlockSize } from './block-size.ts'
export { BufferPool } from './buffer-pool.ts'
export type {
  AcquireOptions,
  AllocateOptions,
  BufferPoolOptions,
  RefusedBlocks,
} from './buffer-pool-options.ts'
export type { LateWriteReport } from './hygiene.ts'
export type { LeakReport } from './leak-watch.ts'
export { DoubleReleaseError, ForeignReleaseError, UseAfterReleaseError } from './misuse-errors.ts'
export type { NumberFormat, NumberOf } from './number-formats.ts'
export type { BufferReader } from './buffer-reader.ts'
export type { BufferWriter } from './buffer-writer.ts'
export type { PooledBuffer } from './pooled-buffer.ts'
export type { BufferPoolStats, TagStats } from './usage.ts'
export {
  type SharedBufferHandle,
  SharedBufferPool,
  type SharedBufferPoolOptions,
  type SharedBufferPoolStats,
} from './shared-buffer-pool.ts'
export type { SharedBufferPoolHandle } from './shared-pool-memory.ts'
