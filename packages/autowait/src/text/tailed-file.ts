import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { BrokenError } from '@cupola/core'
import { absentAs } from '../system-errors.ts'
import { LineSplitter, type SplitLine } from './line-splitter.ts'

/** Where to begin in a file. */
export type TailStart = 'start' | 'end' | number

/** How much is read at once, and in memory at once, however large the file is. */
const CHUNK_BYTES = 64 * 1024

/**
 * How many bytes before the position have to be as they were. They tell a file that has grown from
 * one that was emptied and has grown beyond the position since, which its size does not.
 */
const KNOWN_BYTES = 256

/**
 * An open file of which every line is read once, as it grows.
 *
 *   0 ─────────────── position ─────────────── size
 *     read │ #known │          to be read
 *
 * What is before the position must not change. If it does, or the file is shorter than that, the file
 * was emptied, and all that it has now is new.
 */
export class TailedFile {
  readonly #handle: FileHandle
  readonly #maxLineBytes: number
  /** Which file it is, whatever its name; nobody else can have it while it is open. */
  readonly identity: string
  #splitter: LineSplitter
  #position = 0
  /** The bytes right before the position. */
  #known: Buffer = Buffer.alloc(0)
  /** When it was written to, as of the last time that it was read to its end. */
  #modified: bigint | undefined
  #truncations = 0

  /** Opens the file, or gives `undefined` if there is none. */
  static async open(
    path: string,
    from: TailStart,
    maxLineBytes: number,
  ): Promise<TailedFile | undefined> {
    // Without O_NONBLOCK, opening a FIFO waits for a writer. There is no such flag on Windows.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK
    const handle = await open(path, flags).catch(absentAs(undefined))
    if (handle === undefined) return undefined
    try {
      const stats = await handle.stat({ bigint: true })
      if (!stats.isFile()) throw new BrokenError(`read "${path}"`, 'it is no regular file')
      const file = new TailedFile(handle, `${stats.dev}:${stats.ino}`, maxLineBytes)
      await file.#skip(from, Number(stats.size))
      return file
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  private constructor(handle: FileHandle, identity: string, maxLineBytes: number) {
    this.#handle = handle
    this.identity = identity
    this.#maxLineBytes = maxLineBytes
    this.#splitter = new LineSplitter(0, maxLineBytes)
  }

  /** How often it was found to have been emptied. */
  get truncations(): number {
    return this.#truncations
  }

  /** The line that has no end yet. */
  get unfinished(): SplitLine | undefined {
    return this.#splitter.unfinished
  }

  /** Where the first line begins that was not given yet. */
  get offset(): number {
    return this.#splitter.offset
  }

  /**
   * Reads on to the end of the file, chunk by chunk, and gives the lines that each chunk has ended.
   *
   * It begins anew once at most. A file of `/proc`, of no size, is another one at each read: whoever
   * took every change for a truncation would read it for ever.
   */
  async *readOn(): AsyncGenerator<readonly SplitLine[], void> {
    const { size, mtimeNs } = await this.#handle.stat({ bigint: true })
    const isEmptied = Number(size) < this.#position
    if (Number(size) === this.#position && mtimeNs === this.#modified) return
    this.#modified = undefined
    if (isEmptied) this.#beginAnew()
    let mayBeginAnew = !isEmptied && size > 0n
    for (;;) {
      const chunk = await this.#nextChunk()
      if (chunk !== undefined) {
        if (chunk.length === 0) break
        yield this.#splitter.push(chunk)
        continue
      }
      if (!mayBeginAnew) return
      mayBeginAnew = false
      this.#beginAnew()
    }
    this.#modified = mtimeNs
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  /** What follows the position; `undefined` if what comes before it has changed. */
  async #nextChunk(): Promise<Buffer | undefined> {
    const known = this.#known
    const buffer = Buffer.allocUnsafe(known.length + CHUNK_BYTES)
    const start = this.#position - known.length
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, start)
    const bytes = buffer.subarray(0, bytesRead)
    if (!bytes.subarray(0, known.length).equals(known)) return undefined
    this.#position = start + bytesRead
    this.#known = Buffer.from(bytes.subarray(-KNOWN_BYTES))
    return bytes.subarray(known.length)
  }

  /** The file was emptied: half a line that it had is gone with it. */
  #beginAnew(): void {
    this.#truncations++
    this.#position = 0
    this.#known = Buffer.alloc(0)
    this.#splitter = new LineSplitter(0, this.#maxLineBytes)
  }

  async #skip(from: TailStart, size: number): Promise<void> {
    const position = from === 'start' ? 0 : from === 'end' ? size : from
    // Beyond the end: it is not the file any more that the offset was taken from.
    if (position === 0 || position > size) return
    const known = Buffer.alloc(Math.min(position, KNOWN_BYTES))
    const { bytesRead } = await this.#handle.read(known, 0, known.length, position - known.length)
    if (bytesRead < known.length) return
    this.#known = known
    this.#position = position
    this.#splitter = new LineSplitter(position, this.#maxLineBytes)
  }
}
