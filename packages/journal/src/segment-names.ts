import type { FileSystem } from './file-system.ts'

const SEGMENT = /^\d{20}\.log$/

/** As many digits as the largest 64-bit id has, so that names sort as ids do. */
const DIGITS = 20

/** A segment is named by the id of its first record. */
export function segmentName(firstId: number): string {
  return `${String(firstId).padStart(DIGITS, '0')}.log`
}

/** The first ids of all segments in a directory, in order. Files of other names are let be. */
export async function listSegments(fileSystem: FileSystem, directory: string): Promise<number[]> {
  const names = await fileSystem.list(directory)
  return names
    .filter((name) => SEGMENT.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((one, other) => one - other)
}

/** Which segment a record is in, or would be: the last one that does not begin behind it; -1 if none. */
export function segmentIndexOf(firstIds: readonly number[], id: number): number {
  let low = 0
  let high = firstIds.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((firstIds[middle] ?? Infinity) <= id) low = middle + 1
    else high = middle
  }
  return low - 1
}
