import { kindOf } from '@cupola/core/authoring'
import { isTransitMark } from './block-ledger.ts'
import type { KnownPoolShape } from './shared-pool-memory.ts'

/** A buffer on its way to another thread. */
export interface SharedBufferHandle {
  /** Whose blocks they are. */
  readonly pool: string
  /** Which blocks, in order. */
  readonly blocks: readonly number[]
  /** Bytes of content. */
  readonly length: number
  /** The `id` it had where it comes from, for messages. */
  readonly bufferId: number
  /** The tag it was allocated with. */
  readonly tag: string | undefined
  /** What lets the first who shows it have the blocks. */
  readonly proof: number
}

/**
 * Checks what is to be taken over: whatever may come through a port.
 *
 * @throws TypeError If it is not what `handOver()` of that pool gives.
 */
export function requireBufferHandle(handle: SharedBufferHandle, shape: KnownPoolShape): void {
  if (typeof handle === 'object' && handle !== null && isOf(shape, handle)) return
  throw new TypeError(
    `Cannot take over a buffer: got ${kindOf(handle)}, expected what handOver() of this pool gives`,
  )
}

function isOf(shape: KnownPoolShape, handle: SharedBufferHandle): boolean {
  const { pool, blocks, length, bufferId, tag, proof } = handle
  if (pool !== shape.identity || !Array.isArray(blocks) || blocks.length === 0) return false
  return (
    // A copy, because `every()` passes over holes.
    Array.from(blocks).every((block) => isIntegerBelow(shape.maxBlocks, block)) &&
    isIntegerBelow(blocks.length * shape.blockSize + 1, length) &&
    isIntegerBelow(Infinity, bufferId) &&
    (tag === undefined || typeof tag === 'string') &&
    isTransitMark(proof)
  )
}

function isIntegerBelow(limit: number, value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < limit
}
