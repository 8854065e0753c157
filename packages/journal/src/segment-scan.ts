import { readAll, type StoredFile } from './file-system.ts'
import {
  AFTER_SYNC,
  checksumAt,
  checksumOf,
  CONTINUES,
  flagsAt,
  idAt,
  RECORD_HEAD_BYTES,
  recordBytesAt,
} from './record-frame.ts'
import { firstPlaceOf, SegmentCursor, type SegmentPlace } from './segment-cursor.ts'
import type { SegmentHeader } from './segment-header.ts'

/**
 * What is behind the last record that counts: nothing; the remains of a write that a crash cut short,
 * which nobody was told is on disk; or records that were on disk, and are spoilt.
 */
export type SegmentRest = 'nothing' | 'torn' | 'damaged'

/** What a segment contains. */
export interface SegmentScan {
  /** Behind the last record that counts. */
  readonly end: SegmentPlace
  /** Behind the last record that is known to have been on disk: what is before is not in doubt. */
  readonly durableEnd: SegmentPlace
  /** How long the file is. */
  readonly size: number
  /** What is between `end` and `size`. */
  readonly rest: SegmentRest
}

/** Reads a whole segment and checks each record. */
export async function scanSegment(file: StoredFile, header: SegmentHeader): Promise<SegmentScan> {
  const size = await file.size()
  const cursor = new SegmentCursor(file, header)
  let end = firstPlaceOf(header)
  let durableEnd = end
  let here = end
  do {
    for (let start = cursor.step(); start !== -1; start = cursor.step()) {
      const flags = flagsAt(cursor.bytes, start)
      if ((flags & AFTER_SYNC) !== 0) durableEnd = here
      here = cursor.place
      if ((flags & CONTINUES) === 0) end = here
    }
  } while (await cursor.fill(size))
  const rest = end.offset === size ? 'nothing' : await restOf(file, header, here, size)
  return { end, durableEnd, size, rest }
}

async function restOf(
  file: StoredFile,
  header: SegmentHeader,
  stop: SegmentPlace,
  size: number,
): Promise<'torn' | 'damaged'> {
  const bytes = await readAll(file, Buffer.allocUnsafeSlow(size - stop.offset), stop.offset)
  return wasOnDisk(bytes, stop, header.salt) ? 'damaged' : 'torn'
}

/**
 * Whether the record that should begin at the start of `bytes`, and is not valid, had once been on
 * disk. What follows it tells: a valid record that was written after a sync.
 *
 * A valid record alone does not prove it. What is written at once may reach the disk in any order, so
 * a crash can leave the second half of a write without the first; whoever takes that for damage
 * refuses to open a journal that is in order.
 */
function wasOnDisk(bytes: Buffer, stop: SegmentPlace, salt: number): boolean {
  if (bytes.length < RECORD_HEAD_BYTES) return false
  const { nextId } = stop
  const isProof = (start: number, id: number, previousChecksum: number): boolean =>
    isValidAfterSync(bytes, start, id, previousChecksum, salt)
  // A checksum goes on from the one before. That of the spoilt record is what it was, or if not, can
  // still be computed; and if it is spoilt all over, any two records that follow one another will do.
  const stored = checksumAt(bytes, 0)
  const next = recordBytesAt(bytes, 0)
  if (next <= bytes.length) {
    if (isProof(next, nextId + 1, checksumOf(bytes, 0, stop.checksum, salt))) return true
  }
  const largestId = nextId + Math.floor(bytes.length / RECORD_HEAD_BYTES)
  for (let start = 1; start <= bytes.length - RECORD_HEAD_BYTES; start++) {
    const id = idAt(bytes, start)
    if (id <= nextId || id > largestId) continue
    if (id === nextId + 1 && isProof(start, id, stored)) return true
    if (isProof(start + recordBytesAt(bytes, start), id + 1, checksumAt(bytes, start))) return true
  }
  return false
}

function isValidAfterSync(
  bytes: Buffer,
  start: number,
  id: number,
  previousChecksum: number,
  salt: number,
): boolean {
  if (start + RECORD_HEAD_BYTES > bytes.length || idAt(bytes, start) !== id) return false
  if (start + recordBytesAt(bytes, start) > bytes.length) return false
  if ((flagsAt(bytes, start) & AFTER_SYNC) === 0) return false
  return checksumOf(bytes, start, previousChecksum, salt) === checksumAt(bytes, start)
}
