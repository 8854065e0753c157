import type { WaitOptions } from '@cupola/core'
import { checkWaitOptions, requireDuration } from '@cupola/core/authoring'
import { type Look, type LookContext, met, notMet, type SeenBy } from '../condition.ts'
import { type ClockOptions, keepLooking } from '../keep-looking.ts'
import { accepted, closed, existing, type Sifted, stable } from './completeness.ts'
import {
  fileSearch,
  type FileSearch,
  type FileSearchOptions,
  type Findings,
  type FoundFile,
} from './file-search.ts'
import { FileCondition, type WatchOptions } from './file-condition.ts'

/** A file or folder that was waited for. */
export interface FileMatch extends FoundFile {
  /** Where it is, as an absolute path. */
  readonly path: string
  /** What `stat` says about it, links followed. */
  readonly stats: FoundFile['stats']
  /** How it was noticed. `'poll'`, though it is being watched, means that an event was lost. */
  readonly seenBy: SeenBy
}

/** A writer that closes a file causes no event: this is how long it takes to notice. */
const CLOSED_INTERVAL_MS = 50

/** How {@link waitForFile} waits. */
export interface WaitForFileOptions
  extends WaitOptions, WatchOptions, FileSearchOptions, ClockOptions {
  /**
   * What has to be true of a file that is there.
   *
   * - `'exists'`: nothing more. Enough where files are made elsewhere and renamed into their place.
   * - `'stable'`: its size, its times of modification and change, and its inode stay the same for
   *   `stableMs`.
   * - `'closed'`: no process has it open for writing, under whatever name. Linux only; looks into the
   *   processes of the same user, every `intervalMs` at most, which is 50 then by default.
   * - a predicate: whatever it says. What it throws ends the wait.
   *
   * @defaultValue 'exists'
   */
  readonly until?:
    | 'exists'
    | 'stable'
    | 'closed'
    | ((file: FileMatch) => boolean | PromiseLike<boolean>)
    | undefined
  /**
   * For how long a `'stable'` file has to stay the same, in milliseconds.
   *
   * @defaultValue 500
   */
  readonly stableMs?: number | undefined
}

/**
 * Waits until a file is there, or something that matches a glob. Folders count as files, parents may
 * be missing, links are followed (below the first `*` of a glob only at the end of a path).
 *
 * The path is looked at first. If nothing is there, the nearest folder that exists is watched, it is
 * looked again, and from then on at every event, and every now and then without one.
 *
 * Cancellation: however the wait ends, its watchers are closed and its timers gone when it settles.
 *
 * Cost: one watch for each folder on the way; below the first wildcard of a glob, one for each that
 * can hold a match, and a walk over them at each look. Waits on the same folders share their watches.
 * Where more happens than is worth being told of, the watching rests, and looks come every 40 ms. The
 * process is kept alive.
 *
 * @param pathOrGlob - What to wait for. What has no wildcard is a path, and so is any `URL` of a file,
 *   and any text with `literal`. Globs are those of fast-glob, with `/` between names on every system.
 *   If nothing matches one, a file of that very name counts.
 * @param options - What has to be true of it, how to look, and what ends the wait.
 * @returns The file; of a glob all that match and are as they should be, at least one, sorted by path.
 * @throws TypeError If an argument has the wrong type.
 * @throws RangeError If a duration is out of range.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 * @throws TimeoutError If `options.timeout` milliseconds pass first.
 * @throws BrokenError If `until` is `'closed'` on another system than Linux.
 *
 * @example A report in a folder that is yet to be made
 * ```ts
 * import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { basename, join } from 'node:path'
 * import { waitForFile } from '@cupola/autowait'
 *
 * const cwd = await mkdtemp(join(tmpdir(), 'reports-'))
 * setTimeout(async () => {
 *   await mkdir(join(cwd, '2026/november'), { recursive: true })
 *   await writeFile(join(cwd, '2026/november/sales.csv'), 'lamps,3\n')
 * }, 20)
 *
 * const [report] = await waitForFile('2026/**\/*.csv', { cwd, until: 'stable', timeout: 10_000 })
 * basename(report.path) // => 'sales.csv'
 * report.stats.size // => 8
 * ```
 */
export async function waitForFile(
  pathOrGlob: string | URL,
  options: WaitForFileOptions = {},
): Promise<[FileMatch, ...FileMatch[]]> {
  checkWaitOptions(options)
  const search = fileSearch(pathOrGlob, options)
  const { until, intervalMs = until === 'closed' ? CLOSED_INTERVAL_MS : undefined } = options
  const sift = sieveOf({ ...options, intervalMs })
  const look = async (context: LookContext): Promise<Look<FileMatches>> => {
    const findings = await search.find()
    const matches = findings.files.map((file) => ({ ...file, seenBy: context.seenBy }))
    // Of nothing as well: what was there before begins anew when it comes back.
    const { complete, lacking, ...more } = await sift(matches, context)
    if (matches.length === 0) return notThere(search, findings)
    const [first, ...others] = complete
    return first === undefined ? notMet(lacking, more) : met([first, ...others])
  }
  const action = `wait for ${search.title}`
  const condition = new FileCondition({ action, look }, search.scope, { ...options, intervalMs })
  return await keepLooking(condition, options)
}

type FileMatches = [FileMatch, ...FileMatch[]]

type FileSieve = (files: readonly FileMatch[], context: LookContext) => Promise<Sifted<FileMatch>>

function sieveOf({
  until = 'exists',
  stableMs = 500,
  intervalMs = CLOSED_INTERVAL_MS,
  clock,
}: WaitForFileOptions): FileSieve {
  requireDuration('stableMs', stableMs)
  if (typeof until === 'function') return accepted(until)
  switch (until) {
    case 'exists':
      return existing
    case 'stable':
      return stable(stableMs, clock)
    case 'closed':
      return closed(intervalMs, clock)
    default:
      throw new TypeError(
        `Cannot use until: got "${String(until)}", expected "exists", "stable", "closed" or a function`,
      )
  }
}

function notThere(search: FileSearch, { cause }: Findings): Look<never> {
  if (cause === undefined) return notMet(`nothing in "${search.scope.base}" matches`)
  return notMet(cause.message, { cause })
}
