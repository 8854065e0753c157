import { readAll, type StoredFile } from './file-system.ts'
import { AFTER_SYNC, CONTINUES, flagsAt } from './record-frame.ts'
import { firstPlaceOf, SegmentCursor, type SegmentPlace } from './segment-cursor.ts'
import type { SegmentHeader } from './segment-header.ts'
import { ValidRecords } from './valid-records.ts'

/**
 * What is behind the last record that counts: nothing, or room for more; the remains of a write that a
 * crash cut short, which nobody was told is on disk; or records that were on disk, and are spoilt.
 */
export type SegmentRest = 'nothing' | 'torn' | 'damaged'

/** What a segment contains. */
export interface SegmentScan {
  /** Behind the last valid record that follows from those before. */
  readonly stop: SegmentPlace
  /** The same, less those that belong with records which are not there. */
  readonly end: SegmentPlace
  /** Behind the last record that is known to have been on disk. */
  readonly durableEnd: SegmentPlace
  /** How long the file is. */
  readonly size: number
}

/** Reads a whole segment and checks each record. */
export async function scanSegment(file: StoredFile, header: SegmentHeader): Promise<SegmentScan> {
  const size = await file.size()
  const cursor = new SegmentCursor(file, header)
  let end = firstPlaceOf(header)
  let durableEnd = end
  let stop = end
  do {
    for (let start = cursor.step(); start !== -1; start = cursor.step()) {
      const flags = flagsAt(cursor.bytes, start)
      if ((flags & AFTER_SYNC) !== 0) durableEnd = stop
      stop = cursor.place
      if ((flags & CONTINUES) === 0) end = stop
    }
  } while (await cursor.fill(size))
  return { stop, end, durableEnd, size }
}

/**
 * Tells what is behind the end of a segment. Zeros are room that was reserved, and nothing.
 *
 * Only the last segment of a journal can be torn: all others were synced before their successor was made.
 * In the last one, a valid record further on that was written after a sync proves that what is spoilt
 * before it had been on disk. A valid record alone does not: what is written at once may reach the disk in
 * any order, so a crash can leave the second half of a write without the first; whoever takes that for
 * damage refuses to open a journal that is in order.
 */
export async function restOf(
  file: StoredFile,
  { salt }: SegmentHeader,
  { stop, end, size }: SegmentScan,
  isLast: boolean,
): Promise<SegmentRest> {
  const bytes = await readAll(file, Buffer.allocUnsafeSlow(size - stop.offset), stop.offset)
  const hasHalfGroup = isLast && end.offset < stop.offset
  if (isReserved(bytes) && !hasHalfGroup) return 'nothing'
  if (!isLast) return 'damaged'
  for (const { offset } of new ValidRecords(bytes, salt).behind({ ...stop, offset: 0 })) {
    if ((flagsAt(bytes, offset) & AFTER_SYNC) !== 0) return 'damaged'
  }
  return 'torn'
}

/** Whether there are only zeros, or nothing at all. */
export function isReserved(bytes: Buffer): boolean {
  return bytes.equals(Buffer.alloc(bytes.length))
}
