import { join } from 'node:path'
import type { LogView } from './log-reader.ts'
import type { OpenReaders } from './open-readers.ts'
import { segmentName } from './segment-names.ts'

/** What may go. */
export interface PurgeOptions {
  /** The first record to be kept. */
  readonly before: bigint
  /**
   * Whether records may go that no snapshot includes: you do not need them any more.
   *
   * @defaultValue false
   */
  readonly withoutSnapshot?: boolean | undefined
}

/**
 * Removes segments from the first on, as long as the next one begins at `keepFrom` or before, and nobody
 * has yet to read them.
 *
 * @returns How many went.
 */
export async function purgeSegments(
  { fileSystem, directory, segments, index }: LogView,
  keepFrom: number,
  readers: OpenReaders,
): Promise<number> {
  let purged = 0
  for (;;) {
    const [first, next] = segments
    if (first === undefined || next === undefined) return purged
    // Asked each time: somebody may have begun to read while the one before was removed.
    if (next > Math.min(keepFrom, readers.firstId)) return purged
    segments.shift()
    index.forget(first)
    try {
      await fileSystem.remove(join(directory, segmentName(first)))
    } catch (error) {
      // It is the first to go the next time: with a later one gone there would be a hole.
      segments.unshift(first)
      throw error
    }
    // One at a time: names may go to disk in any order, and a journal must not have a hole.
    await fileSystem.syncDirectory(directory)
    purged++
  }
}
