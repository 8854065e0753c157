import { stat } from 'node:fs/promises'
import type { Clock } from '@cupola/core'
import type { SplitLine, TailLine } from './line-splitter.ts'
import { TailedFile, type TailStart } from './tailed-file.ts'

/** For how long a file that was rotated away is still read, after the last line that came. */
const ROTATED_MS = 10_000

/** How a {@link Tail} reads. */
interface TailSettings {
  readonly from: TailStart
  readonly maxLineBytes: number
  readonly clock: Clock
}

/** A name, and the files that have had it: the one that has it now, and those rotated away before. */
export class Tail {
  readonly #path: string
  readonly #maxLineBytes: number
  readonly #clock: Clock
  #from: TailStart
  #current: Generation | undefined
  /** Rotated away, the oldest first. */
  #rotated: readonly Rotated[] = []
  #nextGeneration = 0

  constructor(path: string, { from, maxLineBytes, clock }: TailSettings) {
    this.#path = path
    this.#from = from
    this.#maxLineBytes = maxLineBytes
    this.#clock = clock
  }

  /** The lines that have no end yet, of each file that is still read. */
  get unfinished(): readonly TailLine[] {
    return this.#generations.flatMap((generation) => {
      const { unfinished } = generation.file
      return unfinished === undefined ? [] : [lineOf(generation, unfinished)]
    })
  }

  /** Where the first line begins that was not given yet, in the file that has the name now. */
  get offset(): number {
    return this.#current?.file.offset ?? 0
  }

  /**
   * Reads once over all that there is, from the oldest file to the newest, and gives the lines that
   * have been ended since the last time, chunk by chunk. One that is left in the middle, or fails, has
   * lost nothing: the next goes on there. No two at a time.
   */
  async *pass(): Pass {
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

  /** Closes the files. */
  async close(): Promise<void> {
    await Promise.all(this.#generations.map(async ({ file }) => await file.close()))
  }

  get #generations(): readonly Generation[] {
    return this.#current === undefined ? this.#rotated : [...this.#rotated, this.#current]
  }
}

/** Gives what is read, chunk by chunk. */
export type Pass = AsyncGenerator<readonly TailLine[], void>

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
