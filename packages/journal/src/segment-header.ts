import { crc32 } from 'node:zlib'

/**
 * The first bytes of a segment. Numbers are little-endian.
 *
 * ```text
 *  0  8  magic, "CUPOLAJ\n"
 *  8  2  version of the format, 1
 * 10  1  algorithm of the checksums, 1 = CRC-32 as in zlib
 * 11  1  flags: bit 0 = ids are missing before this segment, and that is known
 * 12  4  salt of the records' checksums, random
 * 16  8  id of the first record
 * 24  8  durable id: this record and all before it were on disk when the segment was made
 * 32  4  checksum of the last record of the segment before; 0 in the first one
 * 36  4  checksum of bytes 0 to 35
 * ```
 */
export interface SegmentHeader {
  /** Different in each segment, so that no bytes of another one pass for a record of this. */
  readonly salt: number
  /** The id of the segment's first record, which is also its name. */
  readonly firstId: number
  /** The last record known to be on disk when the segment was made. */
  readonly durableId: number
  /** Where the chain of checksums goes on from. */
  readonly previousChecksum: number
  /** Whether the records before the first one are lost: recovery has salvaged what is here. */
  readonly followsGap: boolean
}

/** How long a segment's header is; the first record is here. */
export const SEGMENT_HEADER_BYTES = 40

const MAGIC = 'CUPOLAJ\n'
const VERSION = 1
const CRC_32 = 1
const FOLLOWS_GAP = 1

/** Makes the first bytes of a segment. */
export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES)
  bytes.write(MAGIC, 'latin1')
  bytes.writeUInt16LE(VERSION, 8)
  bytes.writeUInt8(CRC_32, 10)
  bytes.writeUInt8(header.followsGap ? FOLLOWS_GAP : 0, 11)
  bytes.writeUInt32LE(header.salt, 12)
  bytes.writeBigUInt64LE(BigInt(header.firstId), 16)
  bytes.writeBigUInt64LE(BigInt(header.durableId), 24)
  bytes.writeUInt32LE(header.previousChecksum, 32)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 36)), 36)
  return bytes
}

/**
 * Reads the first bytes of a segment.
 *
 * @returns The header, or what is wrong with it, as a clause.
 */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | string {
  if (bytes.length < SEGMENT_HEADER_BYTES) return 'it is shorter than a header'
  if (bytes.toString('latin1', 0, 8) !== MAGIC) return 'it does not begin as a segment does'
  if (crc32(bytes.subarray(0, 36)) !== bytes.readUInt32LE(36)) return 'its header is damaged'
  const version = bytes.readUInt16LE(8)
  if (version !== VERSION) return `its format is version ${version}, expected ${VERSION}`
  const algorithm = bytes.readUInt8(10)
  if (algorithm !== CRC_32) return `its checksums are of algorithm ${algorithm}, expected ${CRC_32}`
  return {
    followsGap: (bytes.readUInt8(11) & FOLLOWS_GAP) !== 0,
    salt: bytes.readUInt32LE(12),
    firstId: Number(bytes.readBigUInt64LE(16)),
    durableId: Number(bytes.readBigUInt64LE(24)),
    previousChecksum: bytes.readUInt32LE(32),
  }
}
