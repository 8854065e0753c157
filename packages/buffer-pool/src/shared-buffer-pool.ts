import { FullError, type WaitOptions } from '@cupola/core'
import { requireFunction, requireInteger, requireObject } from '@cupola/core/authoring'
import {
  attachTo,
  LocalQueue,
  recall,
  remember,
  requireBlocking,
  type SharedOptions,
  type SyncWaitOptions,
} from '@cupola/shared-sync/authoring'
import { isTransitMark } from './block-ledger.ts'
import { BlockSize } from './block-size.ts'
import {
  MOST_BLOCKS,
  MOST_BYTES,
  type RefusedBlocks,
  requireBlocks,
  requireOneOf,
} from './buffer-pool-options.ts'
import type { ZeroMode } from './hygiene.ts'
import type { Block, Lender, Loan } from './loan.ts'
import { UseAfterReleaseError } from './misuse-errors.ts'
import { PooledBuffer } from './pooled-buffer.ts'
import { requireBuffer } from './require-buffer.ts'
import {
  ledgerOf,
  makePoolMemory,
  type KnownPoolShape,
  requirePoolHandle,
  type SharedBufferPoolHandle,
  shapeOf,
} from './shared-pool-memory.ts'
import { PoolSeat, poolRule, rightToBlocks } from './shared-pool-rule.ts'
import { Usage } from './usage.ts'

const ACTION = 'acquire a shared buffer'

/** What a {@link SharedBufferPool} is made with. */
export interface SharedBufferPoolOptions extends SharedOptions {
  /** How many blocks there are, from 1 up. The system gives memory for those that are written to. */
  readonly maxBlocks: number
  /**
   * Bytes in a block, from 1 to 1 GiB. See {@link BlockSize}.
   *
   * @defaultValue `BlockSize.medium`
   */
  readonly blockSize?: number | undefined
  /**
   * When blocks are overwritten with zeros: `'never'`, when they are lent (`'take'`), or when they come
   * back (`'release'`), by the thread that takes or releases them.
   *
   * @defaultValue `'never'`
   */
  readonly zero?: ZeroMode | undefined
}

/** A {@link SharedBufferPool} at one moment, and what this thread did with it. */
export interface SharedBufferPoolStats {
  /** Bytes in a block. */
  readonly blockSize: number
  /** Blocks there are. */
  readonly capacity: number
  /** Blocks that are lent, in all threads, and those that are on their way from one to another. */
  readonly used: number
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

/** A buffer on its way to another thread. */
export interface SharedBufferHandle {
  /** Whose blocks they are. */
  readonly pool: string
  /** Which blocks, in order. */
  readonly blocks: readonly number[]
  /** Bytes of content. */
  readonly length: number
  /** What lets the first who shows it have the blocks. */
  readonly proof: number
}

/** A loan of this kind of pool. */
interface SharedLoan extends Loan {
  readonly numbers: readonly number[]
}

/**
 * A `BufferPool` for all threads of a process: blocks of one SharedArrayBuffer, lent to whoever needs
 * a buffer, and released by that thread or by another to which it was handed over.
 *
 * Those who wait get theirs in the order they came, whether they block their thread or await: a large
 * request is not starved by small ones. A thread may put forward one of those in it who wait at a time.
 *
 * When a thread ends while it has blocks, they stay as they are: others may have views of them, and
 * know what their content is worth. {@link lost} counts them, and {@link reclaim} makes them free.
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
export class SharedBufferPool {
  /**
   * The pool of that handle, as seen from this thread; the same object, however often it is called.
   *
   * @param handle - {@link handle} of a pool, made in any thread of this process.
   * @throws TypeError If it is no such handle.
   * @throws FullError If as many threads as may are attached already.
   */
  static attach(handle: SharedBufferPoolHandle): SharedBufferPool {
    requirePoolHandle(handle)
    return recall(SharedBufferPool, handle) ?? new SharedBufferPool(shapeOf(handle), handle)
  }

  /** For {@link attach} in another thread: posted as it is, as often as you like. */
  readonly handle: SharedBufferPoolHandle
  readonly #shape: KnownPoolShape
  readonly #seat: PoolSeat
  readonly #entry: LocalQueue<readonly number[]>
  readonly #lender: Lender<SharedLoan>
  readonly #usage = new Usage()
  /** The blocks as seen from this thread, each from when it is first used. */
  readonly #blocks: (Block | undefined)[] = []

