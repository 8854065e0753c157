import { stat } from 'node:fs/promises'
import { type Clock, systemClock } from '@cupola/core'
import type { FoundFile } from './file-search.ts'
import { unlessAborted } from '../unless-aborted.ts'
import { openForWriting } from './open-for-writing.ts'

/** Of the files that are there, which are as they should be. */
export interface Sifted<File extends FoundFile> {
  readonly complete: readonly File[]
  /** What the others lack, as a clause. */
  readonly lacking: string
  /** When it is worth looking again. */
  readonly lookAgainMs?: number
}

/** Tells complete files from others, look by look. */
export type Sieve = <File extends FoundFile>(
  files: readonly File[],
  signal: AbortSignal,
) => Promise<Sifted<File>>

/** A writer that closes a file causes no event: this is how long it takes to notice. */
const CLOSED_INTERVAL_MS = 50

/** Lets everything pass that is there. */
export const existing: Sieve = async (files) => ({ complete: files, lacking: '' })

/** Lets pass what no process has open for writing. */
export const closed: Sieve = async (files) => {
  const open = await openForWriting(files.map(({ path }) => path))
  const candidates = files.filter(({ path }) => !open.has(path))
  return {
    // What was known of a file is from before it was closed, when half of it was missing.
    complete: (await Promise.all(candidates.map(renewed))).flat(),
    lacking: 'a process has it open for writing',
    lookAgainMs: CLOSED_INTERVAL_MS,
  }
}

/** The file as it is now; nothing if it has gone. */
async function renewed<File extends FoundFile>(file: File): Promise<File[]> {
  const stats = await stat(file.path).catch(() => undefined)
  return stats === undefined ? [] : [{ ...file, stats }]
}

/** Lets pass what a predicate accepts. */
export function accepted<Match extends FoundFile>(
  predicate: (file: Match) => boolean | PromiseLike<boolean>,
): (files: readonly Match[], signal: AbortSignal) => Promise<Sifted<Match>> {
  return async (files, signal) => {
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
  const look = `${stats.size} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.dev}:${stats.ino}`
  return before?.look === look ? before : { look, since: now }
}
