import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { BrokenError } from '@cupola/core'
import { type FileSystem, readAll, type StoredFile, writeAll } from './file-system.ts'
import { readSegmentHeader, type SegmentPlace } from './segment-cursor.ts'
import { listSegments, segmentName } from './segment-names.ts'
import { scanSegment } from './segment-scan.ts'
import { SegmentWriter } from './segment-writer.ts'

/** How much is repaired without being asked. */
export type RecoveryMode = 'strict' | 'torn-tail' | 'point-in-time' | 'salvage'

/** What was taken out of the journal when it was opened. */
export interface Recovery {
  /** How many bytes were taken out. */
  readonly removedBytes: number
  /** The files in which they were kept. */
  readonly savedAs: readonly string[]
}

/** A journal that is in order. */
export interface RecoveredLog {
  /** The first ids of its segments. */
  readonly segments: readonly number[]
  /** The last of them, to go on with; `undefined` if there is none. */
  readonly last: SegmentWriter | undefined
  readonly recovery: Recovery
}

/**
 * Makes a journal ready to be written: takes out what a crash has left, and brings to disk what is
 * there. It may be cut short itself, anywhere: what it does next time is the same.
 *
 * @throws BrokenError If there is more to repair than `mode` allows.
 */
export async function recoverLog(
  fileSystem: FileSystem,
  directory: string,
  mode: RecoveryMode,
): Promise<RecoveredLog> {
  await removeTemporaries(fileSystem, directory)
  const segments = await listSegments(fileSystem, directory)
  const lastId = segments.at(-1)
  const savedAs: string[] = []
  if (lastId === undefined) {
    return { segments, last: undefined, recovery: { removedBytes: 0, savedAs } }
  }
  const path = join(directory, segmentName(lastId))
  const file = await fileSystem.open(path, 'write')
  try {
    const header = await readSegmentHeader(file)
    if (typeof header === 'string') throw refusal(path, 0, header)
    const { end, durableEnd, size, rest } = await scanSegment(file, header)
    if (rest === 'damaged' || (rest === 'torn' && mode === 'strict')) {
      throw refusal(path, end.offset, `record ${end.nextId} is ${rest}`)
    }
    if (rest === 'torn') {
      savedAs.push(await saveAside(fileSystem, directory, lastId, file, end.offset, size))
      await file.truncate(end.offset)
    }
    await rewrite(file, durableEnd, end)
    await file.sync()
    await fileSystem.syncDirectory(directory)
    const last = new SegmentWriter(file, header, end)
    return { segments, last, recovery: { removedBytes: size - end.offset, savedAs } }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** What a crash has left half made has never been part of the journal. */
async function removeTemporaries(fileSystem: FileSystem, directory: string): Promise<void> {
  const names = await fileSystem.list(directory)
  for (const name of names) {
    if (TEMPORARY.test(name)) await fileSystem.remove(join(directory, name))
  }
}

const TEMPORARY = /^\d{20}[^/]*\.temp$/

/** Keeps bytes that are going to be cut off in a file of their own. The same bytes, the same name. */
async function saveAside(
  fileSystem: FileSystem,
  directory: string,
  firstId: number,
  file: StoredFile,
  from: number,
  to: number,
): Promise<string> {
  const bytes = await readAll(file, Buffer.allocUnsafeSlow(to - from), from)
  const fingerprint = crc32(bytes).toString(16).padStart(8, '0')
  const name = segmentName(firstId).replace('.log', `-${from}-${fingerprint}.cut`)
  const path = join(directory, name)
  const copy = await fileSystem.open(`${path}.temp`, 'create')
  try {
    await writeAll(copy, bytes, 0)
    await copy.sync()
  } finally {
    await copy.close()
  }
  await fileSystem.rename(`${path}.temp`, path)
  await fileSystem.syncDirectory(directory)
  return path
}

/**
 * Writes once more what may not be on disk. If a sync has failed before, the system shows these bytes
 * but has given up on them, and would not write them at the next sync.
 */
async function rewrite(file: StoredFile, from: SegmentPlace, to: SegmentPlace): Promise<void> {
  const bytes = await readAll(file, Buffer.allocUnsafeSlow(to.offset - from.offset), from.offset)
  await writeAll(file, bytes, from.offset)
}

function refusal(path: string, offset: number, problem: string): BrokenError {
  return new BrokenError('open the journal', `${problem}, at byte ${offset} of "${path}"`)
}
