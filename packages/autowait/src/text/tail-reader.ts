import { resolve } from 'node:path'
import { type Clock, ClosedError, systemClock } from '@cupola/core'
import { requireInteger } from '@cupola/core/authoring'
import { requirePath } from '../file/paths.ts'
import type { TailLine } from './line-splitter.ts'
import { type Pass, Tail } from './tail.ts'
import type { TailStart } from './tailed-file.ts'

/** How a {@link TailReader} reads. */
export interface TailReaderOptions {
  /**
   * Where to begin: at the `'start'` or the `'end'` of what is there at the first read, or at a byte.
   * A file that is not there yet, or is shorter, is read from its start.
   *
   * @defaultValue 'start'
   */
  readonly from?: TailStart | undefined
  /**
   * The longest line, in bytes. A longer one comes in several pieces, cut between characters.
   *
   * @defaultValue 1_048_576
   */
  readonly maxLineBytes?: number | undefined
  /**
   * Whose milliseconds count.
   *
   * @defaultValue systemClock
   */
  readonly clock?: Clock | undefined
}

/** How many chunks one read takes: so much is in memory, and has to be matched before the next. */
const CHUNKS_PER_READ = 4

/**
 * Reads the lines of a file as it grows, each exactly once, whatever is done to the file meanwhile.
 *
 * - Half a line is kept until the other half comes. Offsets count bytes, and characters may be cut
 *   anywhere between two writes.
 * - A file that is renamed or deleted, and another in its place: the old one is read to its end, and
 *   for as long as its writer goes on, until nothing has come for 10 s. Then the new one is read from
 *   its start. What is rotated away twice between two reads is not seen.
 * - A file that was emptied is read from its start, even if it has since grown beyond what was read:
 *   that is noticed by the 256 bytes before that place, unless they happen to be the same again. Half
 *   a line that was emptied away is gone.
 *
 * It does not wait: {@link read} gives what is there. Not needed for {@link waitForText}, which has
 * its own.
 *
 * Cost: one descriptor from the first read on, and one for each file that was just rotated away;
 * memory for a quarter of a megabyte of lines, or for the longest line. It holds no timer and does not
 * keep the process alive.
 *
 * @example Lines, as they are complete
 * ```ts
 * import { appendFile, mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { TailReader } from '@cupola/autowait'
 *
 * const log = join(await mkdtemp(join(tmpdir(), 'tail-')), 'log')
 * const reader = new TailReader(log)
 *
 * await appendFile(log, 'one\ntw')
 * const [first] = await reader.read()
 * first?.text // => 'one'
 * await appendFile(log, 'o\n')
 * const [second] = await reader.read()
 * second // => { text: 'two', offset: 4, generation: 0 }
 * await reader.close()
 * ```
 */
export class TailReader implements AsyncDisposable {
  readonly #tail: Tail
  /** What the last read has not come to the end of. */
  #pass: Pass | undefined
  /** The read that runs, or the last one that ran. */
  #reading: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  /**
   * @param path - The file; it need not be there yet.
   * @param options - Where to begin.
   * @throws TypeError If an argument has the wrong type.
   * @throws RangeError If a number is out of range.
   */
  constructor(path: string | URL, options: TailReaderOptions = {}) {
    const { from = 'start', maxLineBytes = 1024 * 1024, clock = systemClock } = options
    requireStart(from)
    requireInteger('maxLineBytes', maxLineBytes, 4, 2 ** 30)
    this.#tail = new Tail(resolve(requirePath('path', path)), { from, maxLineBytes, clock })
  }

  /**
   * The lines that have no end yet, as of the last read: of each file that is still read, those that
   * were rotated away before the one that has the name now.
   */
  get unfinished(): readonly TailLine[] {
    return this.#tail.unfinished
  }

  /** Where the first line begins, in bytes, that was not read yet: a `from` for another reader. */
  get offset(): number {
    return this.#tail.offset
  }

  /**
   * Reads lines that have been ended since the last read, in the order they are in the file: all, or
   * a quarter of a megabyte of them, so that a large file is read by many calls. Reads that overlap
   * come one after the other.
   *
   * @returns The lines; none if there are no more, or there is no file.
   * @throws {@link ClosedError} If the reader is closed.
   * @throws BrokenError If the path is that of a folder, a FIFO or a device.
   * @throws What the file system throws, but for a file that is missing. It can be read on when that
   *   is over; no line is lost by it.
   */
  async read(): Promise<readonly TailLine[]> {
    if (this.#closing !== undefined) throw new ClosedError('read on', 'the reader')
    const reading = this.#reading.then(
      async () => await this.#readSome(),
      async () => await this.#readSome(),
    )
    this.#reading = reading
    return await reading
  }

  /** Closes the files, when a read that runs has ended, as it soon does. Idempotent: the same promise each time. */
  async close(): Promise<void> {
    this.#closing ??= this.#closeFiles()
    await this.#closing
  }

  /** The same as {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #readSome(): Promise<TailLine[]> {
    const goesOn = this.#pass !== undefined
    const lines = await this.#gather()
    // It was the end of a pass that began at the last read: since then, more may have come.
    return lines.length === 0 && goesOn ? await this.#gather() : lines
  }

  /** Takes lines from the pass, and begins one if there is none. */
  async #gather(): Promise<TailLine[]> {
    const lines: TailLine[] = []
    this.#pass ??= this.#tail.pass()
    try {
      for (let chunks = 0; chunks < CHUNKS_PER_READ || lines.length === 0; chunks++) {
        const { done, value } = await this.#pass.next()
        if (done === true) {
          this.#pass = undefined
          break
        }
        for (const line of value) lines.push(line)
      }
    } catch (error) {
      this.#pass = undefined
      // If it lasts, the next read meets it.
      if (lines.length === 0) throw error
    }
    return lines
  }

  async #closeFiles(): Promise<void> {
    await this.#reading.catch(() => {})
    await this.#tail.close()
  }
}

/** Checks where to begin. */
export function requireStart(from: TailStart): void {
  if (from !== 'start' && from !== 'end') requireInteger('from', from, 0, Number.MAX_SAFE_INTEGER)
}
