import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { BrokenError } from '@cupola/core'
import { LineSplitter, type SplitLine } from './line-splitter.ts'

/** Where to begin in a file. */
export type TailStart = 'start' | 'end' | number

const CHUNK_BYTES = 64 * 1024

/**
 * How many bytes before the position have to be as they were. They tell a file that has grown from
 * one that was emptied and has grown beyond the position since, which its size does not.
 */
const KNOWN_BYTES = 256

/** An open file of which every line is read once, as it grows. */
export class TailedFile {
  readonly #handle: FileHandle
  readonly #maxLineBytes: number
  /** Which file it is, whatever its name; nobody else can have it while it is open. */
  readonly identity: string
  #splitter: LineSplitter
  #position = 0
  /** The bytes right before the position. */
  #known: Buffer = Buffer.alloc(0)
  #modified = 0n
  #truncations = 0

  /** Opens the file, or gives `undefined` if there is none. */
  static async open(
    path: string,
    from: TailStart,
    maxLineBytes: number,
  ): Promise<TailedFile | undefined> {
    const handle = await openIfThere(path)
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

  /** The lines that have been ended since the last call. */
  async readLines(): Promise<readonly SplitLine[]> {
    const { size, mtimeNs } = await this.#handle.stat({ bigint: true })
    if (size < this.#position) this.#beginAnew()
    if (Number(size) === this.#position && mtimeNs === this.#modified) return []
    this.#modified = mtimeNs
    const lines: SplitLine[] = []
    for (;;) {
      const chunk = await this.#readOn()
      if (chunk === undefined) this.#beginAnew()
      else if (chunk.length === 0) return lines
      else lines.push(...this.#splitter.push(chunk))
    }
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  /** What follows the position; `undefined` if what comes before it has changed. */
  async #readOn(): Promise<Buffer | undefined> {
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

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    // Without O_NONBLOCK, opening a FIFO waits for a writer. There is no such flag on Windows.
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}
