import { crc32 } from 'node:zlib'

/**
 * A record on disk. Numbers are little-endian.
 *
 * ```text
 *  0  4  checksum
 *  4  4  length of the payload
 *  8  8  id: one more than that of the record before
 * 16  2  type
 * 18  1  mode
 * 19  1  flags: bit 0 = the next record belongs with this one, both or neither
 *               bit 1 = all records before this one were on disk when it was written
 * 20     payload
 * ```
 *
 * The checksum is the CRC-32 of all that follows it, begun with the checksum of the record before and
 * combined with the segment's salt by exclusive or. So a record counts only in its place: one of an
 * earlier use of the same bytes on the disk does not, nor does one of a journal inside a payload.
 */
export const RECORD_HEAD_BYTES = 20

/** The next record belongs with this one: both count, or neither. */
export const CONTINUES = 1

/** All records before this one were on disk when it was written. */
export const AFTER_SYNC = 2

/** The largest id: above it, neighbouring numbers are the same. */
export const LARGEST_ID: number = Number.MAX_SAFE_INTEGER

const LENGTH_AT = 4
const ID_AT = 8
const TYPE_AT = 16
const MODE_AT = 18
const FLAGS_AT = 19
const UINT32_RANGE = 2 ** 32

/** What a record is made of, as numbers and bytes. */
export interface RecordContent {
  readonly type: number
  readonly mode: number
  readonly payload: Uint8Array
}

/** Writes all but the id and the checksum, which a record gets when its turn to be written comes. */
export function putRecord(
  bytes: Buffer,
  start: number,
  { type, mode, payload }: RecordContent,
  flags: number,
): void {
  bytes.writeUInt32LE(payload.length, start + LENGTH_AT)
  bytes.writeUInt16LE(type, start + TYPE_AT)
  bytes[start + MODE_AT] = mode
  bytes[start + FLAGS_AT] = flags
  bytes.set(payload, start + RECORD_HEAD_BYTES)
}

/** What a record has to follow from. */
export interface ChainEnd {
  /** The id that it has to have. */
  readonly nextId: number
  /** The checksum of the record before. */
  readonly checksum: number
}

/** Gives a record its id and its place in the chain. Returns its checksum. */
export function sealRecord(bytes: Buffer, start: number, after: ChainEnd, salt: number): number {
  const { nextId } = after
  bytes.writeUInt32LE(nextId % UINT32_RANGE, start + ID_AT)
  bytes.writeUInt32LE(Math.floor(nextId / UINT32_RANGE), start + ID_AT + 4)
  const checksum = checksumOf(bytes, start, after.checksum, salt)
  bytes.writeUInt32LE(checksum, start)
  return checksum
}

/** Marks a record as the first after a sync, before it is sealed. */
export function markAfterSync(bytes: Buffer, start: number): void {
  bytes[start + FLAGS_AT] = flagsAt(bytes, start) | AFTER_SYNC
}

/** What the checksum of the record at `start` should be. All of the record must be there. */
function checksumOf(bytes: Buffer, start: number, previousChecksum: number, salt: number): number {
  const content = bytes.subarray(start + LENGTH_AT, start + recordBytesAt(bytes, start))
  return (crc32(content, previousChecksum) ^ salt) >>> 0
}

/** Where the record at `start` ends, if it is there as a whole, and valid in this place; else -1. */
export function validRecordEnd(
  bytes: Buffer,
  start: number,
  after: ChainEnd,
  salt: number,
): number {
  if (start + RECORD_HEAD_BYTES > bytes.length || idAt(bytes, start) !== after.nextId) return -1
  const end = start + recordBytesAt(bytes, start)
  if (end > bytes.length) return -1
  return checksumOf(bytes, start, after.checksum, salt) === checksumAt(bytes, start) ? end : -1
}

/** The checksum that the record at `start` has. */
export function checksumAt(bytes: Buffer, start: number): number {
  return bytes.readUInt32LE(start)
}

/** How long the record at `start` is, head included. */
export function recordBytesAt(bytes: Buffer, start: number): number {
  return RECORD_HEAD_BYTES + bytes.readUInt32LE(start + LENGTH_AT)
}

/** The id of the record at `start`; above {@link LARGEST_ID} it is not exact. */
export function idAt(bytes: Buffer, start: number): number {
  return bytes.readUInt32LE(start + ID_AT) + bytes.readUInt32LE(start + ID_AT + 4) * UINT32_RANGE
}

/** The type of the record at `start`. */
export function typeAt(bytes: Buffer, start: number): number {
  return bytes.readUInt16LE(start + TYPE_AT)
}

/** The mode of the record at `start`. */
export function modeAt(bytes: Buffer, start: number): number {
  return bytes[start + MODE_AT] ?? 0
}

/** The flags of the record at `start`. */
export function flagsAt(bytes: Buffer, start: number): number {
  return bytes[start + FLAGS_AT] ?? 0
}
