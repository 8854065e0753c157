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
 * @returns A copy: whoever has the original may change it while the blocks are lent.
 * @throws TypeError If it is not what `handOver()` of that pool gives.
 */
export function checkedHandle(
  handle: SharedBufferHandle,
  shape: KnownPoolShape,
): SharedBufferHandle {
  if (typeof handle === 'object' && handle !== null && Array.isArray(handle.blocks)) {
    // Not by `slice()`, which keeps holes, and `every()` passes over them.
    const copy = { ...handle, blocks: Array.from(handle.blocks) }
    if (isOf(shape, copy)) return copy
  }
  throw new TypeError(
    `Cannot take over a buffer: got ${kindOf(handle)}, expected what handOver() of this pool gives`,
  )
}

function isOf(shape: KnownPoolShape, handle: SharedBufferHandle): boolean {
  const { pool, blocks, length, bufferId, tag, proof } = handle
  return (
    pool === shape.identity &&
    blocks.length > 0 &&
    blocks.every((block) => isIntegerBelow(shape.maxBlocks, block)) &&
    isIntegerBelow(blocks.length * shape.blockSize + 1, length) &&
    isIntegerBelow(Infinity, bufferId) &&
    (tag === undefined || typeof tag === 'string') &&
    isTransitMark(proof)
  )
}

function isIntegerBelow(limit: number, value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < limit
}
