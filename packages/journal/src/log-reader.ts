import { join } from 'node:path'
import { BrokenError } from '@cupola/core'
import { requireBoolean, requireObject, requireSignal } from '@cupola/core/authoring'
import { requireId } from './checks.ts'
import type { FileSystem } from './file-system.ts'
import { type JournalRecord, recordAt } from './journal-record.ts'
import { idAt } from './record-frame.ts'
import { readSegmentHeader, SegmentCursor } from './segment-cursor.ts'
import { segmentIndexOf, segmentName } from './segment-names.ts'
import type { SparseIndex } from './sparse-index.ts'
import type { Watermark } from './watermark.ts'

/** The journal, as one who reads it sees it. */
export interface LogView {
  readonly fileSystem: FileSystem
  readonly directory: string
  /** The first ids of the segments, in order. Segments come and go. */
  readonly segments: number[]
  /** How much may be read. */
  readonly watermark: Watermark
  /** Where to begin in the middle of a segment. */
  readonly index: SparseIndex
}

/** How to read. */
export interface ReadOptions {
  /**
   * The id to begin with.
   *
   * @defaultValue the first record that there is
   */
  readonly from?: bigint | undefined
  /**
   * Whether to wait for records that are yet to come, until the journal is closed.
   *
   * @defaultValue false
   */
  readonly follow?: boolean | undefined
  /**
   * Ends a wait for more records, and reading before more is read from disk.
   *
   * @defaultValue never
   */
  readonly signal?: AbortSignal | undefined
}

/** One who reads: the segment it is in, and those after that, are not purged meanwhile. */
export class LogReader {
  readonly #view: LogView
  readonly #options: ReadOptions
  readonly #from: number
  #firstId: number

  /**
   * @throws RangeError If the record to begin with has been purged.
   * @throws TypeError If an option has the wrong type.
   */
  constructor(view: LogView, options: ReadOptions) {
    requireReadOptions(options)
    const [first = 0] = view.segments
    this.#view = view
    this.#options = options
    this.#from = Number(options.from ?? first)
    if (this.#from < first) {
      throw new RangeError(
        `Cannot read from record ${this.#from}: the journal begins with record ${first}`,
      )
    }
    this.#firstId = view.segments[segmentIndexOf(view.segments, this.#from)] ?? first
  }

  /** The segment that it is in. */
  get firstId(): number {
    return this.#firstId
  }

  /** All records from the first on that are on disk, and with `follow` those that get there. */
  async *records(): AsyncGenerator<JournalRecord, void, undefined> {
    let cursor = await this.#open(this.#firstId)
    try {
      for (;;) {
        for (let start = cursor.step(); start !== -1; start = cursor.step()) {
          if (idAt(cursor.bytes, start) >= this.#from) yield recordAt(cursor.bytes, start)
        }
        const next = this.#segmentAfter(cursor)
        this.#view.index.add(cursor.header.firstId, cursor.place)
        this.#options.signal?.throwIfAborted()
        if (await cursor.fill(await this.#limitOf(cursor, next))) continue
        if (next === undefined) {
          if (await this.#isAtEnd(cursor)) return
        } else {
          await cursor.close()
          cursor = await this.#goOn(cursor, next)
        }
      }
    } finally {
      await cursor.close()
    }
  }

  async #open(firstId: number): Promise<SegmentCursor> {
    const { fileSystem, directory } = this.#view
    const path = join(directory, segmentName(firstId))
    const file = await fileSystem.open(path, 'read')
    try {
      const header = await readSegmentHeader(file, firstId)
      if (typeof header === 'string') throw damagedHeader(path, header)
      return new SegmentCursor(file, header, this.#view.index.before(firstId, this.#from))
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** The segment that follows the one that is read, if all of that is on disk. */
  #segmentAfter({ header }: SegmentCursor): number | undefined {
    const { segments, watermark } = this.#view
    if (header.firstId >= watermark.at.firstId) return undefined
    return segments[segmentIndexOf(segments, header.firstId) + 1]
  }

  /** How far the segment may be read. What is behind is not on disk, and may yet change. */
  async #limitOf(cursor: SegmentCursor, next: number | undefined): Promise<number> {
    return next === undefined ? this.#view.watermark.at.offset : await cursor.size()
  }

  async #goOn(from: SegmentCursor, firstId: number): Promise<SegmentCursor> {
    const cursor = await this.#open(firstId)
    this.#firstId = firstId
    const { nextId, checksum } = from.place
    const { header } = cursor
    if (header.followsGap || (nextId === firstId && checksum === header.previousChecksum)) {
      return cursor
    }
    await cursor.close()
    throw damaged(nextId)
  }

  /** Whether there is nothing more to read; waits until it is known if it is to follow. */
  async #isAtEnd({ place }: SegmentCursor): Promise<boolean> {
    const { nextId } = place
    const { watermark } = this.#view
    if (nextId < watermark.at.nextId) throw damaged(nextId)
    if (this.#options.follow !== true) return true
    return !(await watermark.reaches(nextId, this.#options.signal))
  }
}

/** Checks how to read. */
export function requireReadOptions(options: ReadOptions): void {
  requireObject('options', options)
  const { from, follow = false, signal } = options
  if (from !== undefined) requireId('from', from)
  requireBoolean('follow', follow)
  if (signal !== undefined) requireSignal('signal', signal)
}

/** That a segment cannot be read at all. */
export function damagedHeader(path: string, problem: string): BrokenError {
  return new BrokenError('read the journal', `"${path}" is damaged: ${problem}`)
}

function damaged(id: number): BrokenError {
  return new BrokenError('read the journal', `record ${id} is damaged or missing`)
}
