import { type FullError, TimeoutError, type WaitOptions } from '@cupola/core'
import { checkWaitOptions, requireFunction, requireString } from '@cupola/core/authoring'
import {
  attachTo,
  LocalQueue,
  recall,
  remember,
  requireBlocking,
  Vigil,
} from '@cupola/shared-sync/authoring'
import {
  type AcquireOptions,
  type AllocateOptions,
  blocksFor,
  type RefusedBlocks,
  requireBlocks,
  shortOf,
  tagOf,
} from './block-request.ts'
import { UseAfterReleaseError } from './misuse-errors.ts'
import { PoolSeat } from './pool-seat.ts'
import type { PooledBuffer } from './pooled-buffer.ts'
import { requireBuffer } from './require-buffer.ts'
import { checkedHandle, type SharedBufferHandle } from './shared-buffer-handle.ts'
import {
  type AcquireSyncOptions,
  orphansOf,
  type ReclaimOptions,
  type SharedBufferPoolOptions,
  type SharedBufferPoolStats,
  shapeFrom,
} from './shared-buffer-pool-options.ts'
import { SharedLender } from './shared-lender.ts'
import {
  isPoolClosed,
  ledgerOf,
  makePoolMemory,
  requirePoolHandle,
  type SharedBufferPoolHandle,
  shapeOf,
} from './shared-pool-memory.ts'
import { ACQUIRE, rightToBlocks, rightToEnd } from './shared-pool-rights.ts'
import { closedError, poolRule } from './shared-pool-rule.ts'
import type { UsageStats } from './usage.ts'
import { useBuffer } from './use-buffer.ts'

/**
 * A `BufferPool` for all threads of a process: blocks of one SharedArrayBuffer, lent to whoever needs
 * a buffer, and released by that thread or by another to which it was handed over.
 *
 * Those who wait get theirs in the order they came, whether they block their thread or await: a large
 * request is not starved by small ones. A thread may put forward one of those in it who wait at a time.
 *
 * When a thread ends while it has blocks, they stay as they are: others may have views of them, and
 * know what their content is worth. {@link lost} counts them, and {@link reclaim} makes them free. A
 * thread in which nothing refers to the pool any more, nor to a buffer of it, counts as ended: let who
 * hands buffers over keep the pool until they have arrived.
 *
 * One thread closes the pool for all: see {@link close}.
 *
 * Not everything in Node.js takes views of shared memory; the README has a list.
 *
 * @example A buffer that is filled here and read there
 * ```ts
 * import { SharedBufferPool } from '@cupola/buffer-pool'
 *
 * const pool = new SharedBufferPool({ maxBlocks: 16 })
 * const buffer = pool.allocate(1)
 * buffer.set('for you')
 * const handle = pool.handOver(buffer)
 *
 * // In the other thread, where `pool.handle` and `handle` were posted to:
 * const same = SharedBufferPool.attach(pool.handle)
 * using taken = same.takeOver(handle)
 * taken.toString() // => 'for you'
 * ```
 */
export class SharedBufferPool implements AsyncDisposable {
  /**
   * The pool of that handle, as seen from this thread; the same object, however often it is called.
   *
   * @param handle - {@link handle} of a pool, made in any thread of this process.
   * @throws ClosedError If the pool is closed.
   * @throws TypeError If it is no such handle.
   * @throws FullError If as many threads as may are attached already.
   */
  static attach(handle: SharedBufferPoolHandle): SharedBufferPool {
    requirePoolHandle(handle)
    if (isPoolClosed(handle)) throw closedError('attach')
    return recall(SharedBufferPool, handle) ?? new SharedBufferPool(shapeOf(handle), handle)
  }

  /** For {@link attach} in another thread: posted as it is, as often as you like. */
  readonly handle: SharedBufferPoolHandle
  readonly #seat: PoolSeat
  readonly #lender: SharedLender
  readonly #entry: LocalQueue<readonly number[]>
  readonly #exit: LocalQueue<void>
  #closing: Promise<void> | undefined

