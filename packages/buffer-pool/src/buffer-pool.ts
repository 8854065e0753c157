import { ClosedError, FullError, type WaitOptions } from '@cupola/core'
import {
  checkWaitOptions,
  Deferred,
  firstWilling,
  fulfillsWithin,
  LinkedList,
  NOT_YET,
  requireFunction,
  requireInteger,
  requireObject,
  requireString,
  wait,
  type Waitable,
  type Waiter,
} from '@cupola/core/authoring'
import { BlockStore, type SlabBlock } from './block-store.ts'
import {
  type AcquireOptions,
  type AllocateOptions,
  type BufferPoolOptions,
  type RefusedBlocks,
  requireBlocks,
  type Settings,
  settingsOf,
} from './buffer-pool-options.ts'
import { type Hygiene, hygieneOf } from './hygiene.ts'
import { IdleTimer } from './idle-timer.ts'
import { leakReport, LeakWatch, type WatchedLoan } from './leak-watch.ts'
import type { Lender } from './loan.ts'
import { PooledBuffer } from './pooled-buffer.ts'
import { requireBuffer } from './require-buffer.ts'
import { type BufferPoolStats, type TagStats, Usage } from './usage.ts'

/** A loan of this kind of pool. */
interface SlabLoan extends WatchedLoan {
  readonly blocks: readonly SlabBlock[]
}

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
  readonly #store: BlockStore
  readonly #hygiene: Hygiene | undefined
  readonly #leaks: LeakWatch<SlabLoan>
  readonly #idle: IdleTimer
  readonly #lender: Lender<SlabLoan>
  readonly #usage = new Usage()
  readonly #usageOf = new Map<string, Usage>()
  /** Somebody waits only while there are too few blocks for the first of them. */
  readonly #waiters = new LinkedList<Waiter<PooledBuffer, Request>>()
  readonly #right: Waitable<PooledBuffer, Request>
  #closing: Deferred<void> | undefined

  /**
   * @param options - How many blocks, of which size, and what is done to them.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If a number is out of range, or there is no memory for `initialBlocks`.
   */
  constructor(options: BufferPoolOptions) {
    const settings = settingsOf(options)
    const { maxBlocks, blockSize, initialBlocks, clock, guard } = settings
    this.#settings = settings
    this.#store = new BlockStore({ blockSize, maxBlocks, detachable: guard === 'detach' })
    this.#store.reserve(initialBlocks)
    this.#hygiene = hygieneOf(settings)
    this.#leaks = new LeakWatch(settings.leaks, (loan) => this.#lose(loan))
    this.#idle = new IdleTimer(clock, settings.idleTimeoutMs, () => this.#giveBackIdle())
    this.#lender = {
      blockSize,
      isTracing: guard !== 'off',
      takeBack: (loan, releasedAt) => this.#takeBack(loan, releasedAt),
    }
    this.#right = {
      action: 'acquire a buffer',
      clock,
      refusal: ({ blocks }) => this.#refusalOf(blocks),
      tryNow: ({ blocks, tag, origin }) =>
        this.#isNext(blocks) ? this.#lend(blocks, tag, origin) : NOT_YET,
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
   * @throws TypeError If `blocks` is not a number, or an option has the wrong type.
   * @throws RangeError If `blocks` is not an integer from 1 up, or the system has no more memory.
   */
  tryAllocate(blocks: number, options?: AllocateOptions): PooledBuffer | undefined {
    requireBlocks(blocks)
    const tag = tagOf(options)
    if (this.#closing !== undefined) throw closedError()
    if (this.#isNext(blocks)) return this.#lend(blocks, tag, this.#leaks.here())
    this.#usage.failures++
    if (tag !== undefined) this.#usageFor(tag).failures++
    return undefined
  }

  /**
   * Lends blocks, as {@link tryAllocate}.
   *
   * @param blocks - How many, from 1 up.
   * @param options - Who asks.
   * @throws FullError If there are too few blocks, or somebody waits for some. What was `refused` says
   *   how many were wanted, and how many there were.
   * @throws ClosedError If the pool is closed.
   * @throws TypeError If `blocks` is not a number, or an option has the wrong type.
   * @throws RangeError If `blocks` is not an integer from 1 up, or the system has no more memory.
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
    requireInteger('bytes', bytes, 0, Number.MAX_SAFE_INTEGER)
    return this.allocate(Math.max(1, Math.ceil(bytes / this.blockSize)), options)
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
   * @throws FullError If the pool will never have so many.
   * @throws ClosedError If the pool is closed, or is closed while this waits.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If `blocks` is not a number, or an option has the wrong type.
   * @throws RangeError If `blocks` is not an integer from 1 up, `timeout` is negative or `NaN`, or the
   *   system has no more memory.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  acquire(blocks: number, options?: AcquireOptions): Promise<PooledBuffer> {
    try {
      requireBlocks(blocks)
      const tag = tagOf(options)
      return wait(this.#right, options, { blocks, tag, origin: this.#leaks.here() })
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
    const buffer = await this.acquire(blocks, options)
    try {
      return await fn(buffer)
    } finally {
      buffer[Symbol.dispose]()
    }
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
    const { reserved, grows, trims } = this.#store
    return Object.freeze({
      ...this.#usage.snapshot(),
      blockSize,
      capacity: maxBlocks,
      reserved,
      free: this.#free,
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
   */
  statsOf(tag: string): TagStats {
    return Object.freeze((this.#usageOf.get(tag) ?? new Usage()).snapshot())
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
    return this.#store.trim(Infinity)
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
   * As {@link close}, but not for ever.
   *
   * @param options - For how long, and what else ends the wait; the pool stays closed.
   * @returns Whether all buffers came back in time.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  async tryClose(options?: WaitOptions): Promise<boolean> {
    checkWaitOptions(options)
    return await fulfillsWithin(this.close(), options, this.#settings.clock)
  }

  /** {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Blocks that can be lent, whether there is memory for them already or not. */
  get #free(): number {
    return this.#settings.maxBlocks - this.#usage.used
  }

  #isNext(blocks: number): boolean {
    // Those before may have given up without having been told yet: their turn is over.
    if (this.#waiters.size > 0) this.#serve()
    return this.#waiters.size === 0 && blocks <= this.#free
  }

  #lend(count: number, tag: string | undefined, origin: Error | undefined): PooledBuffer {
    const blocks = this.#hygiene === undefined ? this.#store.take(count) : this.#takeClean(count)
    this.#usage.take(count)
    if (tag !== undefined) this.#usageFor(tag).take(count)
    const loan: SlabLoan = { id: this.#usage.takes, tag, blocks, origin, isWatched: false }
    const buffer = new PooledBuffer(this.#lender, loan)
    this.#leaks.watch(buffer, loan)
    return buffer
  }

  #takeClean(count: number): SlabBlock[] {
    const blocks = this.#store.take(count)
    try {
      for (const block of blocks) this.#hygiene?.prepare(block)
    } catch (error) {
      // There is no memory in place of what was detached.
      this.#store.giveBack(blocks)
      throw error
    }
    return blocks
  }

  #takeBack(loan: SlabLoan, releasedAt: Error | undefined): void {
    const { blocks, tag } = loan
    if (this.#hygiene !== undefined) {
      for (const block of blocks) this.#hygiene.cleanUp(block, loan, releasedAt)
    }
    this.#leaks.forget(loan)
    this.#store.giveBack(blocks)
    this.#usage.giveBack(blocks.length)
    if (tag !== undefined) this.#usageFor(tag).giveBack(blocks.length)
    this.#afterReturn()
  }

  /** Its blocks are not lent again: who has a view of them may still write there. */
  #lose(loan: SlabLoan): void {
    const { blocks, tag } = loan
    this.#store.abandon(blocks)
    this.#usage.lose(blocks.length)
    if (tag !== undefined) this.#usageFor(tag).lose(blocks.length)
    this.#afterReturn()
    this.#settings.onLeak?.(leakReport(loan))
  }

  #afterReturn(): void {
    if (this.#closing !== undefined) this.#endIfEmpty(this.#closing)
    else if (this.#waiters.size > 0) this.#serve()
    else if (!this.#idle.isRunning) this.#idle.start()
  }

  #endIfEmpty(closing: Deferred<void>): void {
    if (this.#usage.used > 0) return
    this.#store.trim(Infinity)
    closing.resolve()
  }

  /** Lends to those whose turn it is. The tempting search for somebody modest starves the others. */
  #serve(): void {
    let first = firstWilling(this.#waiters)
    while (first !== undefined && first.detail.blocks <= this.#free) {
      this.#lendTo(first)
      first = firstWilling(this.#waiters)
    }
  }

  #lendTo(waiter: Waiter<PooledBuffer, Request>): void {
    const { blocks, tag, origin } = waiter.detail
    try {
      waiter.resolve(this.#lend(blocks, tag, origin))
    } catch (error) {
      // There is no memory. That is this waiter's trouble, not that of whoever has released something.
      waiter.reject(error)
    }
  }

  /** Whether to come again. */
  #giveBackIdle(): boolean {
    this.#store.giveBackIdle(this.#settings.initialBlocks)
    return this.#store.reserved > this.#settings.initialBlocks && this.#store.free > 0
  }

  #refusalOf(blocks: number): Error | undefined {
    if (this.#closing !== undefined) return closedError()
    return blocks > this.#settings.maxBlocks ? this.#fullError(blocks) : undefined
  }

  #fullError(blocks: number): FullError<RefusedBlocks> {
    const { maxBlocks } = this.#settings
    const free = this.#free
    const waiting = this.#waiters.size > 0 ? ` and ${this.#waiters.size} wait` : ''
    const problem = `${free} of ${maxBlocks} blocks are free${waiting}, not ${blocks}`
    return new FullError('allocate a buffer', problem, { blocks, free })
  }

  #usageFor(tag: string): Usage {
    let usage = this.#usageOf.get(tag)
    if (usage === undefined) this.#usageOf.set(tag, (usage = new Usage()))
    return usage
  }
}

function tagOf(options: AllocateOptions | undefined): string | undefined {
  if (options === undefined) return undefined
  requireObject('options', options)
  const { tag } = options
  return tag === undefined ? undefined : requireString('tag', tag)
}

function closedError(): ClosedError {
  return new ClosedError('allocate a buffer', 'the buffer pool')
}
