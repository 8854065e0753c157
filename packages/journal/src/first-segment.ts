import type { JournalSettings } from './journal-options.ts'
import type { RecoveredLog } from './recovery.ts'
import { createSegment, type SegmentWriter } from './segment-writer.ts'

/** Where a journal is that is being opened, and how. */
type Place = Pick<JournalSettings, 'fileSystem' | 'firstId'> & { readonly directory: string }

/**
 * Where to append first: to the last segment, unless there is none, or its ids have been used already; then
 * to a new one, and the file of the last is closed.
 *
 * @param includedId - The last record that a snapshot includes; 0 if there is none. Such records may have
 *   been lost and given up: those that come must not have their ids, for whoever begins with the snapshot
 *   would not read them.
 */
export async function firstSegment(
  { last }: RecoveredLog,
  includedId: number,
  place: Place,
): Promise<SegmentWriter> {
  if (last === undefined) return await newSegment(last, includedId, place)
  if (last.end.nextId > includedId) return last
  try {
    return await newSegment(last, includedId, place)
  } finally {
    await last.close()
  }
}

async function newSegment(
  last: SegmentWriter | undefined,
  includedId: number,
  { fileSystem, directory, firstId }: Place,
): Promise<SegmentWriter> {
  const nextId = Math.max(includedId + 1, last === undefined ? Number(firstId) : 0)
  const { segment, publish } = await createSegment(fileSystem, directory, {
    firstId: nextId,
    durableId: nextId - 1,
    previousChecksum: last?.end.checksum ?? 0,
    followsGap: last !== undefined,
  })
  try {
    await publish()
    return segment
  } catch (error) {
    await segment.close()
    throw error
  }
}
