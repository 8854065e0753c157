/** A line of a file. */
export interface TailLine {
  /** The line without its end; bytes that are no UTF-8 are U+FFFD. */
  readonly text: string
  /** Where it begins, in bytes from the beginning of the file. */
  readonly offset: number
  /** Which file it is from: one more after each rotation and each truncation. */
  readonly generation: number
}

/** A line whose file is known to whoever reads it. */
export type SplitLine = Pick<TailLine, 'text' | 'offset'>

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d

/**
 * Makes lines of chunks of bytes. Bytes become text line by line, so that it does not matter where a
 * chunk ends: in the middle of a character, or between the two that end a line.
 */
export class LineSplitter {
  readonly #maxLineBytes: number
  #offset: number
  #rest: Buffer = Buffer.alloc(0)

  constructor(offset: number, maxLineBytes: number) {
    this.#offset = offset
    this.#maxLineBytes = maxLineBytes
  }

  /** Where the line begins that has no end yet. */
  get offset(): number {
    return this.#offset
  }

  /** The line that has no end yet; `undefined` if the last one had. */
  get unfinished(): SplitLine | undefined {
    if (this.#rest.length === 0) return undefined
    return { text: textOf(this.#rest), offset: this.#offset }
  }

  /** Takes the bytes that follow, gives the lines that they end. */
  push(chunk: Buffer): SplitLine[] {
    const bytes = Buffer.concat([this.#rest, chunk])
    const lines: SplitLine[] = []
    let begin = 0
    // What was there before has no end of a line in it.
    let end = bytes.indexOf(NEWLINE, this.#rest.length)
    for (; end !== -1; end = bytes.indexOf(NEWLINE, begin)) {
      lines.push(...this.#cut(bytes.subarray(begin, end)))
      begin = end + 1
      this.#offset += 1
    }
    this.#rest = bytes.subarray(begin)
    while (this.#rest.length > this.#maxLineBytes) lines.push(this.#cutOff())
    return lines
  }

  /** A whole line, in several pieces if it is too long. */
  #cut(line: Buffer): SplitLine[] {
    const pieces: SplitLine[] = []
    this.#rest = line
    while (this.#rest.length > this.#maxLineBytes) pieces.push(this.#cutOff())
    pieces.push({ text: textOf(this.#rest), offset: this.#offset })
    this.#offset += this.#rest.length
    return pieces
  }

  /** As much of the rest as a line may have. */
  #cutOff(): SplitLine {
    const length = wholeCharacters(this.#rest, this.#maxLineBytes)
    const piece = { text: this.#rest.toString('utf8', 0, length), offset: this.#offset }
    this.#offset += length
    this.#rest = this.#rest.subarray(length)
    return piece
  }
}

function textOf(line: Buffer): string {
  const end = line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length
  return line.toString('utf8', 0, end)
}

/** The largest length up to `most` that does not end inside a character of four bytes or fewer. */
function wholeCharacters(bytes: Buffer, most: number): number {
  for (let length = most; length > Math.max(0, most - 4); length--) {
    const isContinued = ((bytes[length] ?? 0) & 0xc0) === 0x80
    if (!isContinued) return length
  }
  return most
}
