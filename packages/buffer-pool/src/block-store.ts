import { markAsUntransferable } from 'node:worker_threads'
import type { Block } from './loan.ts'

/** As much memory as is asked of the system at a time, unless one block is larger. */
const SLAB_BYTES = 2 ** 20

/** One ArrayBuffer, cut into blocks. */
class Slab {
  readonly size: number
  /** Blocks of it that nobody will give back. */
  leaked = 0

  constructor(size: number) {
    this.size = size
  }
}

/** A block of a slab. */
export interface SlabBlock extends Block {
  /** Made once; replaced only where it was detached. */
  bytes: Buffer
  readonly slab: Slab
  /** Whether nobody has had it since the system gave it, full of zeros. */
  isFresh: boolean
}

/** What a store is made for. */
export interface StoreOptions {
  readonly blockSize: number
  readonly maxBlocks: number
  /** Whether each block is an ArrayBuffer of its own, which can be detached. */
  readonly detachable: boolean
}

/**
 * The blocks of a pool that are not lent: a stack, so that who comes next gets the block that was used
 * last and is still in the processor's cache. Those at the bottom are not touched while there are more
 * than enough, which is how {@link giveBackIdle} knows them.
 */
export class BlockStore {
  readonly #blockSize: number
  readonly #maxBlocks: number
  readonly #slabSize: number
  readonly #detachable: boolean
  #free: SlabBlock[] = []
  #reserved = 0
  #grows = 0
  #trims = 0
  /** The fewest that were free at a time since {@link giveBackIdle} was called: so many are idle. */
  #leastFree = 0

  constructor({ blockSize, maxBlocks, detachable }: StoreOptions) {
    this.#blockSize = blockSize
    this.#maxBlocks = maxBlocks
    this.#detachable = detachable
    this.#slabSize = detachable ? 1 : Math.max(1, Math.ceil(SLAB_BYTES / blockSize))
  }

  /** Blocks there is memory for, lent or not. */
  get reserved(): number {
    return this.#reserved
  }

  /** How many slabs were made. */
  get grows(): number {
    return this.#grows
  }

  /** How many slabs were given back. */
  get trims(): number {
    return this.#trims
  }

  /** Blocks that lie ready. */
  get free(): number {
    return this.#free.length
  }

  /**
   * Hands out blocks, all or none. There must be so many below the limit.
   *
   * @throws RangeError If the system has no more memory.
   */
  take(count: number): SlabBlock[] {
    if (this.#free.length < count) this.reserve(this.#reserved + count - this.#free.length)
    const taken = count === 1 ? this.#takeOne() : this.#free.splice(-count)
    if (this.#free.length < this.#leastFree) this.#leastFree = this.#free.length
    return taken
  }

  #takeOne(): SlabBlock[] {
    const block = this.#free.pop()
    return block === undefined ? [] : [block]
  }

  giveBack(blocks: readonly SlabBlock[]): void {
    for (const block of blocks) this.#free.push(block)
  }

  /**
   * Sees to it that there is memory for so many blocks, and for as many more as go into the last slab.
   *
   * @throws RangeError If the system has no more memory. It has back what it gave for a part of them.
   */
  reserve(blocks: number): void {
    const [free, reserved, grows] = [this.#free.length, this.#reserved, this.#grows]
    try {
      while (this.#reserved < blocks) {
        this.#addSlab(Math.min(this.#slabSize, this.#maxBlocks - this.#reserved))
      }
    } catch (error) {
      this.#free.length = free
      this.#reserved = reserved
      this.#grows = grows
      throw error
    }
  }

  #addSlab(size: number): void {
    const blockSize = this.#blockSize
    // Zeros, for which the system need not have memory yet. `Buffer.allocUnsafe` would show what this
    // process had there before.
    const memory = new ArrayBuffer(size * blockSize)
    if (!this.#detachable) markAsUntransferable(memory)
    const slab = new Slab(size)
    for (let index = size - 1; index >= 0; index--) {
      const bytes = Buffer.from(memory, index * blockSize, blockSize)
      this.#free.push({ bytes, slab, isFresh: true })
    }
    this.#reserved += size
    this.#grows++
  }

  /** Forgets blocks that somebody lost: he may still write to them. Their memory goes with the slab. */
  abandon(blocks: readonly SlabBlock[]): void {
    for (const { slab } of blocks) slab.leaked++
    this.#reserved -= blocks.length
  }

  /**
   * Gives back whole slabs that nobody has had a block of since the last call, or as good as: as many
   * blocks as were free all the time, as long as so many are left.
   *
   * @returns How many blocks that were.
   */
  giveBackIdle(leave: number): number {
    const given = this.trim(Math.min(this.#leastFree, this.#reserved - leave))
    this.#sort()
    this.#leastFree = this.#free.length
    return given
  }

  /**
   * Gives back slabs of which no block is lent, but no more blocks than that.
   *
   * @returns How many blocks that were.
   */
  trim(most: number): number {
    const doomed = new Set<Slab>()
    let given = 0
    for (const [slab, free] of this.#freeBySlab()) {
      if (free + slab.leaked < slab.size || given + free > most) continue
      doomed.add(slab)
      given += free
    }
    this.#free = this.#free.filter(({ slab }) => !doomed.has(slab))
    this.#reserved -= given
    this.#trims += doomed.size
    this.#leastFree = Math.min(this.#leastFree, this.#free.length)
    return given
  }

  /** From the bottom up, so that what was not used for longest goes first. */
  #freeBySlab(): Map<Slab, number> {
    const counts = new Map<Slab, number>()
    for (const { slab } of this.#free) counts.set(slab, (counts.get(slab) ?? 0) + 1)
    return counts
  }

  /** The slabs that are most in use come up, so that the others become free as a whole. */
  #sort(): void {
    const counts = this.#freeBySlab()
    this.#free.sort((one, other) => (counts.get(other.slab) ?? 0) - (counts.get(one.slab) ?? 0))
  }
}
