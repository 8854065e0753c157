import { BufferPool, type SharedBufferPool } from '@cupola/buffer-pool'

/** Who lends buffers, with those that are alive in slots. */
export interface Lender {
  /** Gives back the buffer in a slot and puts a new one there; gives the bytes of that. */
  exchange(slot: number): Uint8Array
  /** Gives all of them back. */
  giveBack(): void
}

/** Makes a {@link Lender} of so many buffers of a size. Each process only ever makes one kind. */
export type LenderMaker = (sizeBytes: number, alive: number, shared: SharedBufferPool) => Lender

/** The contestant that the answer is about. */
export const POOL = 'BufferPool'
/** `Buffer.allocUnsafe` with larger slabs than usual to cut small buffers from. */
const LARGE_SLABS = 'Buffer.poolSize 1 MiB'
const LARGE_SLAB_BYTES = 1024 * 1024
/** What Node.js itself has to offer. */
export const BUILT_IN: readonly string[] = [
  'Buffer.alloc',
  'Buffer.allocUnsafe',
  'Buffer.allocUnsafeSlow',
  LARGE_SLABS,
]
/** What everybody pays: the loop, and the bytes that are written. */
export const FLOOR = 'floor: no allocation'

/** Who takes part, by names of at most 23 letters: seven figures fit beside them on a line of 80. */
export const lenders: Readonly<Record<string, LenderMaker>> = {
  'Buffer.alloc': (size, alive) => fresh(() => Buffer.alloc(size), alive),
  'Buffer.allocUnsafe': (size, alive) => fresh(() => Buffer.allocUnsafe(size), alive),
  'Buffer.allocUnsafeSlow': (size, alive) => fresh(() => Buffer.allocUnsafeSlow(size), alive),
  [LARGE_SLABS]: (size, alive) => {
    Buffer.poolSize = LARGE_SLAB_BYTES
    return fresh(() => Buffer.allocUnsafe(size), alive)
  },
  'array of Buffers': freeList,
  [POOL]: (size, alive) => pooled(poolOf(size, alive, 'never'), alive),
  'BufferPool zero:take': (size, alive) => pooled(poolOf(size, alive, 'take'), alive),
  'BufferPool zero:release': (size, alive) => pooled(poolOf(size, alive, 'release'), alive),
  SharedBufferPool: (_, alive, shared) => pooled(shared, alive),
  [FLOOR]: (size, alive) => {
    const buffers = filled(alive, () => Buffer.alloc(size))
    return { exchange: (slot) => bufferIn(buffers, slot), giveBack: () => (buffers.length = 0) }
  },
}

/** Those who have something to offer for a size: half of a slab or more is not cut from one. */
export function contestantsFor(sizeBytes: number): readonly string[] {
  const names = Object.keys(lenders)
  return sizeBytes < LARGE_SLAB_BYTES / 2 ? names : names.filter((name) => name !== LARGE_SLABS)
}

/** Whether the bytes have to be zero when they are lent. */
export function givesZeros(contestant: string): boolean {
  return contestant === 'Buffer.alloc' || contestant.includes('zero:')
}

function fresh(make: () => Buffer, alive: number): Lender {
  const slots: Buffer[] = filled(alive, make)
  return {
    exchange: (slot) => (slots[slot] = make()),
    giveBack: () => (slots.length = 0),
  }
}

/** What people write by hand: finds no mistakes, and has no limit. */
function freeList(sizeBytes: number, alive: number): Lender {
  const free: Buffer[] = []
  const slots: Buffer[] = filled(alive, () => Buffer.allocUnsafeSlow(sizeBytes))
  return {
    exchange(slot) {
      free.push(bufferIn(slots, slot))
      return (slots[slot] = free.pop() ?? Buffer.allocUnsafeSlow(sizeBytes))
    },
    giveBack: () => void free.push(...slots.splice(0)),
  }
}

function poolOf(
  blockSize: number,
  maxBlocks: number,
  zero: 'never' | 'take' | 'release',
): BufferPool {
  return new BufferPool({ blockSize, maxBlocks, zero })
}

function pooled(pool: BufferPool | SharedBufferPool, alive: number): Lender {
  const slots = filled(alive, () => pool.allocate(1))
  return {
    exchange(slot) {
      slots[slot]?.release()
      const buffer = pool.allocate(1)
      slots[slot] = buffer
      return bufferIn(buffer.spare(), 0)
    },
    giveBack() {
      for (const buffer of slots.splice(0)) buffer.release()
    },
  }
}

function filled<Item>(length: number, make: () => Item): Item[] {
  return Array.from({ length }, make)
}

function bufferIn(buffers: readonly Buffer[], index: number): Buffer {
  const buffer = buffers[index]
  if (buffer === undefined) throw new RangeError(`Cannot use buffer ${index}: there is none`)
  return buffer
}
