import { FullError } from '@cupola/core'
import { requireInteger, requireString } from '@cupola/core/authoring'
import { accessTo, type NumberFormat, type NumberOf } from './number-formats.ts'
import type { PooledBuffer } from './pooled-buffer.ts'
import { spotOf, write } from './stretches.ts'
import { writeText } from './text.ts'

/**
 * Writes the content of a {@link PooledBuffer} bit by bit, as if it were in one piece: over what is
 * there, and beyond, which makes the content longer.
 */
export class BufferWriter {
  readonly #buffer: PooledBuffer
  #position: number

  /** @internal */
  constructor(buffer: PooledBuffer, position: number) {
    this.#buffer = buffer
    this.#position = position
  }

  /** Where the next byte goes. */
  get position(): number {
    return this.#position
  }

  /** Bytes there is room for. */
  get remaining(): number {
    return this.#buffer.capacity - this.#position
  }

  /**
   * Goes somewhere else.
   *
   * @param position - Where the next byte is to go.
   * @throws TypeError If it is not a number.
   * @throws RangeError If it is not an integer from 0 to the length of the content.
   */
  seek(position: number): void {
    this.#position = requireInteger('position', position, 0, this.#buffer.length)
  }

  /**
   * Writes a number.
   *
   * @param format - As `Buffer` calls it after `write`: `'UInt32LE'` for `writeUInt32LE`.
   * @param value - The number.
   * @returns This writer.
   * @throws FullError If there is no room for it.
   * @throws TypeError If there is no such format, or `value` has the wrong type.
   * @throws RangeError If `value` does not go into the format.
   * @throws UseAfterReleaseError If the buffer was released.
   */
  write<Format extends NumberFormat>(format: Format, value: NumberOf<Format>): this {
    const access = accessTo(format)
    const { blocks } = this.#buffer.loanFor('write to')
    const spot = spotOf(blocks, this.#position, access.size)
    if (spot === undefined) {
      const bytes = Buffer.allocUnsafe(access.size)
      access.write(bytes, 0, value)
      return this.bytes(bytes)
    }
    access.write(spot.bytes, spot.offset, value)
    this.#advance(access.size)
    return this
  }

  /**
   * Writes bytes.
   *
   * @param content - Are copied.
   * @returns This writer.
   * @throws FullError If there is no room for all of them; nothing is written then.
   * @throws TypeError If they are no bytes.
   * @throws UseAfterReleaseError If the buffer was released.
   */
  bytes(content: Uint8Array): this {
    const { blocks } = this.#buffer.loanFor('write to')
    if (!(content instanceof Uint8Array)) {
      throw new TypeError(`Cannot use content: got ${typeof content}, expected a Uint8Array`)
    }
    if (content.length > this.remaining) {
      const problem = `it has room for ${this.remaining} bytes, not for ${content.length}`
      throw new FullError(`write to the buffer ${this.#buffer.id}`, problem, content)
    }
    write(blocks, this.#position, content)
    this.#advance(content.length)
    return this
  }

  /**
   * Writes as much of a text as there is room for, as UTF-8 and never half a character.
   *
   * @param text - The text.
   * @returns How much of it was written, as `text.length` counts.
   * @throws TypeError If it is no text.
   * @throws UseAfterReleaseError If the buffer was released.
   *
   * @example What does not fit any more
   * ```ts
   * import { BufferPool } from '@cupola/buffer-pool'
   *
   * const pool = new BufferPool({ blockSize: 8, maxBlocks: 1 })
   * using buffer = pool.allocate(1)
   * buffer.writer().text('Größe 🙂') // => 6
   * buffer.toString() // => 'Größe '
   * ```
   */
  text(text: string): number {
    const { blocks } = this.#buffer.loanFor('write to')
    requireString('text', text)
    const { read, written } = writeText(blocks, this.#position, this.#buffer.capacity, text)
    this.#advance(written)
    return read
  }

  #advance(bytes: number): void {
    this.#position += bytes
    this.#buffer.extendTo(this.#position)
  }
}
