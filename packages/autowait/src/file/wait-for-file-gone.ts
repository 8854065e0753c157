import type { WaitOptions } from '@cupola/core'
import { checkWaitOptions } from '@cupola/core/authoring'
import { type Look, met, notMet } from '../condition.ts'
import { type ClockOptions, keepLooking } from '../keep-looking.ts'
import { fileSearch, type Findings } from './file-search.ts'
import { FileCondition, type WatchOptions } from './file-condition.ts'

/** How {@link waitForFileGone} waits. */
export interface WaitForFileGoneOptions extends WaitOptions, WatchOptions, ClockOptions {
  /**
   * Where relative paths and globs begin.
   *
   * @defaultValue `process.cwd()`
   */
  readonly cwd?: string | undefined
}

/**
 * Waits until a file is not there, or nothing that matches a glob. A link to nothing is not there.
 *
 * Cancellation and cost are those of {@link waitForFile}.
 *
 * @param pathOrGlob - What to wait for to be gone.
 * @param options - How to look, and what ends the wait.
 * @throws TypeError If an argument has the wrong type.
 * @throws RangeError If a duration is out of range.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 * @throws TimeoutError If `options.timeout` milliseconds pass first. A file that cannot be looked at
 *   is not gone.
 *
 * @example Wait for somebody else to be done
 * ```ts
 * import { mkdtemp, rm, writeFile } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { waitForFileGone } from '@cupola/autowait'
 *
 * const lock = join(await mkdtemp(join(tmpdir(), 'build-')), 'lock')
 * await writeFile(lock, '')
 * setTimeout(() => rm(lock), 20)
 *
 * await waitForFileGone(lock, { timeout: 10_000 })
 * ```
 */
export async function waitForFileGone(
  pathOrGlob: string | URL,
  options: WaitForFileGoneOptions = {},
): Promise<void> {
  checkWaitOptions(options)
  const search = fileSearch(pathOrGlob, options.cwd ?? process.cwd())
  const action = `wait for ${search.title} to be gone`
  const look = async (): Promise<Look<void>> => goneOrNot(await search.find())
  await keepLooking(new FileCondition({ action, look }, search, options), options)
}

function goneOrNot({ files, cause }: Findings): Look<void> {
  const [first] = files
  if (first !== undefined) return notMet(`"${first.path}" is there`)
  if (cause === undefined || isMissing(cause)) return met(undefined)
  return notMet(cause.message, { cause })
}

function isMissing(error: Error): boolean {
  return 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
