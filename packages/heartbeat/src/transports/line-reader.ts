const NEWLINE = 0x0a

/** Has no bytes that anybody could change. */
const NOTHING = Buffer.alloc(0)

/** Cuts a stream of bytes into lines, and holds no more of it than one line may have. */
export class LineReader {
  readonly #maxBytes: number
  #rest: Buffer = NOTHING
  #isOversized = false

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Whether a line was too long. There are no lines after that. */
  get isOversized(): boolean {
    return this.#isOversized
  }

  /** Whether there is part of a line. */
  get hasBegun(): boolean {
    return this.#rest.length > 0
  }

  /** The lines that a chunk ends. */
  *read(chunk: Buffer): Generator<string> {
    let begin = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, begin)) {
      if (this.#keep(chunk.subarray(begin, end))) yield this.#take()
      begin = end + 1
    }
    this.#keep(chunk.subarray(begin))
  }

  /** @returns Whether the line may be that long. */
  #keep(part: Buffer): boolean {
    this.#isOversized ||= this.#rest.length + part.length > this.#maxBytes
    this.#rest = this.#isOversized ? NOTHING : Buffer.concat([this.#rest, part])
    return !this.#isOversized
  }

  #take(): string {
    const line = this.#rest.toString()
    this.#rest = NOTHING
    return line
  }
}
