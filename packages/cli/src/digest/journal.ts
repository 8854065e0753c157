import { closeSync, fstatSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { decodeRecord, wholeRecordEnd } from './file-record.ts'
import { ResumeIndex } from './resume-index.ts'

/** What a journal was written for. One for anything else says nothing about this run. */
export interface JournalPurpose {
  /** The folder's absolute path. */
  readonly folder: string
  readonly algorithm: string
}

const FORMAT = 'cupola digest journal 1'

/** How much of an old journal is read at once. More than the longest record. */
const READ_BYTES = 1 << 20

/**
 * The files that are done, on disk: a header line, then one record per file (see `file-record.ts`).
 *
 * It is only ever appended to, in one write for all files that were answered together. Whatever
 * kills the process, what was written stays; a record that was torn in the middle is noticed by its
 * checksum and cut off. It is not synced: after a crash of the whole machine the end may be missing,
 * and is then computed anew.
 */
export class Journal {
  /** Where it is. */
  readonly path: string
  /** What an earlier run had done. */
  readonly index: ResumeIndex
  readonly #file: number
  #closed = false

  private constructor(path: string, file: number, index: ResumeIndex) {
    this.path = path
    this.#file = file
    this.index = index
  }

  /**
   * Begins a journal. An earlier one for the same purpose is replaced.
   *
   * @throws RangeError If the file is no journal, or was written for something else.
   */
  static create(path: string, purpose: JournalPurpose): Journal {
    return opened(path, purpose, (file) => new Journal(path, file, begin(file, purpose)))
  }

  /**
   * Goes on with the journal of an earlier run, or begins one if there is none.
   *
   * @throws RangeError If the file is no journal, or was written for something else.
   */
  static resume(path: string, purpose: JournalPurpose): Journal {
    return opened(path, purpose, (file, end) => {
      const index = end > 0 ? goOn(file, end) : begin(file, purpose)
      return new Journal(path, file, index)
    })
  }

  /** Writes down files that are done. When it returns, the death of the process cannot undo it. */
  append(records: Uint8Array): void {
    if (records.length > 0) writeAll(this.#file, records)
  }

  /** Closes it and leaves it for a later run. Harmless if it is closed. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    closeSync(this.#file)
  }

  /** Closes it and takes it away: the manifest is complete. */
  remove(): void {
    this.close()
    rmSync(this.path, { force: true })
  }
}

/**
 * Opens a file that is this purpose's journal, or will be: not a byte of it is changed before that
 * is known. The tempting `'w'` would have emptied a stranger's file by then.
 *
 * @param use - Gets the file, and where its records begin: 0 if there is no whole header.
 */
function opened(
  path: string,
  purpose: JournalPurpose,
  use: (file: number, end: number) => Journal,
): Journal {
  const file = openSync(path, 'a+')
  try {
    return use(file, checkHeader(path, readStart(file), headerOf(purpose)))
  } catch (error) {
    closeSync(file)
    throw error
  }
}

function begin(file: number, purpose: JournalPurpose): ResumeIndex {
  ftruncateSync(file, 0)
  writeAll(file, headerOf(purpose))
  return new ResumeIndex()
}

function goOn(file: number, start: number): ResumeIndex {
  const index = new ResumeIndex()
  ftruncateSync(file, readRecords(file, start, index))
  return index
}

/** The folder stands there as JSON, so that a line break in its name does not end the line. */
function headerOf({ algorithm, folder }: JournalPurpose): Buffer {
  return Buffer.from(`${FORMAT} ${algorithm} ${JSON.stringify(folder)}\n`)
}

function readStart(file: number): Buffer {
  const start = Buffer.alloc(READ_BYTES)
  return start.subarray(0, readSync(file, start, 0, start.length, 0))
}

/** Where the records begin; 0 if the journal was torn before it had a whole header. */
function checkHeader(path: string, start: Buffer, expected: Buffer): number {
  const common = start.subarray(0, expected.length)
  if (common.equals(expected)) return expected.length
  if (common.equals(expected.subarray(0, common.length))) return 0
  const header = start.subarray(0, Math.max(start.indexOf('\n'), 0)).toString('utf8')
  if (!header.startsWith(FORMAT)) {
    throw new RangeError(
      `Cannot keep the journal in "${path}": the file is no journal of this command; ` +
        'move it away or choose another output',
    )
  }
  const wanted = expected.toString('utf8', FORMAT.length).trim()
  throw new RangeError(
    `Cannot use the journal "${path}": it is about${header.slice(FORMAT.length)}, ` +
      `expected ${wanted}; delete the file if what it has saved is not needed`,
  )
}

/** Adds all whole records to the index. Returns where the last of them ends. */
function readRecords(file: number, start: number, index: ResumeIndex): number {
  const { size } = fstatSync(file)
  const window = Buffer.allocUnsafe(Math.min(READ_BYTES, size))
  let end = start
  while (end < size) {
    const length = readSync(file, window, 0, window.length, end)
    const used = indexRecords(window.subarray(0, length), end, index)
    if (used === 0) break
    end += used
  }
  return end
}

/** How many bytes of `records`, which are at `offset` of the journal, were whole records. */
function indexRecords(records: Buffer, offset: number, index: ResumeIndex): number {
  let start = 0
  for (;;) {
    const end = wholeRecordEnd(records, start)
    if (end === 'torn') return start
    index.add(decodeRecord(records, start).path, offset + start)
    start = end
  }
}

/** One write as a rule; a full disk or a limit may cut it short, and the next one then throws. */
function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done)
}
