import { join } from 'node:path'
import type { LogView } from './log-reader.ts'
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
 * Removes segments from the first on, as long as the next one begins at `keepFrom` or before.
 *
 * @returns How many went.
 */
export async function purgeSegments(
  { fileSystem, directory, segments, index }: LogView,
  keepFrom: number,
): Promise<number> {
  let purged = 0
  for (;;) {
    const [first, next] = segments
    if (first === undefined || next === undefined || next > keepFrom) return purged
    segments.shift()
    index.forget(first)
    await fileSystem.remove(join(directory, segmentName(first)))
    // One at a time: names may go to disk in any order, and a journal must not have a hole.
    await fileSystem.syncDirectory(directory)
    purged++
  }
}
