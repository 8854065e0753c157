import type { Readable } from 'node:stream'
import { FullError } from '@cupola/core'
import { requireInteger } from '@cupola/core/authoring'
import { BufferReader } from './buffer-reader.ts'
import { type AppendOptions, appendAll, readableOf } from './buffer-streams.ts'
import { BufferWriter } from './buffer-writer.ts'
import {
  type Content,
  encoded,
  requireBytes,
  requireContent,
  requireEncoding,
  sizeOf,
} from './content.ts'
import type { Lender, Loan } from './loan.ts'
import {
  DoubleReleaseError,
  ForeignReleaseError,
  type MisuseErrorOptions,
  UseAfterReleaseError,
} from './misuse-errors.ts'
import { read, stretches, write } from './stretches.ts'
import { writeText } from './text.ts'

/**
 * Some blocks of a pool, lent to one owner until he releases them, with a content that runs on from
 * block to block: as long as what was written, at most as long as all the blocks.
 *
 * Each loan is an object of its own. So a buffer that was released stays so, whoever has its blocks
 * by then, and whoever releases it again or uses it gets an error. What cannot be found that way is
 * the use of a *view*: `bytes()`, `spare()`, `reader().span()` and the chunks of `toReadable()` are the
 * blocks themselves. The pool's `guard` helps to find those.
 *
 * @example Longer than a block
 * ```ts
 * import { BufferPool } from '@cupola/buffer-pool'
 *
 * const pool = new BufferPool({ blockSize: 4, maxBlocks: 10 })
 * using buffer = pool.allocate(4)
 * buffer.set('grün').append(' und blau')
 * buffer.length // => 14
 * buffer.bytes().map((bytes) => bytes.length) // => [4, 4, 4, 2]
 * buffer.toString() // => 'grün und blau'
 * ```
 */
export class PooledBuffer implements Disposable {
  /** Its number in the pool, from 1 up, by which errors and reports tell buffers apart. */
  readonly id: number
  /** Bytes there is room for. */
  readonly capacity: number
  readonly #lender: Lender
  #loan: Loan | undefined
  #length: number
  /** How it was given away, once it was. */
  #ending = 'released'
  /** Where it was released, if the pool takes notes of that. */
  #releasedAt: Error | undefined = undefined

  /** @internal */
  constructor(lender: Lender, loan: Loan, length = 0) {
    this.id = loan.id
    this.capacity = loan.blocks.length * lender.blockSize
    this.#lender = lender
    this.#loan = loan
    this.#length = length
  }

  /** Bytes in a block. */
  get blockSize(): number {
    return this.#lender.blockSize
  }

  /** Bytes of content. */
  get length(): number {
    return this.#length
  }

  /** Whether the blocks have gone back. */
  get released(): boolean {
    return this.#loan === undefined
  }

  /**
   * Replaces the content.
   *
   * @param content - Text, or bytes, which are copied.
   * @param encoding - Of a text.
   * @returns This buffer.
   * @throws FullError If there is no room for all of it; nothing is changed then.
   * @throws TypeError If it is neither text nor bytes, or there is no such encoding.
   * @throws UseAfterReleaseError If the buffer was released.
   *
   * @defaultValue `encoding` is `'utf8'`
   */
  set(content: Content, encoding: BufferEncoding = 'utf8'): this {
    this.#length = this.#put(0, content, encoding)
    return this
  }

  /**
   * Adds to the content, as {@link set} replaces it. Where as much as fits is wanted, there is
   * `writer().text()`.
   *
   * @param content - Text, or bytes, which are copied.
   * @param encoding - Of a text.
   * @returns This buffer.
   * @throws FullError If there is no room for all of it; nothing is changed then.
   * @throws TypeError If it is neither text nor bytes, or there is no such encoding.
   * @throws UseAfterReleaseError If the buffer was released.
   *
   * @defaultValue `encoding` is `'utf8'`
   */
  append(content: Content, encoding: BufferEncoding = 'utf8'): this {
    this.#length = this.#put(this.#length, content, encoding)
    return this
  }

  /**
   * Adds all that comes out of a stream, or anything else that gives chunks.
   *
   * Cancellation: aborting destroys the stream; what has come stays.
   *
   * @param source - What to read. Text is added as UTF-8.
   * @param options - What ends it early.
   * @returns Once the source has ended.
   * @throws FullError If more comes than there is room for: what came before stays, and the stream is
   *   destroyed.
   * @throws TypeError If the source gives no chunks, one is neither text nor bytes, or an option has the
   *   wrong type.
   * @throws UseAfterReleaseError If the buffer was released, or is when a chunk comes.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws What the source fails with.
   */
  async appendFrom(
    source: AsyncIterable<Content> | Iterable<Content>,
    options: AppendOptions = {},
  ): Promise<void> {
    this.loanFor('append to')
    await appendAll(this, source, options)
  }

