import { randomFillSync } from 'node:crypto'
import { types } from 'node:util'
import { FullError } from '@cupola/core'
import {
  makeLotBuffer,
  requireHandle,
  SEAT_COUNT,
  type SharedHandle,
  SharedWords,
} from '@cupola/shared-sync/authoring'
import { BlockLedger } from './block-ledger.ts'
import type { RefusedBlocks } from './block-request.ts'
import { ZERO_MODES, type ZeroMode } from './hygiene.ts'
import { ledgerWords } from './ledger-layout.ts'
import { isClosed } from './shared-pool-rule.ts'

/** By which a handle is known to be one of a shared pool. */
const POOL_KIND = 'SharedBufferPool'

/** What travels to another thread, for {@link SharedBufferPool.attach}. */
export interface SharedBufferPoolHandle extends SharedHandle<typeof POOL_KIND> {
  /** What the pool was made with, and whose each block is. */
  readonly ledger: SharedArrayBuffer
  /** The blocks. */
  readonly memory: SharedArrayBuffer
}

/** What all threads have to know of a pool. */
export interface SharedPoolShape {
  readonly blockSize: number
  readonly maxBlocks: number
  readonly zero: ZeroMode
}

/** A {@link SharedPoolShape}, and what no other pool has. */
export interface KnownPoolShape extends SharedPoolShape {
  readonly identity: string
}

/** Words before those of the ledger. */
const BLOCK_SIZE = 0
const MAX_BLOCKS = 1
const ZERO = 2
/** Two words by which a pool is told from any other. */
const IDENTITY = 3
const LEDGER = 16

/**
 * Makes the memory of a pool, of which the system need not have any yet.
 *
 * @throws FullError If it has no addresses for it either.
 */
export function makePoolMemory(
  shape: SharedPoolShape,
  maxThreads: number | undefined,
): SharedBufferPoolHandle {
  const { blockSize, maxBlocks, zero } = shape
  const buffer = makeLotBuffer(POOL_KIND, maxThreads)
  const [memory, ledger] = reserve(shape, ledgerBytes(buffer, maxBlocks))
  const words = new Int32Array(ledger)
  words[BLOCK_SIZE] = blockSize
  words[MAX_BLOCKS] = maxBlocks
  words[ZERO] = ZERO_MODES.indexOf(zero)
  randomFillSync(words, IDENTITY, 2)
  const handle = { kind: POOL_KIND, buffer, ledger, memory } as const
  ledgerOf(handle).open()
  return handle
}

function reserve(
  { maxBlocks: blocks, blockSize }: SharedPoolShape,
  bytesOfLedger: number,
): [SharedArrayBuffer, SharedArrayBuffer] {
  try {
    return [new SharedArrayBuffer(blocks * blockSize), new SharedArrayBuffer(bytesOfLedger)]
  } catch (cause) {
    const problem = `the system has no memory for ${blocks} blocks of ${blockSize} bytes`
    const refused: RefusedBlocks = { blocks, free: 0 }
    throw new FullError('make a shared buffer pool', problem, refused, { cause })
  }
}

/** Whether somebody has closed the pool of a handle. */
export function isPoolClosed({ buffer }: SharedBufferPoolHandle): boolean {
  return isClosed(new SharedWords(buffer))
}

/** What the pool of a handle was made with. */
export function shapeOf({ ledger }: SharedBufferPoolHandle): KnownPoolShape {
  const [blockSize = 0, maxBlocks = 0, zero = 0, ...identity] = new Int32Array(
    ledger,
    0,
    IDENTITY + 2,
  )
  return { blockSize, maxBlocks, zero: ZERO_MODES[zero] ?? 'never', identity: identity.join() }
}

/** The ledger of a handle. */
export function ledgerOf(handle: SharedBufferPoolHandle): BlockLedger {
  const shape = { seats: seatsOf(handle.buffer), blocks: shapeOf(handle).maxBlocks }
  return new BlockLedger(new SharedWords(handle.ledger), shape, LEDGER)
}

/**
 * Checks what somebody wants to attach to.
 *
 * @throws TypeError If it is not the handle of a shared pool.
 */
export function requirePoolHandle(handle: SharedBufferPoolHandle): void {
  requireHandle(POOL_KIND, handle)
  const { buffer, ledger, memory } = handle
  if (types.isSharedArrayBuffer(ledger) && types.isSharedArrayBuffer(memory)) {
    if (ledger.byteLength >= LEDGER * Int32Array.BYTES_PER_ELEMENT) {
      const { blockSize, maxBlocks } = shapeOf(handle)
      const fits = memory.byteLength === maxBlocks * blockSize
      if (fits && ledger.byteLength === ledgerBytes(buffer, maxBlocks)) return
    }
  }
  throw new TypeError(`Cannot attach: expected the handle of a ${POOL_KIND}`)
}

function ledgerBytes(lot: SharedArrayBuffer, blocks: number): number {
  const words = LEDGER + ledgerWords({ seats: seatsOf(lot), blocks })
  return words * Int32Array.BYTES_PER_ELEMENT
}

function seatsOf(lot: SharedArrayBuffer): number {
  return new SharedWords(lot).load(SEAT_COUNT)
}