  /**
   * @param options - How many blocks, of which size, for how many threads.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If a number is out of range, or the system does not have so much memory.
   */
  constructor(options: SharedBufferPoolOptions)
  /** @internal */
  constructor(options: SharedBufferPoolOptions, handle: SharedBufferPoolHandle)
  constructor(options: SharedBufferPoolOptions, handle = newMemory(options)) {
    const ledger = ledgerOf(handle)
    const attachment = attachTo(handle, poolRule(ledger))
    this.handle = handle
    this.#shape = shapeOf(handle)
    this.#seat = new PoolSeat(attachment.lot, ledger)
    const right = rightToBlocks(this.#seat, (count) => count > this.#most())
    this.#entry = new LocalQueue(attachment.lot, right, attachment.words)
    this.#lender = {
      blockSize: this.#shape.blockSize,
      isTracing: false,
      takeBack: (loan) => this.#takeBack(loan),
    }
    remember(this, attachment)
  }

  /** Bytes in a block. */
  get blockSize(): number {
    return this.#shape.blockSize
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
   * @returns The buffer; `undefined` if there are too few blocks, or somebody waits for some.
   * @throws TypeError If `blocks` is not a number.
   * @throws RangeError If `blocks` is not an integer from 1 up.
   */
  tryAllocate(blocks: number): PooledBuffer | undefined {
    requireBlocks(blocks)
    const numbers = this.#seat.tryTake(blocks)
    if (numbers !== undefined) return this.#lend(numbers)
    this.#usage.failures++
    return undefined
  }

  /**
   * Lends blocks, as {@link tryAllocate}.
   *
   * @param blocks - How many, from 1 up.
   * @throws FullError If there are too few blocks, or somebody waits for some. What was `refused` says
   *   how many were wanted, and how many there were.
   * @throws TypeError If `blocks` is not a number.
   * @throws RangeError If `blocks` is not an integer from 1 up.
   */
  allocate(blocks: number): PooledBuffer {
    const buffer = this.tryAllocate(blocks)
    if (buffer === undefined) throw this.#fullError(blocks)
    return buffer
  }

  /**
   * Lends as many blocks as it takes for so many bytes, one at least.
   *
   * @param bytes - How many, from 0 up.
   * @throws As {@link allocate}, with `bytes` in place of `blocks`.
   */
  allocateBytes(bytes: number): PooledBuffer {
    requireInteger('bytes', bytes, 0, Number.MAX_SAFE_INTEGER)
    return this.allocate(Math.max(1, Math.ceil(bytes / this.blockSize)))
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
   * @param options - What may end the wait early.
   * @throws FullError If the pool does not have so many at all.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If `blocks` is not a number, or an option has the wrong type.
   * @throws RangeError If `blocks` is not an integer from 1 up, or `timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  async acquire(blocks: number, options?: WaitOptions): Promise<PooledBuffer> {
    this.#requireEver(blocks)
    return this.#lend(await this.#entry.wait(options, blocks))
  }

  /**
   * Waits for blocks by blocking the thread. None of the thread may wait for some without blocking, nor
   * may the thread have so many that the others are too few: it could not release them.
   *
   * @param blocks - How many, from 1 up.
   * @param options - For how long, and whether on the main thread too.
   * @throws FullError If the pool does not have so many at all.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If it would wait for its own thread, something has the wrong type, or on the main
   *   thread, unless that is allowed.
   * @throws RangeError If `blocks` is not an integer from 1 up, or `timeout` is negative or `NaN`.
   */
  acquireSync(blocks: number, options: SyncWaitOptions = {}): PooledBuffer {
    const timeout = requireBlocking(ACTION, options)
    this.#requireEver(blocks)
    return this.#lend(this.#entry.waitSync(timeout, () => performance.now(), blocks))
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
    options?: WaitOptions,
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
   * @throws DoubleReleaseError If it has come back already, or was handed over.
   * @throws ForeignReleaseError If it is from another pool. It stays good.
   * @throws TypeError If it is not a `PooledBuffer` at all.
   */
  release(buffer: PooledBuffer): void {
    requireBuffer('release', buffer)
    buffer.releaseTo(this.#lender)
  }

  /**
   * Ends the use of a buffer here, for a thread that takes it over. Until then it counts as lent; if
   * nobody ever does, it stays so.
   *
   * @param buffer - What to hand over. Whoever uses it afterwards gets a `UseAfterReleaseError`.
   * @returns What to post to the other thread, for {@link takeOver}: a plain object.
   * @throws UseAfterReleaseError If it was released.
   * @throws ForeignReleaseError If it is from another pool. It stays good.
   * @throws TypeError If it is not a `PooledBuffer` at all.
   */
  handOver(buffer: PooledBuffer): SharedBufferHandle {
    requireBuffer('hand over', buffer)
    const { length } = buffer
    const { numbers } = buffer.surrenderTo(this.#lender)
    this.#usage.giveBack(numbers.length)
    return { pool: this.#shape.identity, blocks: numbers, length, proof: this.#seat.send(numbers) }
  }

  /**
   * Goes on with a buffer that another thread has handed over, or this one.
   *
   * @param handle - What {@link handOver} gave.
   * @returns A buffer with the same content.
   * @throws UseAfterReleaseError If somebody has taken it over already.
   * @throws TypeError If it is no handle of this pool.
   */
  takeOver(handle: SharedBufferHandle): PooledBuffer {
    if (!this.#isOfHere(handle)) {
      throw new TypeError('Cannot take over a buffer: expected what handOver() of this pool gave')
    }
    const { blocks, length, proof } = handle
    if (!this.#seat.receive(blocks, proof)) {
      throw new UseAfterReleaseError('take over', blocks[0] ?? 0)
    }
    return this.#bufferOf(blocks, length)
  }

  /**
   * Makes the blocks free of threads that have ended. Only for one who knows that no other thread has a
   * view of them still.
   *
   * Cost: O(all blocks and the threads attached).
   *
   * @returns How many blocks that were.
   */
  reclaim(): number {
    return this.#seat.reclaim()
  }

  /** A snapshot, in O(1). */
  stats(): SharedBufferPoolStats {
    const { blockSize, maxBlocks } = this.#shape
    const { free, highWater } = this.#seat
    const { takes, returns, failures } = this.#usage
    const waiting = this.#entry.size
    return Object.freeze({
      blockSize,
      capacity: maxBlocks,
      used: maxBlocks - free,
      free,
      highWater,
      waiting,
      takes,
      returns,
      failures,
    })
  }

  /** As many blocks as the thread could get if all others gave back theirs. */
  #most(): number {
    return this.#shape.maxBlocks - this.#usage.used
  }

  #lend(numbers: readonly number[]): PooledBuffer {
    const buffer = this.#bufferOf(numbers, 0)
    if (this.#shape.zero === 'take') for (const bytes of buffer.spare()) bytes.fill(0)
    return buffer
  }

  #bufferOf(numbers: readonly number[], length: number): PooledBuffer {
    this.#usage.take(numbers.length)
    const blocks = numbers.map((number) => this.#block(number))
    const loan: SharedLoan = { id: this.#usage.takes, tag: undefined, blocks, numbers }
    return new PooledBuffer(this.#lender, loan, length)
  }

  #block(number: number): Block {
    const { blockSize } = this
    return (this.#blocks[number] ??= {
      bytes: Buffer.from(this.handle.memory, number * blockSize, blockSize),
    })
  }

  #takeBack({ numbers, blocks }: SharedLoan): void {
    if (this.#shape.zero === 'release') for (const { bytes } of blocks) bytes.fill(0)
    this.#usage.giveBack(numbers.length)
    this.#seat.giveBack(numbers)
  }

  #requireEver(blocks: number): void {
    requireBlocks(blocks)
    if (blocks > this.#shape.maxBlocks) throw this.#fullError(blocks)
  }

  #fullError(blocks: number): FullError<RefusedBlocks> {
    const { free } = this.#seat
    const problem = `${free} of ${this.#shape.maxBlocks} blocks are free, not ${blocks}`
    return new FullError('allocate a shared buffer', problem, { blocks, free })
  }

  /** Whatever may come through a port. */
  #isOfHere(handle: SharedBufferHandle): boolean {
    if (typeof handle !== 'object' || handle === null) return false
    const { pool, blocks, length, proof } = handle
    if (pool !== this.#shape.identity || !Array.isArray(blocks) || blocks.length === 0) return false
    return (
      // A copy, because `every()` passes over holes.
      Array.from(blocks).every((block) => isIntegerBelow(this.#shape.maxBlocks, block)) &&
      isIntegerBelow(blocks.length * this.blockSize + 1, length) &&
      isTransitMark(proof)
    )
  }
}

function newMemory(options: SharedBufferPoolOptions): SharedBufferPoolHandle {
  requireObject('options', options)
  const { maxBlocks, blockSize = BlockSize.medium, zero = 'never', maxThreads } = options
  requireInteger('maxBlocks', maxBlocks, 1, MOST_BLOCKS)
  requireInteger('blockSize', blockSize, 1, MOST_BYTES)
  requireOneOf('zero', zero, ['never', 'take', 'release'])
  return makePoolMemory({ maxBlocks, blockSize, zero }, maxThreads)
}

function isIntegerBelow(limit: number, value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < limit
}
