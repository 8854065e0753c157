import { isWithin, segmentsOf } from './paths.ts'

/** Which folders tell of changes to what is looked for. */
export interface WatchScope {
  /** The folder to begin at. It may be missing; then the nearest that exists is watched for it. */
  readonly base: string
  /** How many levels of folders below it matter as well. */
  readonly depth: number
}

/** Whether something that is looked for may be in a folder, or link to one, or the base may. */
export function reaches({ base, depth }: WatchScope, folder: string, isLink: boolean): boolean {
  if (isWithin(base, folder)) return true
  return !isLink && isWithin(folder, base) && segmentsOf(folder) - segmentsOf(base) < depth
}
