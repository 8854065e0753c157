import {
  type ChainEnd,
  checksumAt,
  checksumOf,
  idAt,
  RECORD_HEAD_BYTES,
  recordBytesAt,
  validRecordEnd,
} from './record-frame.ts'

/** A record that is valid for certain, though some before it are not. */
export interface ValidRecord {
  /** Where it begins. */
  readonly start: number
  readonly id: number
  /** What its checksum goes on from. */
  readonly previousChecksum: number
}

/**
 * Finds valid records behind one that is not: `bytes` begin where record `nextId` should, whose checksum
 * would go on from `checksum`.
 *
 * A checksum goes on from the one before. Of the spoilt record, either the checksum is still what it was,
 * or it can still be computed; and if all of it is spoilt, any two records further on of which the second
 * follows from the first prove that second. So the record right behind the spoilt ones may be missed.
 */
export function* validRecordsBehind(
  bytes: Buffer,
  { nextId, checksum }: ChainEnd,
  salt: number,
): Generator<ValidRecord, void, undefined> {
  if (bytes.length < RECORD_HEAD_BYTES) return
  const stored = checksumAt(bytes, 0)
  const end = recordBytesAt(bytes, 0)
  const computed = end <= bytes.length ? checksumOf(bytes, 0, checksum, salt) : stored
  const largestId = nextId + Math.floor(bytes.length / RECORD_HEAD_BYTES)
  const proven = (start: number, id: number, previousChecksum: number): ValidRecord | undefined =>
    validRecordEnd(bytes, start, { nextId: id, checksum: previousChecksum }, salt) === -1
      ? undefined
      : { start, id, previousChecksum }
  for (let start = 1; start <= bytes.length - RECORD_HEAD_BYTES; start++) {
    const id = idAt(bytes, start)
    if (id <= nextId || id > largestId) continue
    const first =
      id === nextId + 1
        ? (proven(start, id, stored) ?? (start === end ? proven(start, id, computed) : undefined))
        : undefined
    if (first !== undefined) yield first
    const next = start + recordBytesAt(bytes, start)
    const second = proven(next, id + 1, checksumAt(bytes, start))
    if (second !== undefined) yield second
  }
}
