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
const BYTE_ORDER_MARK = '\ufeff'

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
    return { text: textOf(this.#rest, this.#offset), offset: this.#offset }
  }

  /** Takes the bytes that follow, gives the lines that they end. */
  push(chunk: Buffer): SplitLine[] {
    const bytes = Buffer.concat([this.#rest, chunk])
    const lines: SplitLine[] = []
    let begin = 0
    // What was there before has no end of a line in it.
    let end = bytes.indexOf(NEWLINE, this.#rest.length)
    for (; end !== -1; end = bytes.indexOf(NEWLINE, begin)) {
      this.#rest = bytes.subarray(begin, end)
      this.#cutOff(lines)
      lines.push({ text: textOf(this.#rest, this.#offset), offset: this.#offset })
      this.#offset += this.#rest.length + 1
      begin = end + 1
    }
    this.#rest = bytes.subarray(begin)
    this.#cutOff(lines)
    return lines
  }

  /** Makes lines of what the rest has more than a line may have. */
  #cutOff(lines: SplitLine[]): void {
    while (this.#rest.length > this.#maxLineBytes) {
      const length = wholeCharacters(this.#rest, this.#maxLineBytes)
      const piece = this.#rest.subarray(0, length)
      lines.push({ text: decoded(piece, this.#offset), offset: this.#offset })
      this.#offset += length
      this.#rest = this.#rest.subarray(length)
    }
  }
}

/** A line without the carriage return that belongs to its end. */
function textOf(line: Buffer, offset: number): string {
  const end = line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length
  return decoded(line.subarray(0, end), offset)
}

/** A byte order mark at the beginning of a file is no part of its first line. */
function decoded(bytes: Buffer, offset: number): string {
  const text = bytes.toString('utf8')
  return offset === 0 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
}

/** The largest length up to `most` that does not end inside a character of four bytes or fewer. */
function wholeCharacters(bytes: Buffer, most: number): number {
  for (let length = most; length > Math.max(0, most - 4); length--) {
    const isContinued = ((bytes[length] ?? 0) & 0xc0) === 0x80
    if (!isContinued) return length
  }
  return most
}
