import { crc32 } from 'node:zlib'

/*
 * A snapshot on disk. Numbers are little-endian.
 *
 *  0  8  magic, "CUPOLAS\n"
 *  8  2  version of the format, 1
 * 10  1  algorithm of the checksums, 1 = CRC-32 as in zlib
 * 11  1  0
 * 12  8  id of the last record that it includes
 * 20  4  checksum of bytes 0 to 19
 *
 * then, as often as there are entries,
 *
 *  0  4  checksum of all that follows it, begun with the checksum before
 *  4  4  length of the entry
 *  8     entry
 *
 * and at last an entry of the length 2^32 - 1, which is in truth the number of entries and the id, eight
 * bytes each: a snapshot without them is not complete.
 */

/** How long the header is; the first entry is here. */
export const SNAPSHOT_HEADER_BYTES = 24
/** What is before each entry. */
export const ENTRY_HEAD_BYTES = 8
/** What is in the place of the last entry. */
export const TRAILER_BYTES = 16
/** What it says of its length. */
export const TRAILER_LENGTH = 0xff_ff_ff_ff

const MAGIC = 'CUPOLAS\n'
const VERSION = 1
const CRC_32 = 1
const CHECKSUM_AT = 20

/** Makes the first bytes of a snapshot. */
export function encodeSnapshotHeader(id: bigint): Buffer {
  const header = Buffer.alloc(SNAPSHOT_HEADER_BYTES)
  header.write(MAGIC, 'latin1')
  header.writeUInt16LE(VERSION, 8)
  header.writeUInt8(CRC_32, 10)
  header.writeBigUInt64LE(id, 12)
  header.writeUInt32LE(crc32(header.subarray(0, CHECKSUM_AT)), CHECKSUM_AT)
  return header
}

/** The id in the first bytes of a snapshot; `undefined` if they are not what was written. */
export function decodeSnapshotHeader(header: Buffer): bigint | undefined {
  const isOurs = header.toString('latin1', 0, 8) === MAGIC && header.readUInt16LE(8) === VERSION
  const isWhole = crc32(header.subarray(0, CHECKSUM_AT)) === headerChecksum(header)
  return isOurs && isWhole ? header.readBigUInt64LE(12) : undefined
}

/** What the checksum of the first entry goes on from. */
export function headerChecksum(header: Buffer): number {
  return header.readUInt32LE(CHECKSUM_AT)
}

/** The checksum of an entry; its head says how long it is. */
export function entryChecksum(head: Buffer, entry: Uint8Array, previous: number): number {
  return crc32(entry, crc32(head.subarray(4), previous))
}
