import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Clock, ClosedError, systemClock } from '@cupola/core'
import { requireInteger } from '@cupola/core/authoring'
import type { TailLine } from './line-splitter.ts'
import { TailedFile, type TailStart } from './tailed-file.ts'

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

/** For how long a file that was rotated away is still read, after the last bytes that came. */
const ROTATED_MS = 10_000

/**
 * Reads the lines of a file as it grows, each exactly once, whatever is done to the file meanwhile.
 *
 * - Half a line is kept until the other half comes. Offsets count bytes, and characters may be cut
 *   anywhere between two writes.
 * - A file that is renamed or deleted, and another in its place: the old one is read to its end, and
 *   for as long as its writer goes on, until nothing has come for 10 s. Then the new one is read from
 *   its start. What is rotated away twice between two reads is not seen.
 * - A file that was emptied is read from its start, even if it has since grown beyond what was read:
 *   that is noticed by the 256 bytes before that place. Half a line that was emptied away is gone.
 *
 * It does not wait: {@link read} gives what is there. Not needed for {@link waitForText}, which has
 * its own.
 *
 * Cost: one descriptor from the first read on, and one for each file that was just rotated away. It
 * holds no timer and does not keep the process alive.
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
  readonly #path: string
  readonly #maxLineBytes: number
  readonly #clock: Clock
  #from: TailStart
  #current: Generation | undefined
  /** Rotated away, the oldest first. */
  #rotated: readonly Rotated[] = []
  #nextGeneration = 0
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
    this.#path = path instanceof URL ? fileURLToPath(path) : resolve(path)
    this.#from = requireStart(from)
    this.#maxLineBytes = requireInteger('maxLineBytes', maxLineBytes, 4, 2 ** 30)
    this.#clock = clock
  }

  /**
   * The line that has no end yet, as of the last read.
   *
   * @returns `undefined` if the last line had one, or there is no file.
   */
  get unfinished(): TailLine | undefined {
    const line = this.#current?.file.unfinished
    if (this.#current === undefined || line === undefined) return undefined
    return { ...line, generation: numberOf(this.#current) }
  }

  /** Where the first line begins, in bytes, that was not read yet: a `from` for another reader. */
  get offset(): number {
    return this.#current?.file.offset ?? 0
  }

  /**
   * Reads the lines that have been ended since the last read, in the order they are in the file.
   * Reads that overlap come one after the other.
   *
   * @returns The lines; none if nothing was added, or there is no file.
   * @throws {@link ClosedError} If the reader is closed.
   * @throws BrokenError If the path is that of a folder, a FIFO or a device.
   * @throws What the file system throws, but for a file that is missing.
   */
  async read(): Promise<readonly TailLine[]> {
    if (this.#closing !== undefined) throw new ClosedError('read on', 'the reader')
    const reading = this.#reading.then(
      async () => await this.#readAll(),
      async () => await this.#readAll(),
    )
    this.#reading = reading
    return await reading
  }

  /** Closes the files, when a read that runs has ended. Idempotent: the same promise each time. */
  async close(): Promise<void> {
    this.#closing ??= this.#closeFiles()
    await this.#closing
  }

  /** The same as {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #readAll(): Promise<TailLine[]> {
    const lines = await this.#readRotated()
    this.#current ??= await this.#open(this.#from)
    this.#from = 'start'
    if (this.#current === undefined) return lines
    lines.push(...(await this.#readFrom(this.#current)))
    if (!(await this.#isReplaced(this.#current))) return lines
    // Once more: what came before the rename is in there now.
    lines.push(...(await this.#readFrom(this.#current)))
    this.#rotate(this.#current)
    this.#current = await this.#open('start')
    if (this.#current !== undefined) lines.push(...(await this.#readFrom(this.#current)))
    return lines
  }

  async #open(from: TailStart): Promise<Generation | undefined> {
    const file = await TailedFile.open(this.#path, from, this.#maxLineBytes)
    return file === undefined ? undefined : { file, first: this.#nextGeneration }
  }

  async #readFrom(generation: Generation): Promise<TailLine[]> {
    const lines = await generation.file.readLines()
    return lines.map((line) => ({ ...line, generation: numberOf(generation) }))
  }

  /** Whether another file has the name now. None at all is no reason to let go of the one we have. */
  async #isReplaced({ file }: Generation): Promise<boolean> {
    try {
      const { dev, ino } = await stat(this.#path, { bigint: true })
      return `${dev}:${ino}` !== file.identity
    } catch {
      return false
    }
  }

  #rotate(generation: Generation): void {
    this.#nextGeneration = numberOf(generation) + 1
    this.#rotated = [...this.#rotated, { ...generation, until: this.#clock.now() + ROTATED_MS }]
  }

  async #readRotated(): Promise<TailLine[]> {
    const lines: TailLine[] = []
    const kept: Rotated[] = []
    for (const rotated of this.#rotated) {
      const more = await this.#readFrom(rotated)
      lines.push(...more)
      const until = more.length > 0 ? this.#clock.now() + ROTATED_MS : rotated.until
      if (this.#clock.now() < until) kept.push({ ...rotated, until })
      else await rotated.file.close()
    }
    this.#rotated = kept
    return lines
  }

  async #closeFiles(): Promise<void> {
    await this.#reading.catch(() => {})
    const files = [...this.#rotated.map(({ file }) => file), this.#current?.file]
    await Promise.all(files.map(async (file) => await file?.close()))
  }
}

/** A file, and the number of its first generation. */
interface Generation {
  readonly file: TailedFile
  readonly first: number
}

function numberOf({ file, first }: Generation): number {
  return first + file.truncations
}

interface Rotated extends Generation {
  /** When it is let go, by the clock, unless more comes. */
  readonly until: number
}

function requireStart(from: TailStart): TailStart {
  if (from === 'start' || from === 'end') return from
  return requireInteger('from', from, 0, Number.MAX_SAFE_INTEGER)
}
