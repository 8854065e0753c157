import { FullError } from '@cupola/core'
import type { RefusedBlocks } from './block-request.ts'
import { BlockStore, type SlabBlock } from './block-store.ts'
import type { Settings } from './buffer-pool-options.ts'
import { type Hygiene, hygieneOf } from './hygiene.ts'
import { leakReport, LeakWatch, type WatchedLoan } from './leak-watch.ts'
import type { Lender } from './loan.ts'
import { PooledBuffer } from './pooled-buffer.ts'
import { Usage } from './usage.ts'

/** A loan of this kind. */
interface SlabLoan extends WatchedLoan {
  readonly blocks: readonly SlabBlock[]
}

/**
 * Lends the blocks of slabs to one thread, clean, counted and watched, and takes them back. Who waits
 * for them is not its business.
 */
export class SlabLender implements Lender<SlabLoan> {
  readonly blockSize: number
  readonly isTracing: boolean
  readonly usage: Usage = new Usage()
  readonly store: BlockStore
  readonly #settings: Settings
  readonly #hygiene: Hygiene | undefined
  readonly #leaks: LeakWatch<SlabLoan>
  readonly #returned: () => void

  /**
   * @param returned - Called when there are more free blocks than before.
   * @throws FullError If the system has no memory for `initialBlocks`.
   */
  constructor(settings: Settings, returned: () => void) {
    const { blockSize, maxBlocks, initialBlocks, guard, leaks } = settings
    this.blockSize = blockSize
    this.isTracing = guard !== 'off'
    this.store = new BlockStore({ blockSize, maxBlocks, detachable: guard === 'detach' })
    this.#settings = settings
    this.#hygiene = hygieneOf(settings)
    this.#leaks = new LeakWatch(leaks, (loan) => this.#lose(loan))
    this.#returned = returned
    try {
      this.store.reserve(initialBlocks)
    } catch (error) {
      throw this.#noMemoryFor(initialBlocks, error)
    }
  }

  /** Blocks that can be lent, whether there is memory for them already or not. */
  get free(): number {
    return this.#settings.maxBlocks - this.usage.used
  }

  /** Where we are, for the report of a leak, if that is noted. */
  here(): Error | undefined {
    return this.#leaks.here()
  }

  /**
   * Lends blocks, of which there must be so many.
   *
   * @param origin - Where they were asked for, if that is noted.
   * @throws FullError If the system has no memory for them.
   */
  lend(count: number, tag: string | undefined, origin: Error | undefined): PooledBuffer {
    const blocks = this.#take(count)
    this.usage.take(count, tag)
    const loan: SlabLoan = { id: this.usage.takes, tag, blocks, origin, isWatched: false }
    const buffer = new PooledBuffer(this, loan)
    this.#leaks.watch(buffer, loan)
    return buffer
  }

  takeBack(loan: SlabLoan, releasedAt: Error | undefined): void {
    const { blocks, tag } = loan
    if (this.#hygiene !== undefined) {
      for (const block of blocks) this.#hygiene.cleanUp(block, loan, releasedAt)
    }
    this.#leaks.forget(loan)
    this.store.giveBack(blocks)
    this.usage.giveBack(blocks.length, tag)
    this.#returned()
  }

  #take(count: number): SlabBlock[] {
    try {
      return this.#hygiene === undefined
        ? this.store.take(count)
        : this.#takeClean(this.#hygiene, count)
    } catch (error) {
      throw this.#noMemoryFor(count, error)
    }
  }

  #takeClean(hygiene: Hygiene, count: number): SlabBlock[] {
    const blocks = this.store.take(count)
    try {
      for (const block of blocks) hygiene.prepare(block)
    } catch (error) {
      // There is no memory in place of what was detached.
      this.store.giveBack(blocks)
      throw error
    }
    return blocks
  }

  /** Its blocks are not lent again: who has a view of them may still write there. */
  #lose(loan: SlabLoan): void {
    const { blocks, tag } = loan
    this.store.abandon(blocks)
    this.usage.lose(blocks.length, tag)
    this.#returned()
    this.#settings.onLeak?.(leakReport(loan))
  }

  #noMemoryFor(blocks: number, cause: unknown): FullError<RefusedBlocks> {
    const problem = `the system has no memory left (blocks wanted: ${blocks})`
    const refused = { blocks, free: this.store.free }
    return new FullError('allocate a buffer', problem, refused, { cause })
  }
}
