import { requireBoolean, requireInteger, requireObject, requireOneOf } from '@cupola/core/authoring'
import type { SharedOptions, SyncWaitOptions } from '@cupola/shared-sync/authoring'
import type { Orphans } from './block-ledger.ts'
import { BlockSize } from './block-size.ts'
import type { AllocateOptions } from './block-request.ts'
import { MOST_BYTES } from './buffer-pool-options.ts'
import { ZERO_MODES, type ZeroMode } from './hygiene.ts'
import type { SharedPoolShape } from './shared-pool-memory.ts'

/** The most blocks of a shared pool, each of which takes twelve bytes from the beginning. */
const MOST_SHARED_BLOCKS = 2 ** 24

/** What a {@link SharedBufferPool} is made with. */
export interface SharedBufferPoolOptions extends SharedOptions {
  /** How many blocks there are, from 1 to 2²⁴. The system gives memory for those that are written to. */
  readonly maxBlocks: number
  /**
   * Bytes in a block, from 1 to 1 GiB. See {@link BlockSize}.
   *
   * @defaultValue `BlockSize.medium`
   */
  readonly blockSize?: number | undefined
  /**
   * When blocks are overwritten with zeros: `'never'`, when they are lent (`'take'`), or when they come
   * back (`'release'`) or are reclaimed, by the thread that does so.
   *
   * @defaultValue `'never'`
   */
  readonly zero?: ZeroMode | undefined
}

/** How blocks are asked for, and how long the thread may be blocked for them. */
export interface AcquireSyncOptions extends AllocateOptions, SyncWaitOptions {}

/** Whose blocks are made free. */
export interface ReclaimOptions {
  /**
   * Whether those as well that such a thread had handed over, and nobody has taken over yet: who has
   * the handle of one gets it no more.
   *
   * @defaultValue false
   */
  readonly handedOver?: boolean | undefined
}

/** A {@link SharedBufferPool} at one moment, and what this thread did with it. */
export interface SharedBufferPoolStats {
  /** Bytes in a block. */
  readonly blockSize: number
  /** Blocks there are. */
  readonly capacity: number
  /** Blocks that are lent, in all threads, and those that are on their way from one to another. */
  readonly used: number
  /** Of those, the blocks that were handed over and nobody has taken over yet. */
  readonly handedOver: number
  /** Blocks that nobody has. */
  readonly free: number
  /** The most that were lent at a time. */
  readonly highWater: number
  /** Calls of `acquire()` of this thread that wait. */
  readonly waiting: number
  /** Buffers that this thread was lent, or took over. */
  readonly takes: number
  /** Buffers that this thread released, or handed over. */
  readonly returns: number
  /** Calls of `tryAllocate()`, `allocate()` and `allocateBytes()` of this thread that got nothing. */
  readonly failures: number
}

/** The options with what they are by default, checked. */
export function shapeFrom(options: SharedBufferPoolOptions): SharedPoolShape {
  requireObject('options', options)
  const { maxBlocks, blockSize = BlockSize.medium, zero = 'never' } = options
  requireInteger('maxBlocks', maxBlocks, 1, MOST_SHARED_BLOCKS)
  requireInteger('blockSize', blockSize, 1, MOST_BYTES)
  requireOneOf('zero', zero, ZERO_MODES)
  return { maxBlocks, blockSize, zero }
}

/** Whose blocks are meant. */
export function orphansOf(options: ReclaimOptions): Orphans {
  requireObject('options', options)
  const { handedOver = false } = options
  requireBoolean('handedOver', handedOver)
  return handedOver ? 'of the dead, or sent by them' : 'of the dead'
}
