import { stat } from 'node:fs/promises'
import { type Clock, systemClock } from '@cupola/core'
import type { LookContext } from '../condition.ts'
import { absentAs, isSystemError } from '../system-errors.ts'
import { unlessAborted } from '../unless-aborted.ts'
import type { FoundFile } from './file-search.ts'
import { identityOf, openForWriting } from './open-for-writing.ts'

/** Of the files that are there, which are as they should be. */
export interface Sifted<File extends FoundFile> {
  readonly complete: readonly File[]
  /** What the others lack, as a clause. */
  readonly lacking: string
  /** Why the system does not tell, if it does not. */
  readonly cause?: unknown
  /** When it is worth looking again. */
  readonly lookAgainMs?: number
}

/** Tells complete files from others, look by look. Is asked about no files as well. */
export type Sieve = <File extends FoundFile>(
  files: readonly File[],
  context: LookContext,
) => Promise<Sifted<File>>

/** Lets everything pass that is there. */
export const existing: Sieve = async (files) => ({ complete: files, lacking: '' })

/**
 * Lets pass what no process has open for writing. Looks through all processes, and no more often than
 * every `intervalMs`, though every write of the writer is a sign of change.
 */
export function closed(intervalMs: number, clock: Clock = systemClock): Sieve {
  let nextScan = 0
  return async (files, { isLast }) => {
    const lacking = 'a process has it open for writing'
    const waitMs = nextScan - clock.now()
    if (files.length === 0) return { complete: [], lacking }
    if (waitMs > 0 && !isLast) return { complete: [], lacking, lookAgainMs: waitMs }
    nextScan = clock.now() + intervalMs
    try {
      const complete = await closedAmong(files)
      return { complete, lacking, lookAgainMs: intervalMs }
    } catch (cause) {
      if (!isSystemError(cause)) throw cause
      return { complete: [], lacking: cause.message, cause, lookAgainMs: intervalMs }
    }
  }
}

async function closedAmong<File extends FoundFile>(files: readonly File[]): Promise<File[]> {
  const open = await openForWriting(new Set(files.map(({ stats }) => identityOf(stats))))
  const candidates = files.filter(({ stats }) => !open.has(identityOf(stats)))
  // What was known of a file is from before it was closed, when half of it was missing.
  return (await Promise.all(candidates.map(renewed))).flat()
}

/** The file as it is now; nothing if it has gone, or is another. */
async function renewed<File extends FoundFile>(file: File): Promise<File[]> {
  const stats = await stat(file.path).catch(absentAs(undefined))
  const isSame = stats !== undefined && identityOf(stats) === identityOf(file.stats)
  return isSame ? [{ ...file, stats }] : []
}

/** Lets pass what a predicate accepts. */
export function accepted<Match extends FoundFile>(
  predicate: (file: Match) => boolean | PromiseLike<boolean>,
): (files: readonly Match[], context: LookContext) => Promise<Sifted<Match>> {
  return async (files, { signal }) => {
    const complete: Match[] = []
    for (const file of files) {
      if (await unlessAborted(predicate(file), signal)) complete.push(file)
    }
    return { complete, lacking: 'it is there, and the predicate does not accept it' }
  }
}

/**
 * Lets pass what has had the same size, times of modification and change, and inode for a while. What
 * vanishes begins anew when it comes back; a renaming in between changes the time of change.
 */
export function stable(stableMs: number, clock: Clock = systemClock): Sieve {
  let seen = new Map<string, Sighting>()
  return async (files) => {
    const now = clock.now()
    const before = seen
    seen = new Map(files.map((file) => [file.path, sightingOf(file, before.get(file.path), now)]))
    const missingMs = (path: string): number => stableMs - (now - (seen.get(path)?.since ?? now))
    const waiting = files.map(({ path }) => missingMs(path)).filter((ms) => ms > 0)
    return {
      complete: files.filter(({ path }) => missingMs(path) <= 0),
      lacking: `it changed less than ${stableMs} ms ago`,
      lookAgainMs: Math.min(...waiting),
    }
  }
}

/** How a file looked, and since when. */
interface Sighting {
  readonly look: string
  readonly since: number
}

function sightingOf({ stats }: FoundFile, before: Sighting | undefined, now: number): Sighting {
  const look = `${stats.size} ${stats.mtimeMs} ${stats.ctimeMs} ${identityOf(stats)}`
  return before?.look === look ? before : { look, since: now }
}
