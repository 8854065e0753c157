/**
 * What is known of one file after it was read, as bytes. Threads answer with records, the journal
 * is a row of them, and neither has to take them apart:
 *
 *   crc32 of the rest  u32 │ path length u16 │ digest length u16 │ size u64 │ mtime ns i64 │ ino u64
 *   digest … │ path …
 *
 * All numbers are little-endian. The checksum makes a torn or overwritten record recognizable.
 *
 * @module
 */
import { crc32 } from 'node:zlib'

/** What must be the same for a file to count as unchanged. */
export interface FileState {
  /** Bytes. */
  readonly size: bigint
  /** When the contents last changed, in nanoseconds since 1970. */
  readonly mtimeNs: bigint
  /** Tells a file from another one that was put in its place. */
  readonly ino: bigint
}

/** The part of a record before its digest; from it {@link recordEnd} knows the length. */
export const RECORD_HEAD_BYTES = 32

/** What a record tells, as views of its bytes. */
export interface FileRecord {
  /** Path below the folder. */
  readonly path: Buffer
  readonly digest: Buffer
  readonly size: number
}

/** Makes the record of a file. */
export function encodeRecord(path: Uint8Array, state: FileState, digest: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(RECORD_HEAD_BYTES + digest.length + path.length)
  record.writeUInt16LE(path.length, 4)
  record.writeUInt16LE(digest.length, 6)
  record.writeBigUInt64LE(state.size, 8)
  record.writeBigInt64LE(state.mtimeNs, 16)
  record.writeBigUInt64LE(state.ino, 24)
  record.set(digest, RECORD_HEAD_BYTES)
  record.set(path, RECORD_HEAD_BYTES + digest.length)
  record.writeUInt32LE(crc32(record.subarray(4)), 0)
  return record
}

/** Reads the record that begins at `start`. It must be whole: see {@link wholeRecordEnd}. */
export function decodeRecord(records: Buffer, start: number): FileRecord {
  const digestStart = start + RECORD_HEAD_BYTES
  const pathStart = digestStart + records.readUInt16LE(start + 6)
  return {
    path: records.subarray(pathStart, recordEnd(records, start)),
    digest: records.subarray(digestStart, pathStart),
    size: Number(records.readBigUInt64LE(start + 8)),
  }
}

/** All records of a buffer that holds nothing but whole ones. */
export function* recordsIn(records: Buffer): Generator<FileRecord> {
  for (let start = 0; start < records.length; start = recordEnd(records, start)) {
    yield decodeRecord(records, start)
  }
}

/** Whether a record, whole as it is, tells of this path in this state. */
export function tellsOf(record: Buffer, path: Buffer, state: FileState): boolean {
  return (
    record.readBigUInt64LE(8) === state.size &&
    record.readBigInt64LE(16) === state.mtimeNs &&
    record.readBigUInt64LE(24) === state.ino &&
    decodeRecord(record, 0).path.equals(path)
  )
}

/**
 * Where the record ends that begins at `start`; `'torn'` if it is cut short, or damaged: the bytes
 * that are there do not add up to its checksum.
 */
export function wholeRecordEnd(records: Buffer, start: number): number | 'torn' {
  if (records.length - start < RECORD_HEAD_BYTES) return 'torn'
  const end = recordEnd(records, start)
  if (end > records.length) return 'torn'
  return crc32(records.subarray(start + 4, end)) === records.readUInt32LE(start) ? end : 'torn'
}

/** Where the record ends that begins at `start`, of which at least the head must be there. */
export function recordEnd(records: Buffer, start: number): number {
  return (
    start + RECORD_HEAD_BYTES + records.readUInt16LE(start + 4) + records.readUInt16LE(start + 6)
  )
}
