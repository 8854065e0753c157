const NEWLINE = 0x0a

/** Cuts a stream of bytes into lines, and holds no more of it than one line may have. */
export class LineReader {
  readonly #maxBytes: number
  #rest: Buffer = Buffer.alloc(0)
  #isOversized = false

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Whether a line was too long. There are no lines after that. */
  get isOversized(): boolean {
    return this.#isOversized
  }

  /** The lines that a chunk ends. */
  *read(chunk: Buffer): Generator<string> {
    let begin = 0
    while (!this.#isOversized) {
      const end = chunk.indexOf(NEWLINE, begin)
      const part = chunk.subarray(begin, end === -1 ? chunk.length : end)
      if (this.#rest.length + part.length > this.#maxBytes) this.#isOversized = true
      else if (end === -1) return this.#keep(part)
      else yield this.#take(part)
      begin = end + 1
    }
    this.#rest = Buffer.alloc(0)
  }

  #keep(part: Buffer): void {
    if (part.length > 0) this.#rest = Buffer.concat([this.#rest, part])
  }

  #take(part: Buffer): string {
    const line = Buffer.concat([this.#rest, part]).toString()
    this.#rest = Buffer.alloc(0)
    return line
  }
}