  /**
   * @param options - How many blocks, of which size, for how many threads.
   * @throws FullError If the system does not have so much memory.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If a number is out of range.
   */
  constructor(options: SharedBufferPoolOptions)
  /** @internal */
  constructor(options: SharedBufferPoolOptions, handle: SharedBufferPoolHandle)
  constructor(
    options: SharedBufferPoolOptions,
    handle = makePoolMemory(shapeFrom(options), options.maxThreads),
  ) {
    const ledger = ledgerOf(handle)
    const attachment = attachTo(handle, poolRule(ledger))
    const { lot, words } = attachment
    this.handle = handle
    this.#seat = new PoolSeat(lot, ledger)
    this.#lender = new SharedLender(handle, this.#seat)
    const right = rightToBlocks(this.#seat, (count) => count > this.#lender.most)
    const vigil = new Vigil(lot)
    this.#entry = new LocalQueue(lot, right, words, vigil)
    this.#exit = new LocalQueue(lot, rightToEnd(this.#seat), words, vigil)
    remember(this, attachment)
  }

  /** Bytes in a block. */
  get blockSize(): number {
    return this.#lender.blockSize
  }

  /** Whether the pool is closed, by whichever thread. */
  get closed(): boolean {
    return this.#seat.isClosed
  }

  /**
   * Blocks of threads that have ended.
   *
   * Cost: O(all blocks and the threads attached).
   */
  get lost(): number {
    return this.#seat.countLost()
  }

  /**
   * Lends blocks, if they can be had now and nobody waits.
   *
   * @param blocks - How many, from 1 up.
   * @param options - Who asks.
   * @returns The buffer; `undefined` if there are too few blocks, or somebody waits for some.
   * @throws ClosedError If the pool is closed.
   * @throws TypeError If `blocks` is not a number, or an option has the wrong type.
   * @throws RangeError If `blocks` is not an integer from 1 up.
   */
  tryAllocate(blocks: number, options?: AllocateOptions): PooledBuffer | undefined {
    requireBlocks(blocks)
    const tag = tagOf(options)
    const numbers = this.#seat.tryTake(blocks)
    if (numbers !== undefined) return this.#lender.lend(numbers, tag)
    this.#requireOpen('allocate a shared buffer')
    this.#lender.usage.fail(tag)
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
   * Waits for blocks without blocking the thread.
   *
   * Cancellation: who times out or aborts while waiting has left, and those behind may go on.
   *
   * What is granted while the thread is blocked elsewhere is kept for it until its event loop turns:
   * do not block a thread that awaits buffers.
   *
   * Cost: O(threads attached) and O(blocks). Who waits keeps the process alive, by one timer for all
   * of the thread who wait.
   *
   * @param blocks - How many, from 1 up.
   * @param options - Who asks, and what may end the wait early.
   * @throws FullError If the pool does not have so many at all.
   * @throws ClosedError If the pool is closed, or is closed while this waits.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If `blocks` is not a number, or an option has the wrong type.
   * @throws RangeError If `blocks` is not an integer from 1 up, or `timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  async acquire(blocks: number, options?: AcquireOptions): Promise<PooledBuffer> {
    requireBlocks(blocks)
    const tag = tagOf(options)
    checkWaitOptions(options)
    this.#requireEver(blocks)
    return this.#lender.lend(await this.#entry.wait(options, blocks), tag)
  }

  /**
   * Waits for blocks by blocking the thread. None of the thread may wait for some without blocking, nor
   * may the thread have so many that the others are too few: it could not release them.
   *
   * @param blocks - How many, from 1 up.
   * @param options - Who asks, for how long, and whether on the main thread too.
   * @throws FullError If the pool does not have so many at all.
   * @throws ClosedError If the pool is closed, or is closed while this waits.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If it would wait for its own thread, something has the wrong type, or on the main
   *   thread, unless that is allowed.
   * @throws RangeError If `blocks` is not an integer from 1 up, or `timeout` is negative or `NaN`.
   */
  acquireSync(blocks: number, options: AcquireSyncOptions = {}): PooledBuffer {
    requireBlocks(blocks)
    const timeout = requireBlocking(ACQUIRE, options)
    const tag = tagOf(options)
    this.#requireEver(blocks)
    return this.#lender.lend(
      this.#entry.waitSync(timeout, () => performance.now(), blocks),
      tag,
    )
  }

  /**
   * Acquires a buffer, calls a function with it, and releases it when that is done or has failed.
   *
   * @param blocks - How many, from 1 up.
   * @param fn - Called once the blocks are there. It may release the buffer itself, or hand it over.
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
   * @throws DoubleReleaseError If it has come back already, or was handed over.
   * @throws ForeignReleaseError If it is from another pool. It stays good.
   * @throws TypeError If it is not a `PooledBuffer` at all.
   */
  release(buffer: PooledBuffer): void {
    requireBuffer('release', buffer)
    buffer.releaseTo(this.#lender)
  }

  /**
   * Ends the use of a buffer here, for a thread that takes it over. Until then it counts as lent.
   *
   * It is for whoever shows first what this returns: {@link takeOver} in this thread takes it back, if
   * the other one has not come, or has ended. When nobody has that any more, {@link reclaim} makes the
   * blocks free once the thread has ended that handed them over; {@link close} does so in any case.
   *
   * @param buffer - What to hand over. Whoever uses it afterwards gets a `UseAfterReleaseError`.
   * @returns What to post to the other thread, for {@link takeOver}: a plain object.
   * @throws UseAfterReleaseError If it was released.
   * @throws ForeignReleaseError If it is from another pool. It stays good.
   * @throws ClosedError If the pool is closed. The buffer stays good, and is still to be released.
   * @throws TypeError If it is not a `PooledBuffer` at all.
   */
  handOver(buffer: PooledBuffer): SharedBufferHandle {
    requireBuffer('hand over', buffer)
    return this.#lender.handOver(buffer)
  }

  /**
   * Goes on with a buffer that another thread has handed over, or this one.
   *
   * @param handle - What {@link handOver} gave.
   * @returns A buffer with the same content, and the same tag.
   * @throws UseAfterReleaseError If somebody has taken it over already, or reclaimed it.
   * @throws ClosedError If the pool is closed: what was on its way is gone.
   * @throws TypeError If it is no handle of this pool.
   */
  takeOver(handle: SharedBufferHandle): PooledBuffer {
    const checked = checkedHandle(handle, this.#lender.shape)
    const buffer = this.#lender.takeOver(checked)
    if (buffer !== undefined) return buffer
    this.#requireOpen('take over a shared buffer')
    const ending = 'taken over or reclaimed'
    throw new UseAfterReleaseError('take over', checked.bufferId, { ending })
  }

  /**
   * Makes the blocks free of threads that have ended. Only for one who knows that no other thread has a
   * view of them still.
   *
   * Cost: O(all blocks and the threads attached). With `zero: 'release'` they are overwritten first.
   *
   * @param options - Whether what those threads had handed over is meant as well.
   * @returns How many blocks that were.
   * @throws TypeError If an option has the wrong type.
   */
  reclaim(options: ReclaimOptions = {}): number {
    return this.#lender.reclaim(orphansOf(options))
  }

  /** A snapshot, in O(1). */
  stats(): SharedBufferPoolStats {
    const { blockSize, maxBlocks } = this.#lender.shape
    const { free, highWater, inTransit } = this.#seat
    const { takes, returns, failures } = this.#lender.usage.snapshot()
    return Object.freeze({
      blockSize,
      capacity: maxBlocks,
      used: maxBlocks - free,
      handedOver: inTransit,
      free,
      highWater,
      waiting: this.#entry.size,
      takes,
      returns,
      failures,
    })
  }

  /**
   * A snapshot of what this thread asked for with a tag, or took over with it, in O(1).
   *
   * @param tag - As in the options of {@link allocate}.
   * @returns All zeros for one that was never used.
   * @throws TypeError If it is not a string.
   */
  statsOf(tag: string): UsageStats {
    requireString('tag', tag)
    const { used, highWater, takes, returns, failures } = this.#lender.usage.snapshotOf(tag)
    return Object.freeze({ used, highWater, takes, returns, failures })
  }

  /**
   * Lends no more, to any thread. Who waits for blocks is refused, and so is who wants to attach; who
   * has a buffer may use it still, and releases it. What was handed over and has not been taken over
   * is gone, so let everything arrive before.
   *
   * Any thread may call this, and each hears of the end for itself. The memory goes when no thread has
   * the pool, a buffer or a view of it any more.
   *
   * Cost: O(all blocks and the threads attached). Until all is back, this keeps the process alive: a
   * buffer of a living thread that is never released does so for ever. See {@link tryClose}.
   *
   * @returns Once no living thread has a buffer; always the same promise.
   */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#seat.close()
      this.#closing = this.#exit.wait({})
    }
    return this.#closing
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
  async tryClose(options?: WaitOptions): Promise<boolean> {
    checkWaitOptions(options)
    if (options?.signal?.aborted) throw options.signal.reason
    this.#seat.close()
    try {
      await this.#exit.wait(options)
      return true
    } catch (error) {
      if (error instanceof TimeoutError && error !== options?.signal?.reason) return false
      throw error
    }
  }

  /** {@link close}, for all threads. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #requireOpen(action: string): void {
    if (this.#seat.isClosed) throw closedError(action)
  }

  #requireEver(blocks: number): void {
    this.#requireOpen(ACQUIRE)
    if (blocks > this.#lender.shape.maxBlocks) throw this.#fullError(blocks)
  }

  #fullError(blocks: number): FullError<RefusedBlocks> {
    const { free, isAwaited } = this.#seat
    const { maxBlocks: capacity } = this.#lender.shape
    return shortOf('a shared buffer', { blocks, free, capacity, isAwaited })
  }
}
