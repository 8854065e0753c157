import type { WaitOptions } from '@cupola/core'
import { checkWaitOptions } from '@cupola/core/authoring'
import { type Look, met, notMet } from '../condition.ts'
import { type ClockOptions, keepLooking } from '../keep-looking.ts'
import { isAbsence } from '../system-errors.ts'
import { fileSearch, type FileSearchOptions, type Findings } from './file-search.ts'
import { FileCondition, type WatchOptions } from './file-condition.ts'

/** How {@link waitForFileGone} waits. */
export interface WaitForFileGoneOptions
  extends WaitOptions, WatchOptions, FileSearchOptions, ClockOptions {}

/**
 * Waits until a file is not there, or nothing that matches a glob. A link to nothing is not there. What
 * cannot be looked at, in a folder that may not be read, behind links that go in a circle, or of a
 * name that is no UTF-8, may be there: the wait goes on.
 *
 * Cancellation and cost are those of {@link waitForFile}.
 *
 * @param pathOrGlob - What to wait for to be gone.
 * @param options - How to look, and what ends the wait.
 * @throws TypeError If an argument has the wrong type.
 * @throws RangeError If a duration is out of range.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 * @throws TimeoutError If `options.timeout` milliseconds pass first. Its `cause` is the error of what
 *   could not be looked at.
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
  const search = fileSearch(pathOrGlob, options)
  const action = `wait for ${search.title} to be gone`
  const look = async (): Promise<Look<void>> => goneOrNot(await search.find())
  await keepLooking(new FileCondition({ action, look }, search.scope, options), options)
}

function goneOrNot({ files, cause }: Findings): Look<void> {
  const [first] = files
  if (first !== undefined) return notMet(`"${first.path}" is there`)
  if (cause === undefined || isAbsence(cause)) return met(undefined)
  return notMet(cause.message, { cause })
}
