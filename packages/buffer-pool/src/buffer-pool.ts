import { ClosedError, type FullError, type WaitOptions } from '@cupola/core'
import {
  closesWithin,
  Deferred,
  firstWilling,
  LinkedList,
  NOT_YET,
  requireFunction,
  requireString,
  wait,
  type Waitable,
  type Waiter,
} from '@cupola/core/authoring'
import {
  type AcquireOptions,
  type AllocateOptions,
  blocksFor,
  type RefusedBlocks,
  requireBlocks,
  shortOf,
  tagOf,
} from './block-request.ts'
import { type BufferPoolOptions, type Settings, settingsOf } from './buffer-pool-options.ts'
import { IdleTimer } from './idle-timer.ts'
import type { PooledBuffer } from './pooled-buffer.ts'
import { requireBuffer } from './require-buffer.ts'
import { SlabLender } from './slab-lender.ts'
import type { BufferPoolStats, TagStats } from './usage.ts'
import { useBuffer } from './use-buffer.ts'

/** One who wants blocks. */
interface Request {
  readonly blocks: number
  readonly tag: string | undefined
  /** Where they were asked for, if that is to be known. */
  readonly origin: Error | undefined
}

/**
 * Memory in blocks of one size, lent to whoever needs a buffer and used again afterwards. A buffer has
 * as many blocks as it needs, which need not lie together.
 *
 * There are never more blocks than `maxBlocks`. Those who wait get theirs in the order they came, and
 * nobody is served before them: a large request is not starved by small ones.
 *
 * Every buffer has to be released, by `using` or `release()`. One that is not is a leak: its blocks are
 * never lent again, as somebody may still write to them.
 *
 * For one thread. For several there is {@link SharedBufferPool}.
 *
 * @example Take, use, give back
 * ```ts
 * import { BufferPool } from '@cupola/buffer-pool'
 *
 * const pool = new BufferPool({ maxBlocks: 100 })
 * {
 *   using buffer = pool.allocate(2)
 *   buffer.set('anything up to 264 KiB')
 *   pool.stats().used // => 2
 * }
 * pool.stats().used // => 0
 * ```
 */
export class BufferPool implements AsyncDisposable {
  readonly #settings: Settings
  readonly #lender: SlabLender
  readonly #idle: IdleTimer
  /** Somebody waits only while there are too few blocks for the first of them. */
  readonly #waiters = new LinkedList<Waiter<PooledBuffer, Request>>()
  readonly #right: Waitable<PooledBuffer, Request>
  #closing: Deferred<void> | undefined

