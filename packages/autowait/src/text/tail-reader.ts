import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Clock, ClosedError, systemClock } from '@cupola/core'
import { requireInteger } from '@cupola/core/authoring'
import { requirePath } from '../file/paths.ts'
import type { SplitLine, TailLine } from './line-splitter.ts'
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

/** For how long a file that was rotated away is still read, after the last line that came. */
const ROTATED_MS = 10_000

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
  readonly #path: string
  readonly #maxLineBytes: number
  readonly #clock: Clock
  #from: TailStart
  #current: Generation | undefined
  /** Rotated away, the oldest first. */
  #rotated: readonly Rotated[] = []
  #nextGeneration = 0
  /** The pass that the last read has not come to the end of. */
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
    this.#path = resolve(requirePath('path', path))
    this.#from = requireStart(from)
    this.#maxLineBytes = requireInteger('maxLineBytes', maxLineBytes, 4, 2 ** 30)
    this.#clock = clock
  }

  /**
   * The lines that have no end yet, as of the last read: of each file that is still read, those that
   * were rotated away before the one that has the name now.
   */
  get unfinished(): readonly TailLine[] {
    return this.#generations.flatMap((generation) => {
      const { unfinished } = generation.file
      return unfinished === undefined ? [] : [lineOf(generation, unfinished)]
    })
  }

  /** Where the first line begins, in bytes, that was not read yet: a `from` for another reader. */
  get offset(): number {
    return this.#current?.file.offset ?? 0
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
    this.#pass ??= this.#readThrough()
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

  /** One pass over all that there is, from the oldest file to the newest. */
  async *#readThrough(): Pass {
    for (const rotated of this.#rotated) yield* this.#readRotated(rotated)
    await this.#letGo()
    const current = (this.#current ??= await this.#open(this.#from))
    this.#from = 'start'
    if (current === undefined) return
    yield* linesOf(current)
    if (!(await this.#isReplaced(current))) return
    // Once more: what came before the rename is in there now.
    yield* linesOf(current)
    this.#rotate(current)
    this.#current = await this.#open('start')
    if (this.#current !== undefined) yield* linesOf(this.#current)
  }

  async *#readRotated(rotated: Rotated): Pass {
    for await (const lines of linesOf(rotated)) {
      if (lines.length > 0) rotated.until = this.#clock.now() + ROTATED_MS
      yield lines
    }
  }

  /** Closes the rotated files whose time is over. */
  async #letGo(): Promise<void> {
    const now = this.#clock.now()
    const over = this.#rotated.filter(({ until }) => until <= now)
    this.#rotated = this.#rotated.filter(({ until }) => until > now)
    for (const { file } of over) await file.close()
  }

  async #open(from: TailStart): Promise<Generation | undefined> {
    const file = await TailedFile.open(this.#path, from, this.#maxLineBytes)
    return file === undefined ? undefined : { file, first: this.#nextGeneration }
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
    this.#current = undefined
  }

  get #generations(): readonly Generation[] {
    return this.#current === undefined ? this.#rotated : [...this.#rotated, this.#current]
  }

  async #closeFiles(): Promise<void> {
    await this.#reading.catch(() => {})
    await Promise.all(this.#generations.map(async ({ file }) => await file.close()))
  }
}

/** Gives what one pass reads, chunk by chunk. */
type Pass = AsyncGenerator<readonly TailLine[], void>

/** A file, and the number of its first generation. */
interface Generation {
  readonly file: TailedFile
  readonly first: number
}

interface Rotated extends Generation {
  /** When it is let go, by the clock, unless more comes. */
  until: number
}

async function* linesOf(generation: Generation): Pass {
  for await (const lines of generation.file.readOn()) {
    yield lines.map((line) => lineOf(generation, line))
  }
}

function lineOf(generation: Generation, line: SplitLine): TailLine {
  return { ...line, generation: numberOf(generation) }
}

function numberOf({ file, first }: Generation): number {
  return first + file.truncations
}

function requireStart(from: TailStart): TailStart {
  if (from === 'start' || from === 'end') return from
  return requireInteger('from', from, 0, Number.MAX_SAFE_INTEGER)
}
