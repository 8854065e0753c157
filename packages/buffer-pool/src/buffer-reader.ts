import { requireInteger } from '@cupola/core/authoring'
import { requireEncoding } from './content.ts'
import { accessTo, type NumberFormat, type NumberOf } from './number-formats.ts'
import type { PooledBuffer } from './pooled-buffer.ts'
import { spotOf, stretches } from './stretches.ts'

/** Reads the content of a {@link PooledBuffer} bit by bit, as if it were in one piece. */
export class BufferReader {
  readonly #buffer: PooledBuffer
  #position: number

  /** @internal */
  constructor(buffer: PooledBuffer, position: number) {
    this.#buffer = buffer
    this.#position = position
  }

  /** Where the next byte comes from. */
  get position(): number {
    return this.#position
  }

  /** Bytes that are left; 0 as well where the content has become shorter than that. */
  get remaining(): number {
    return Math.max(0, this.#buffer.length - this.#position)
  }

  /**
   * Goes somewhere else.
   *
   * @param position - Where the next byte is to come from.
   * @throws TypeError If it is not a number.
   * @throws RangeError If it is not an integer from 0 to the length of the content.
   */
  seek(position: number): void {
    this.#position = requireInteger('position', position, 0, this.#buffer.length)
  }

  /**
   * Reads a number.
   *
   * @param format - As `Buffer` calls it after `read`: `'UInt32LE'` for `readUInt32LE`.
   * @throws RangeError If less is left than it takes.
   * @throws TypeError If there is no such format.
   * @throws UseAfterReleaseError If the buffer was released.
   */
  read<Format extends NumberFormat>(format: Format): NumberOf<Format> {
    const access = accessTo(format)
    const start = this.#advance(access.size)
    const { blocks } = this.#buffer.loanFor('read')
    const spot = spotOf(blocks, start, access.size)
    if (spot !== undefined) return access.read(spot.bytes, spot.offset)
    return access.read(this.#buffer.toBuffer(start, this.#position), 0)
  }

  /**
   * Reads text.
   *
   * @param bytes - How many bytes of it.
   * @param encoding - How they are encoded.
   * @throws RangeError If less is left, or it is no integer from 0 up.
   * @throws TypeError If there is no such encoding, or `bytes` is not a number.
   * @throws UseAfterReleaseError If the buffer was released.
   *
   * @defaultValue `bytes` is all that are left, and `encoding` is `'utf8'`
   */
  text(bytes: number = this.remaining, encoding: BufferEncoding = 'utf8'): string {
    requireEncoding(encoding)
    const start = this.#advance(bytes)
    return this.#buffer.toString(encoding, start, this.#position)
  }

  /**
   * Reads bytes into memory of their own.
   *
   * @param bytes - How many.
   * @throws RangeError If less is left, or it is no integer from 0 up.
   * @throws TypeError If it is not a number.
   * @throws UseAfterReleaseError If the buffer was released.
   *
   * @defaultValue `bytes` is all that are left
   */
  bytes(bytes: number = this.remaining): Buffer {
    const start = this.#advance(bytes)
    return this.#buffer.toBuffer(start, this.#position)
  }

  /**
   * As many bytes as lie together here, without a copy: up to the end of the block, or of the content,
   * where it is empty. Good until the buffer is released.
   *
   * @param most - How many at most.
   * @throws RangeError If it is no integer from 0 up, or `Infinity`.
   * @throws TypeError If it is not a number.
   * @throws UseAfterReleaseError If the buffer was released.
   *
   * @defaultValue `most` is Infinity
   */
  span(most: number = Infinity): Buffer {
    requireInteger('most', most, 0, Infinity)
    const { blocks } = this.#buffer.loanFor('read')
    const end = Math.min(this.#position + most, this.#buffer.length)
    const [view] = stretches(blocks, this.#position, end)
    if (view === undefined) return Buffer.alloc(0)
    this.#position += view.length
    return view
  }

  /** Where it was before. */
  #advance(bytes: number): number {
    this.#buffer.loanFor('read')
    const start = this.#position
    requireInteger('bytes', bytes, 0, Number.MAX_SAFE_INTEGER)
    if (start + bytes > this.#buffer.length) {
      throw new RangeError(
        `Cannot read ${bytes} bytes at ${start}: the content has ${this.#buffer.length}`,
      )
    }
    this.#position += bytes
    return start
  }
}
