import { join } from 'node:path'
import { requireObject } from '@cupola/core/authoring'
import { requireFileSystem, requirePath } from './checks.ts'
import type { FileSystem } from './file-system.ts'
import type { JournalRecord } from './journal-record.ts'
import { checkLog, type LogReport } from './log-check.ts'
import { damagedHeader, LogReader, requireReadOptions } from './log-reader.ts'
import { nodeFileSystem } from './node-file-system.ts'
import { readSegmentHeader } from './segment-cursor.ts'
import { listSegments, segmentName } from './segment-names.ts'
import { scanSegment } from './segment-scan.ts'
import { SparseIndex } from './sparse-index.ts'
import { type DurableEnd, Watermark } from './watermark.ts'

/** How to look at a journal without opening it. */
export interface InspectOptions {
  /**
   * The id to begin with.
   *
   * @defaultValue the first record that there is
   */
  readonly from?: bigint | undefined
  /**
   * Where it is: for tests.
   *
   * @defaultValue the machine's own files
   */
  readonly fileSystem?: FileSystem | undefined
}

/**
 * Reads a journal without opening it, so that nothing is changed and somebody else may be writing to it:
 * then the last records may be missing, or not be on disk yet.
 *
 * @param directory - Where the journal is.
 * @param options - Where to begin.
 * @returns The records up to where a crash may have cut it short.
 * @throws RangeError If the record to begin with was purged.
 * @throws BrokenError If a record is damaged. All before it have been read then.
 * @throws What the file system rejects with.
 */
export async function* readJournal(
  directory: string,
  options: InspectOptions = {},
): AsyncGenerator<JournalRecord, void, undefined> {
  requirePath('directory', directory)
  requireReadOptions(options)
  const { fileSystem = nodeFileSystem, from } = options
  requireFileSystem(fileSystem)
  const segments = await listSegments(fileSystem, directory)
  const lastId = segments.at(-1)
  if (lastId === undefined) return
  const watermark = new Watermark(await endOf(fileSystem, directory, lastId))
  yield* new LogReader(
    { fileSystem, directory, segments, watermark, index: new SparseIndex() },
    { from },
  ).records()
}

/**
 * Checks every record of a journal without opening it. If somebody is writing to it, its end may look torn.
 *
 * @param directory - Where the journal is.
 * @param options - Where its files are.
 * @returns What there is, and what is wrong with it.
 * @throws What the file system rejects with.
 */
export async function verifyJournal(
  directory: string,
  options: Pick<InspectOptions, 'fileSystem'> = {},
): Promise<LogReport> {
  requirePath('directory', directory)
  requireObject('options', options)
  const { fileSystem = nodeFileSystem } = options
  return await checkLog(requireFileSystem(fileSystem), directory)
}

async function endOf(
  fileSystem: FileSystem,
  directory: string,
  firstId: number,
): Promise<DurableEnd> {
  const path = join(directory, segmentName(firstId))
  const file = await fileSystem.open(path, 'read')
  try {
    const header = await readSegmentHeader(file, firstId)
    if (typeof header === 'string') throw damagedHeader(path, header)
    const { end } = await scanSegment(file, header)
    return { firstId, nextId: end.nextId, offset: end.offset }
  } finally {
    await file.close()
  }
}
