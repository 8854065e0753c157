import { join } from 'node:path'
import { bytesOf, cutAside, type RemovedPart, writeNewFile } from './cut-aside.ts'
import type { FileSystem } from './file-system.ts'
import { gapBefore } from './log-check.ts'
import { AFTER_SYNC, flagsAt, recordBytesAt } from './record-frame.ts'
import { firstPlaceOf, type SegmentPlace } from './segment-cursor.ts'
import { decodeSegmentHeader, encodeSegmentHeader, type SegmentHeader } from './segment-header.ts'
import { listSegments, segmentName } from './segment-names.ts'
import { isReserved } from './segment-scan.ts'
import { createSegment } from './segment-writer.ts'
import { ValidRecords } from './valid-records.ts'

/** Valid records that follow from one another. */
interface Run {
  readonly from: SegmentPlace
  readonly to: SegmentPlace
}

/**
 * Keeps all records that can still be read, as they are: each run of them becomes a segment of its own,
 * with a header that says whether some are missing before it.
 *
 * The first run of a segment takes the place of the segment itself, once all others are in theirs. Whoever
 * is cut short on the way finds it there the next time, and does the same again.
 */
export async function salvage(fileSystem: FileSystem, directory: string): Promise<RemovedPart[]> {
  const removed: RemovedPart[] = []
  const all = await listSegments(fileSystem, directory)
  let previous: SegmentPlace | undefined
  for (const firstId of all) {
    const bytes = await contentOf(fileSystem, directory, firstId)
    const header = decodeSegmentHeader(bytes, firstId)
    const isLast = firstId === all.at(-1)
    if (typeof header === 'string') {
      const isOnly = isLast && previous === undefined
      removed.push(await removeSegment(fileSystem, directory, firstId, isOnly))
      continue
    }
    const runs = runsOf(bytes, header, isLast)
    const end = runs.at(-1)?.to ?? firstPlaceOf(header)
    const isWhole =
      runs.length === 1 &&
      runs[0]?.from.nextId === firstId &&
      (isLast || isReserved(bytes.subarray(end.offset)))
    if (!isWhole) {
      removed.push(await cutAside(fileSystem, directory, { firstId, offset: 0, bytes }))
      if (isLast) await cutOff(fileSystem, directory, firstId, end.offset)
    }
    if (!isWhole || gapBefore(header, previous) === 'missing') {
      await putRuns(fileSystem, directory, { bytes, header, runs, previous })
    }
    previous = end
  }
  return removed
}

/**
 * Cuts off the torn end, which is one only for as long as this is the last segment: whoever is cut short
 * once a later run has its own would find the end of a segment in the middle there, and keep it.
 */
async function cutOff(
  fileSystem: FileSystem,
  directory: string,
  firstId: number,
  end: number,
): Promise<void> {
  const file = await fileSystem.open(join(directory, segmentName(firstId)), 'write')
  try {
    await file.truncate(end)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Takes a segment out. The first of a journal is emptied instead, so that ids go on from there. */
export async function removeSegment(
  fileSystem: FileSystem,
  directory: string,
  firstId: number,
  isFirst: boolean,
): Promise<RemovedPart> {
  const bytes = await contentOf(fileSystem, directory, firstId)
  const part = await cutAside(fileSystem, directory, { firstId, offset: 0, bytes })
  if (isFirst) {
    const start = { firstId, durableId: firstId - 1, previousChecksum: 0, followsGap: false }
    const { segment, publish } = await createSegment(fileSystem, directory, start)
    await segment.close()
    await publish()
  } else {
    await fileSystem.remove(join(directory, segmentName(firstId)))
    await fileSystem.syncDirectory(directory)
  }
  return part
}

async function contentOf(
  fileSystem: FileSystem,
  directory: string,
  firstId: number,
): Promise<Buffer> {
  const file = await fileSystem.open(join(directory, segmentName(firstId)), 'read')
  try {
    return await bytesOf(file, 0, await file.size())
  } finally {
    await file.close()
  }
}

/** The valid records of a segment; of the last one, only what was on disk: its end may be torn. */
function runsOf(bytes: Buffer, header: SegmentHeader, isLast: boolean): Run[] {
  const records = new ValidRecords(bytes, header.salt)
  const runs: Run[] = []
  for (let from = firstPlaceOf(header); ;) {
    const to = records.endOfRun(from)
    runs.push({ from, to })
    // The first alone, and on from there: looking at all of them each time would be quadratic.
    const [next] = records.behind(to)
    if (next === undefined) break
    from = next
  }
  const lastOnDisk = isLast ? runs.findLastIndex((run) => wasOnDisk(bytes, run)) : runs.length - 1
  runs.splice(Math.max(lastOnDisk, 0) + 1)
  return runs.length > 1 ? runs.filter((run) => run.to.offset > run.from.offset) : runs
}

/** Whether a run has a record that was written after a sync: what is before it is on disk, or was. */
function wasOnDisk(bytes: Buffer, { from, to }: Run): boolean {
  for (let at = from.offset; at < to.offset; at += recordBytesAt(bytes, at)) {
    if ((flagsAt(bytes, at) & AFTER_SYNC) !== 0) return true
  }
  return false
}

/** File systems bring several files to disk in hardly more time than one. */
const PUT_AT_ONCE = 16

/** What is to take the place of a segment. */
interface Salvaged {
  readonly bytes: Buffer
  readonly header: SegmentHeader
  readonly runs: readonly Run[]
  /** Where the segment before ends. */
  readonly previous: SegmentPlace | undefined
}

/**
 * The records keep their bytes, so that the chain of their checksums goes on in the next segment. The first
 * run is the last to get its name, and once the others have theirs on disk.
 */
async function putRuns(
  fileSystem: FileSystem,
  directory: string,
  salvaged: Salvaged,
): Promise<void> {
  const { runs, header } = salvaged
  const [first, ...others] = runs
  for (let at = 0; at < others.length; at += PUT_AT_ONCE) {
    const group = others.slice(at, at + PUT_AT_ONCE)
    // All have ended before anything is thrown: whoever opens the journal next must be alone with it.
    const ends = await Promise.allSettled(
      group.map((run) => putRun(fileSystem, directory, salvaged, run)),
    )
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }
  if (others.length > 0) await fileSystem.syncDirectory(directory)
  if (first !== undefined) await putRun(fileSystem, directory, salvaged, first)
  await fileSystem.syncDirectory(directory)
  if (first?.from.nextId === header.firstId) return
  await fileSystem.remove(join(directory, segmentName(header.firstId)))
  await fileSystem.syncDirectory(directory)
}

async function putRun(
  fileSystem: FileSystem,
  directory: string,
  { bytes, header, previous }: Salvaged,
  { from, to }: Run,
): Promise<void> {
  const start = { ...header, firstId: from.nextId, previousChecksum: from.checksum }
  const followsGap = from.nextId !== header.firstId || gapBefore(header, previous) !== undefined
  const path = join(directory, segmentName(from.nextId))
  await writeNewFile(fileSystem, `${path}.temp`, [
    encodeSegmentHeader({ ...start, followsGap }),
    bytes.subarray(from.offset, to.offset),
  ])
  await fileSystem.rename(`${path}.temp`, path)
}