  /**
   * @param options - How many blocks, of which size, and what is done to them.
   * @throws FullError If the system has no memory for `initialBlocks`.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If a number is out of range.
   */
  constructor(options: BufferPoolOptions) {
    const settings = settingsOf(options)
    const { clock, idleTimeoutMs } = settings
    this.#settings = settings
    this.#lender = new SlabLender(settings, () => this.#afterReturn())
    this.#idle = new IdleTimer(clock, idleTimeoutMs, () => this.#giveBackIdle())
    this.#right = {
      action: 'acquire a buffer',
      clock,
      refusal: ({ blocks }) => this.#refusalOf(blocks),
      tryNow: ({ blocks, tag, origin }) =>
        this.#isNext(blocks) ? this.#lender.lend(blocks, tag, origin) : NOT_YET,
      queueOf: () => this.#waiters,
      gaveUp: () => this.#serve(),
    }
  }

  /** Bytes in a block. */
  get blockSize(): number {
    return this.#settings.blockSize
  }

  /** Whether the pool is closed. */
  get closed(): boolean {
    return this.#closing !== undefined
  }

  /**
   * Lends blocks, if they can be had now and nobody waits.
   *
   * @param blocks - How many, from 1 up.
   * @param options - Who asks.
   * @returns The buffer; `undefined` if there are too few blocks, or somebody waits for some.
   * @throws ClosedError If the pool is closed.
   * @throws FullError If the system has no memory for them.
   * @throws TypeError If `blocks` is not a number, or an option has the wrong type.
   * @throws RangeError If `blocks` is not an integer from 1 up.
   */
  tryAllocate(blocks: number, options?: AllocateOptions): PooledBuffer | undefined {
    requireBlocks(blocks)
    const tag = tagOf(options)
    if (this.#closing !== undefined) throw closedError()
    if (this.#isNext(blocks)) return this.#lender.lend(blocks, tag, this.#lender.here())
    this.#lender.usage.fail(tag)
    return undefined
  }

  /**
   * Lends blocks, as {@link tryAllocate}.
   *
   * @param blocks - How many, from 1 up.
   * @param options - Who asks.
   * @throws FullError If there are too few blocks, somebody waits for some, or the system has no memory
   *   for them. What was `refused` says how many were wanted, and how many there were.
   * @throws ClosedError If the pool is closed.
   * @throws TypeError If `blocks` is not a number, or an option has the wrong type.
   * @throws RangeError If `blocks` is not an integer from 1 up.
   */
  allocate(blocks: number, options?: AllocateOptions): PooledBuffer {
    const buffer = this.tryAllocate(blocks, options)
    if (buffer === undefined) throw this.#fullError(blocks)
    return buffer
  }

  /**
   * Lends as many blocks as it takes for so many bytes, one at least.
   *
   * @param bytes - How many, from 0 up.
   * @param options - Who asks.
   * @throws As {@link allocate}, with `bytes` in place of `blocks`.
   */
  allocateBytes(bytes: number, options?: AllocateOptions): PooledBuffer {
    return this.allocate(blocksFor(bytes, this.blockSize), options)
  }

  /**
   * Waits until the blocks can be had and it is the caller's turn.
   *
   * Who has a buffer and waits for another may wait for somebody who does the same: acquire all blocks
   * that something needs at once.
   *
   * Cancellation: aborting while waiting gives up the place and takes nothing; those behind go on if
   * there is enough for them.
   *
   * Cost: O(1) and O(blocks). A wait with a `timeout` holds one timer, which keeps the process alive.
   *
   * @param blocks - How many, from 1 up.
   * @param options - Who asks, and what may end the wait early.
   * @throws FullError If the pool will never have so many, or the system has no memory for them.
   * @throws ClosedError If the pool is closed, or is closed while this waits.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If `blocks` is not a number, or an option has the wrong type.
   * @throws RangeError If `blocks` is not an integer from 1 up, or `timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  acquire(blocks: number, options?: AcquireOptions): Promise<PooledBuffer> {
    try {
      requireBlocks(blocks)
      const tag = tagOf(options)
      return wait(this.#right, options, { blocks, tag, origin: this.#lender.here() })
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Acquires a buffer, calls a function with it, and releases it when that is done or has failed.
   *
   * @param blocks - How many, from 1 up.
   * @param fn - Called once the blocks are there. It may release the buffer itself.
   * @param options - As for {@link acquire}. They do not end the function.
   * @returns What the function returns, awaited.
   * @throws What {@link acquire} throws, and what the function throws.
   */
  async run<Result>(
    blocks: number,
    fn: (buffer: PooledBuffer) => Result | PromiseLike<Result>,
    options?: AcquireOptions,
  ): Promise<Result> {
    requireFunction('fn', fn)
    return await useBuffer(await this.acquire(blocks, options), fn)
  }

  /**
   * Takes a buffer back, as `buffer.release()` does, if it is one of this pool.
   *
   * @param buffer - What to take back.
   * @throws DoubleReleaseError If it has come back already.
   * @throws ForeignReleaseError If it is from another pool. It stays good.
   * @throws TypeError If it is not a `PooledBuffer` at all.
   */
  release(buffer: PooledBuffer): void {
    requireBuffer('release', buffer)
    buffer.releaseTo(this.#lender)
  }

  /** A snapshot, in O(1). */
  stats(): BufferPoolStats {
    const { blockSize, maxBlocks } = this.#settings
    const { reserved, grows, trims } = this.#lender.store
    return Object.freeze({
      ...this.#lender.usage.snapshot(),
      blockSize,
      capacity: maxBlocks,
      reserved,
      free: this.#lender.free,
      waiting: this.#waiters.size,
      grows,
      trims,
    })
  }

  /**
   * A snapshot of what was asked for with a tag, in O(1).
   *
   * @param tag - As in the options of {@link allocate}.
   * @returns All zeros for one that was never used.
   * @throws TypeError If it is not a string.
   */
  statsOf(tag: string): TagStats {
    requireString('tag', tag)
    return Object.freeze(this.#lender.usage.snapshotOf(tag))
  }

  /**
   * Gives memory back to the system: all slabs of which no block is lent, the initial ones too. What
   * is idle is given back without that, after a while.
   *
   * Cost: O(free blocks).
   *
   * @returns How many blocks that were.
   */
  trim(): number {
    return this.#lender.store.trim(Infinity)
  }

  /**
   * Lends no more. Who waits is refused; who has a buffer may use it still. A buffer that is never
   * released keeps this waiting: see {@link tryClose}.
   *
   * @returns Once all buffers have come back and their memory is given back; always the same promise.
   */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = new Deferred()
      this.#idle.stop()
      while (this.#waiters.first !== undefined) this.#waiters.first.reject(closedError())
      this.#endIfEmpty(this.#closing)
    }
    return this.#closing.promise
  }

  /**
   * As {@link close}, but not for ever. A signal that has aborted already closes nothing.
   *
   * @param options - For how long, and what else ends the wait; the pool stays closed.
   * @returns Whether all buffers came back in time.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  tryClose(options?: WaitOptions): Promise<boolean> {
    return closesWithin(this, options, this.#settings.clock)
  }

  /** {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #isNext(blocks: number): boolean {
    // Those before may have given up without having been told yet: their turn is over.
    if (this.#waiters.size > 0) this.#serve()
    return this.#waiters.size === 0 && blocks <= this.#lender.free
  }

  #afterReturn(): void {
    if (this.#closing !== undefined) return this.#endIfEmpty(this.#closing)
    if (this.#waiters.size > 0) this.#serve()
    // Also if somebody waits for more: he may give up before anything else comes back.
    if (!this.#idle.isRunning) this.#idle.start()
  }

  #endIfEmpty(closing: Deferred<void>): void {
    if (this.#lender.usage.used > 0) return
    this.#lender.store.trim(Infinity)
    closing.resolve()
  }

  /** Lends to those whose turn it is. The tempting search for somebody modest starves the others. */
  #serve(): void {
    let first = firstWilling(this.#waiters)
    while (first !== undefined && first.detail.blocks <= this.#lender.free) {
      this.#lendTo(first)
      first = firstWilling(this.#waiters)
    }
  }

  #lendTo(waiter: Waiter<PooledBuffer, Request>): void {
    const { blocks, tag, origin } = waiter.detail
    try {
      waiter.resolve(this.#lender.lend(blocks, tag, origin))
    } catch (error) {
      // There is no memory. That is this waiter's trouble, not that of whoever has released something.
      waiter.reject(error)
    }
  }

  /** Whether to come again. */
  #giveBackIdle(): boolean {
    const { store } = this.#lender
    const { initialBlocks } = this.#settings
    store.giveBackIdle(initialBlocks)
    return store.reserved > initialBlocks && store.free > 0
  }

  #refusalOf(blocks: number): Error | undefined {
    if (this.#closing !== undefined) return closedError()
    return blocks > this.#settings.maxBlocks ? this.#fullError(blocks) : undefined
  }

  #fullError(blocks: number): FullError<RefusedBlocks> {
    const { maxBlocks: capacity } = this.#settings
    const { free } = this.#lender
    return shortOf('a buffer', { blocks, free, capacity, isAwaited: this.#waiters.size > 0 })
  }
}

function closedError(): ClosedError {
  return new ClosedError('allocate a buffer', 'the buffer pool')
}