  /**
   * Puts the same byte everywhere from one position to another; the content is at least that long
   * afterwards.
   *
   * @param byte - From 0 to 255.
   * @param start - Where to begin, not behind the content.
   * @param end - Where to end.
   * @returns This buffer.
   * @throws TypeError If something is not a number.
   * @throws RangeError If `byte` is no byte, or a position is out of range.
   * @throws UseAfterReleaseError If the buffer was released.
   *
   * @defaultValue `start` is 0 and `end` is {@link capacity}
   */
  fill(byte: number, start = 0, end: number = this.capacity): this {
    const { blocks } = this.loanFor('fill')
    requireInteger('byte', byte, 0, 255)
    requireInteger('start', start, 0, this.#length)
    requireInteger('end', end, start, this.capacity)
    for (const bytes of stretches(blocks, start, end)) bytes.fill(byte)
    this.extendTo(end)
    return this
  }

  /**
   * The content as it lies there, block by block, without a copy: what `writev` takes. The views are
   * good until the buffer is released.
   *
   * @throws UseAfterReleaseError If the buffer was released.
   */
  bytes(): Buffer[] {
    return stretches(this.loanFor('read').blocks, 0, this.#length)
  }

  /**
   * The room behind the content, block by block: what `readv` takes. What was written there counts
   * once it is {@link commit | committed}. The views are good until the buffer is released.
   *
   * @throws UseAfterReleaseError If the buffer was released.
   *
   * @example Read a file without a copy
   * ```ts
   * import { open } from 'node:fs/promises'
   * import { BufferPool } from '@cupola/buffer-pool'
   *
   * const pool = new BufferPool({ maxBlocks: 8 })
   * using buffer = pool.allocate(2)
   * const file = await open('package.json')
   * const { bytesRead } = await file.readv(buffer.spare())
   * buffer.commit(bytesRead)
   * await file.close()
   * buffer.length > 0 // => true
   * ```
   */
  spare(): Buffer[] {
    return stretches(this.loanFor('write to').blocks, this.#length, this.capacity)
  }

  /**
   * Makes so many bytes that were written to {@link spare} part of the content.
   *
   * @param bytes - How many, from its beginning.
   * @throws TypeError If it is not a number.
   * @throws RangeError If it is not an integer from 0 to what there is room for.
   * @throws UseAfterReleaseError If the buffer was released.
   */
  commit(bytes: number): void {
    this.loanFor('write to')
    this.#length += requireInteger('bytes', bytes, 0, this.capacity - this.#length)
  }

  /**
   * Copies the content, as much as there is and the target holds.
   *
   * @param target - Where to.
   * @param start - Where in the content to begin.
   * @returns How many bytes were copied.
   * @throws TypeError If `target` is no `Uint8Array`, or `start` not a number.
   * @throws RangeError If `start` is not an integer from 0 to {@link length}.
   * @throws UseAfterReleaseError If the buffer was released.
   *
   * @defaultValue `start` is 0
   */
  copyTo(target: Uint8Array, start = 0): number {
    const { blocks } = this.loanFor('read')
    requireBytes('target', target)
    requireInteger('start', start, 0, this.#length)
    const size = Math.min(target.length, this.#length - start)
    read(blocks, start, target.subarray(0, size))
    return size
  }

  /**
   * A copy of the content, in memory of its own.
   *
   * @param start - Where to begin.
   * @param end - Where to end.
   * @throws TypeError If something is not a number.
   * @throws RangeError If a position is out of range.
   * @throws UseAfterReleaseError If the buffer was released.
   *
   * @defaultValue `start` is 0 and `end` is {@link length}
   */
  toBuffer(start = 0, end: number = this.#length): Buffer {
    const { blocks } = this.#range(start, end)
    const copy = Buffer.allocUnsafeSlow(end - start)
    read(blocks, start, copy)
    return copy
  }

  /**
   * The content as text. Characters that a block border goes through are whole.
   *
   * Cost: what is longer than a block is copied first.
   *
   * @param encoding - How to read it.
   * @param start - Where to begin.
   * @param end - Where to end.
   * @throws TypeError If there is no such encoding, or a position is not a number.
   * @throws RangeError If a position is out of range.
   * @throws UseAfterReleaseError If the buffer was released.
   *
   * @defaultValue `encoding` is `'utf8'`, `start` is 0 and `end` is {@link length}
   */
  toString(encoding: BufferEncoding = 'utf8', start = 0, end: number = this.#length): string {
    const { blocks } = this.#range(start, end)
    requireEncoding(encoding)
    const [first, ...more] = stretches(blocks, start, end)
    if (first === undefined) return ''
    return (more.length === 0 ? first : this.toBuffer(start, end)).toString(encoding)
  }

  /**
   * Reads the content from a position on, number by number or text by text, as if it were in one
   * piece.
   *
   * @param position - Where to begin.
   * @throws TypeError If it is not a number.
   * @throws RangeError If it is not an integer from 0 to {@link length}.
   *
   * @defaultValue `position` is 0
   */
  reader(position = 0): BufferReader {
    return new BufferReader(this, requireInteger('position', position, 0, this.#length))
  }

  /**
   * Writes from a position on, over what is there and beyond.
   *
   * @param position - Where to begin.
   * @throws TypeError If it is not a number.
   * @throws RangeError If it is not an integer from 0 to {@link length}.
   *
   * @defaultValue `position` is {@link length}
   */
  writer(position: number = this.#length): BufferWriter {
    return new BufferWriter(this, requireInteger('position', position, 0, this.#length))
  }

  /**
   * A stream of the content, without a copy. Its chunks are the blocks themselves: do not release the
   * buffer before those who read are done with them, which for a pipe is when its *end* has finished.
   * If it is released earlier, the stream fails.
   *
   * @throws UseAfterReleaseError If the buffer was released.
   *
   * @example To a file
   * ```ts
   * import { createWriteStream } from 'node:fs'
   * import { devNull } from 'node:os'
   * import { pipeline } from 'node:stream/promises'
   * import { BufferPool } from '@cupola/buffer-pool'
   *
   * const pool = new BufferPool({ maxBlocks: 8 })
   * using buffer = pool.allocate(2)
   * buffer.set('to be written')
   * await pipeline(buffer.toReadable(), createWriteStream(devNull))
   * ```
   */
  toReadable(): Readable {
    this.loanFor('read')
    return readableOf(this)
  }

  /**
   * Gives the blocks back to the pool.
   *
   * @throws DoubleReleaseError If they have gone back already. `using` a buffer that was released
   *   before is no such mistake.
   */
  release(): void {
    const loan = this.#loan
    if (loan === undefined) throw new DoubleReleaseError(this.id, this.#whatBecameOfIt())
    this.#giveBack(loan)
  }

  /** Gives the blocks back, unless they have gone back already. */
  [Symbol.dispose](): void {
    if (this.#loan !== undefined) this.#giveBack(this.#loan)
  }

  /**
   * As {@link release}, for one who means a certain pool.
   *
   * @internal
   */
  releaseTo(lender: Lender): void {
    if (lender !== this.#lender) throw new ForeignReleaseError(this.id)
    this.release()
  }

  /**
   * Ends the loan without giving the blocks back: they are somebody else's from now on.
   *
   * @param hand - Gives them to whoever that is. If it throws, nothing has changed.
   * @internal
   */
  handOver<L extends Loan, Receipt>(lender: Lender<L>, hand: (loan: L) => Receipt): Receipt {
    if (lender !== this.#lender) throw new ForeignReleaseError(this.id, 'hand over')
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the loan is from this very lender
    const receipt = hand(this.loanFor('hand over') as L)
    this.#loan = undefined
    this.#ending = 'handed over'
    return receipt
  }

  /**
   * The blocks, for those who are about to do something with them.
   *
   * @param action - What; completes "Cannot …".
   * @internal
   */
  loanFor(action: string): Loan {
    if (this.#loan !== undefined) return this.#loan
    throw new UseAfterReleaseError(action, this.id, this.#whatBecameOfIt())
  }

  /** @internal */
  extendTo(end: number): void {
    if (end > this.#length) this.#length = end
  }

  #whatBecameOfIt(): MisuseErrorOptions {
    const ending = this.#ending
    return this.#releasedAt === undefined ? { ending } : { ending, cause: this.#releasedAt }
  }

  #giveBack(loan: Loan): void {
    this.#loan = undefined
    if (this.#lender.isTracing) this.#releasedAt = new Error('It was released here')
    this.#lender.takeBack(loan, this.#releasedAt)
  }

  #range(start: number, end: number): Loan {
    const loan = this.loanFor('read')
    requireInteger('start', start, 0, this.#length)
    requireInteger('end', end, start, this.#length)
    return loan
  }

  /** Writes all of a content from a position on, or nothing. Where it ends. */
  #put(position: number, content: Content, encoding: BufferEncoding): number {
    const { blocks } = this.loanFor('write to')
    requireContent(content, encoding)
    const written = encoded(content, encoding)
    const end = position + sizeOf(written)
    if (end > this.capacity) throw this.#full(content, end - position, this.capacity - position)
    if (typeof written === 'string') writeText(blocks, position, end, written)
    else write(blocks, position, written)
    return end
  }

  #full(content: Content, size: number, room: number): FullError<Content> {
    const problem = `it has room for ${room} bytes, not for ${size}`
    return new FullError(`write to the buffer ${this.id}`, problem, content)
  }
}
