import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { type FileSystem, readAll, type StoredFile, writeAll } from './file-system.ts'
import { segmentName } from './segment-names.ts'

/** Bytes that were taken out of a journal. */
export interface RemovedPart {
  /** The file in which they are kept: nobody reads it, and it may be removed. */
  readonly savedAs: string
  /** How many they are. */
  readonly bytes: number
}

/** Bytes of a segment. */
interface SegmentPart {
  /** Which segment. */
  readonly firstId: number
  /** Where in it. */
  readonly offset: number
  readonly bytes: Buffer
}

/**
 * Keeps a part of a segment in a file of its own, before it is cut off. The same bytes have the same
 * name, so that it does no harm to do it twice.
 */
export async function cutAside(
  fileSystem: FileSystem,
  directory: string,
  { firstId, offset, bytes }: SegmentPart,
): Promise<RemovedPart> {
  const fingerprint = crc32(bytes).toString(16).padStart(8, '0')
  const name = segmentName(firstId).replace('.log', `-${offset}-${fingerprint}.cut`)
  const savedAs = join(directory, name)
  await writeNewFile(fileSystem, `${savedAs}.temp`, [bytes])
  await fileSystem.rename(`${savedAs}.temp`, savedAs)
  await fileSystem.syncDirectory(directory)
  return { savedAs, bytes: bytes.length }
}

/** Makes a file of this content, and brings it to disk, but for its name. */
export async function writeNewFile(
  fileSystem: FileSystem,
  path: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  const file = await fileSystem.open(path, 'create')
  try {
    let position = 0
    for (const part of parts) {
      await writeAll(file, part, position)
      position += part.length
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Part of an open file. */
export async function bytesOf(file: StoredFile, from: number, to: number): Promise<Buffer> {
  return await readAll(file, Buffer.allocUnsafeSlow(to - from), from)
}
