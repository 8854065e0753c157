import { readAll, type StoredFile } from './file-system.ts'

/** How much is read at once, unless more is wanted. */
const CHUNK_BYTES = 256 * 1024

/** Reads a file from its start on. */
export class ByteSource {
  readonly #file: StoredFile
  #chunk: Buffer = Buffer.alloc(0)
  #start = 0
  #position = 0

  constructor(file: StoredFile) {
    this.#file = file
  }

  /** The next bytes, as a view of a larger buffer; `undefined` if there are not so many. */
  async take(length: number): Promise<Buffer | undefined> {
    if (this.#start + length > this.#chunk.length) await this.#fill(length)
    const end = this.#start + length
    if (end > this.#chunk.length) return undefined
    const bytes = this.#chunk.subarray(this.#start, end)
    this.#start = end
    return bytes
  }

  /** Reads on, if so much is there: a length that is not true must not take the memory for it. */
  async #fill(least: number): Promise<void> {
    const rest = this.#chunk.subarray(this.#start)
    const left = (await this.#file.size()) - this.#position
    if (least - rest.length > left) return
    const wanted = Math.min(Math.max(CHUNK_BYTES, least) - rest.length, left)
    const more = await readAll(this.#file, Buffer.allocUnsafeSlow(wanted), this.#position)
    this.#position += more.length
    this.#chunk = Buffer.concat([rest, more])
    this.#start = 0
  }
}
