import { BrokenError } from '@cupola/core'
import { ByteSource } from './byte-source.ts'
import type { FileSystem } from './file-system.ts'
import {
  decodeSnapshotHeader,
  ENTRY_HEAD_BYTES,
  entryChecksum,
  headerChecksum,
  SNAPSHOT_HEADER_BYTES,
  TRAILER_BYTES,
  TRAILER_LENGTH,
} from './snapshot-format.ts'

/**
 * Reads a snapshot.
 *
 * @throws BrokenError If it is not what was written. What came before the spoilt place is right.
 */
export async function* readSnapshot(
  fileSystem: FileSystem,
  path: string,
  id: bigint,
): AsyncGenerator<Buffer, void, undefined> {
  const file = await fileSystem.open(path, 'read')
  try {
    const isWhole = yield* entriesIn(new ByteSource(file), id)
    if (!isWhole) throw new BrokenError('read the snapshot', `"${path}" is not what was written`)
  } finally {
    await file.close()
  }
}

/** The entries, as far as they are what was written. Returns whether that is all of them. */
async function* entriesIn(
  source: ByteSource,
  id: bigint,
): AsyncGenerator<Buffer, boolean, undefined> {
  const header = await source.take(SNAPSHOT_HEADER_BYTES)
  if (header === undefined || decodeSnapshotHeader(header) !== id) return false
  let checksum = headerChecksum(header)
  for (let count = 0n; ; count++) {
    const head = await source.take(ENTRY_HEAD_BYTES)
    if (head === undefined) return false
    const length = head.readUInt32LE(4)
    const isTrailer = length === TRAILER_LENGTH
    const entry = await source.take(isTrailer ? TRAILER_BYTES : length)
    if (entry === undefined) return false
    checksum = entryChecksum(head, entry, checksum)
    if (checksum !== head.readUInt32LE(0)) return false
    if (isTrailer) return entry.readBigUInt64LE(0) === count && entry.readBigUInt64LE(8) === id
    yield entry
  }
}
