import { join } from 'node:path'
import { BrokenError } from '@cupola/core'
import { bytesOf, cutAside, type RemovedPart } from './cut-aside.ts'
import { type FileSystem, type StoredFile, writeAll } from './file-system.ts'
import { checkLog, type Finding } from './log-check.ts'
import { removeSegment, salvage } from './salvage.ts'
import { readSegmentHeader } from './segment-cursor.ts'
import { listSegments, segmentName } from './segment-names.ts'
import { isReserved, scanSegment } from './segment-scan.ts'
import { SegmentWriter } from './segment-writer.ts'

/**
 * How much is repaired when a journal is opened, each more than the one before:
 *
 * - `strict`: nothing;
 * - `torn-tail`: what a crash has left of a write that nobody was told is on disk is cut off;
 * - `point-in-time`: the journal ends before the first record that is not what it was;
 * - `salvage`: all records that can still be read are kept, wherever they are.
 */
export type RecoveryMode = 'strict' | 'torn-tail' | 'point-in-time' | 'salvage'

/** A journal that is in order. */
export interface RecoveredLog {
  /** The first ids of its segments. */
  readonly segments: readonly number[]
  /** The last of them, to go on with; `undefined` if there is none. */
  readonly last: SegmentWriter | undefined
  /** What had to be taken out. */
  readonly removed: readonly RemovedPart[]
}

/**
 * Makes a journal ready to be written: takes out what has to go, and brings to disk what is there. It
 * may be cut short itself, anywhere: the next time it goes on from there.
 *
 * @throws BrokenError If there is more to repair than `mode` allows.
 */
export async function recoverLog(
  fileSystem: FileSystem,
  directory: string,
  mode: RecoveryMode,
): Promise<RecoveredLog> {
  await removeTemporaries(fileSystem, directory)
  const removed = await repair(fileSystem, directory, mode)
  const segments = await listSegments(fileSystem, directory)
  const lastId = segments.at(-1)
  if (lastId === undefined) return { segments, last: undefined, removed }
  const file = await fileSystem.open(join(directory, segmentName(lastId)), 'write')
  try {
    const last = await recoverLast(fileSystem, directory, file, removed)
    return { segments, last, removed }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** What a crash has left half made has never been part of the journal. */
async function removeTemporaries(fileSystem: FileSystem, directory: string): Promise<void> {
  for (const name of await fileSystem.list(directory)) {
    if (TEMPORARY.test(name)) await fileSystem.remove(join(directory, name))
  }
}

const TEMPORARY = /^\d{20}.*\.temp$/

/** Sees to all that is wrong, as far as `mode` allows, but for the end of the last segment. */
async function repair(
  fileSystem: FileSystem,
  directory: string,
  mode: RecoveryMode,
): Promise<RemovedPart[]> {
  if (mode === 'salvage') return await salvage(fileSystem, directory)
  const { findings } = await checkLog(fileSystem, directory, { lastOnly: mode === 'torn-tail' })
  const problem = findings.find(({ kind }) => !IN_ORDER[mode].includes(kind))
  if (problem === undefined) return []
  if (mode === 'point-in-time') return await endBefore(fileSystem, directory, problem)
  const { path, offset, id, kind } = problem
  throw new BrokenError(
    'open the journal',
    `record ${id} is ${kind}, at byte ${offset} of "${path}": ${problem.problem}`,
    { cause: problem },
  )
}

/** What need not be repaired here. */
const IN_ORDER: Readonly<Record<Exclude<RecoveryMode, 'salvage'>, readonly Finding['kind'][]>> = {
  strict: ['salvaged'],
  'torn-tail': ['salvaged', 'torn'],
  'point-in-time': ['salvaged', 'torn'],
}

/** Takes out the segments behind a problem, the last one first, so that no gap arises on the way. */
async function endBefore(
  fileSystem: FileSystem,
  directory: string,
  { path, offset }: Finding,
): Promise<RemovedPart[]> {
  const removed: RemovedPart[] = []
  const all = await listSegments(fileSystem, directory)
  const index = all.findIndex((firstId) => join(directory, segmentName(firstId)) === path)
  const condemned = all.slice(offset === 0 ? index : index + 1)
  for (const firstId of condemned.reverse()) {
    removed.push(await removeSegment(fileSystem, directory, firstId, firstId === all[0]))
  }
  return removed
}

/** Cuts off what is behind the end, and brings to disk what is before it. */
async function recoverLast(
  fileSystem: FileSystem,
  directory: string,
  file: StoredFile,
  removed: RemovedPart[],
): Promise<SegmentWriter> {
  const header = await readSegmentHeader(file)
  if (typeof header === 'string') throw new BrokenError('open the journal', header)
  const { end, durableEnd, size } = await scanSegment(file, header)
  const tail = await bytesOf(file, end.offset, size)
  const isTorn = !isReserved(tail)
  if (isTorn) {
    const { offset } = end
    removed.push(
      await cutAside(fileSystem, directory, { firstId: header.firstId, offset, bytes: tail }),
    )
    await file.truncate(end.offset)
  }
  // If a sync has failed before, the system shows these bytes but has given up on them, and would not
  // write them at the next sync, which succeeds: they have to be written once more.
  const doubtful = await bytesOf(file, durableEnd.offset, end.offset)
  await writeAll(file, doubtful, durableEnd.offset)
  await file.sync()
  await fileSystem.syncDirectory(directory)
  return new SegmentWriter(file, header, end, isTorn ? end.offset : size)
}
