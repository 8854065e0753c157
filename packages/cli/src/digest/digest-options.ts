import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import type { Writable } from 'node:stream'
import {
  requireArray,
  requireBoolean,
  requireFunction,
  requireInteger,
  requireObject,
  requireSignal,
  requireString,
} from '@cupola/core/authoring'
import { isTemporaryName } from './atomic-file.ts'
import { withoutLineTerminators } from './byte-names.ts'
import type { DuplicateListener } from './duplicates.ts'
import type { DigestProgress, ReportedProblem } from './digest-report.ts'
import { type EntryKind, hasCode, kindAt } from './entry-kind.ts'
import { RUN_BYTES } from './external-sort.ts'
import { realPath } from './path-below.ts'

/** How {@link digest} goes about it. */
export interface DigestOptions {
  /**
   * Any that `crypto.getHashes()` names.
   *
   * @defaultValue 'sha256'
   */
  readonly algorithm?: string | undefined
  /**
   * How many threads hash, from 1 to 1024.
   *
   * @defaultValue `os.availableParallelism()`
   */
  readonly threads?: number | undefined
  /**
   * Where the manifest goes: the path of a file, which appears when it is complete, or a stream,
   * which is not ended. What is done is journaled beside a file, in `<output>.journal`. What is
   * there and is no plain file, a link or a device, is refused.
   *
   * @defaultValue no manifest is written
   */
  readonly output?: string | Writable | undefined
  /**
   * Takes what is unchanged from the journal of an earlier run with the same `output`, if there is
   * one, instead of hashing it again.
   *
   * @defaultValue false
   */
  readonly resume?: boolean | undefined
  /**
   * Globs of what to leave out, relative to the folder. One without a slash matches names at any
   * depth, and what matches a folder leaves out all in it. None takes another back: one that begins
   * with `!` is refused.
   *
   * @defaultValue nothing is left out
   */
  readonly ignore?: readonly string[] | undefined
  /**
   * Ends the run when it aborts. What is done stays in the journal.
   *
   * @defaultValue never
   */
  readonly signal?: AbortSignal | undefined
  /**
   * How much each of the two sorts (by path, by digest) gathers before it goes to a temporary file
   * as a run, in bytes, from 1 up. A sort takes up to three times as much memory, so both together
   * six times.
   *
   * @defaultValue 8 MiB
   */
  readonly sortMemoryBytes?: number | undefined
  /**
   * Called about ten times a second.
   *
   * @defaultValue nobody is told
   */
  readonly onProgress?: ((progress: DigestProgress) => void) | undefined
  /**
   * Called for whatever is not in the manifest, when it is met.
   *
   * @defaultValue nobody is told; the report has the first thousand
   */
  readonly onProblem?: ((problem: ReportedProblem) => void) | undefined
  /**
   * Called at the end for each file that has copies, those of one group in a row. There may be very
   * many: if it returns a promise, the next one waits for it.
   *
   * @defaultValue nobody is told; the report has the largest groups
   */
  readonly onDuplicate?: DuplicateListener | undefined
}

/** Options with their defaults, checked. */
export interface DigestPlan {
  readonly folder: string
  readonly algorithm: string
  /** The length of a digest. */
  readonly digestBytes: number
  readonly threads: number
  readonly output: string | Writable | undefined
  readonly journal: string | undefined
  readonly resume: boolean
  readonly ignore: readonly string[]
  readonly sortMemoryBytes: number
  /** Whether a path below the folder is one of the run's own files. */
  readonly isOwn: (path: string) => boolean
}

/**
 * Checks arguments and fills in defaults.
 *
 * @throws TypeError If an argument has the wrong type.
 * @throws RangeError If an argument cannot be used.
 */
export function planOf(folder: string, options: DigestOptions): DigestPlan {
  requireString('folder', folder)
  requireTypes(options)
  const {
    algorithm = 'sha256',
    threads = availableParallelism(),
    output,
    resume = false,
    ignore = [],
    sortMemoryBytes = RUN_BYTES,
  } = options
  requireFolder(folder)
  requireInteger('threads', threads, 1, 1024)
  requireInteger('sortMemoryBytes', sortMemoryBytes, 1, Infinity)
  for (const glob of ignore) requireGlob(glob)
  const file = typeof output === 'string' ? requirePlaceFor(output) : undefined
  if (resume && file === undefined) {
    throw new RangeError('Cannot resume: the journal is beside an output file, and there is none')
  }
  return {
    folder,
    algorithm,
    digestBytes: digestBytesOf(algorithm),
    threads,
    output,
    journal: file && journalOf(file),
    resume,
    ignore,
    sortMemoryBytes,
    isOwn: file === undefined ? nothing : ownPaths(folder, file),
  }
}

/** For those who call without a compiler. */
function requireTypes(options: DigestOptions): void {
  requireObject('options', options)
  const { algorithm, output, resume, ignore, signal } = options
  if (algorithm !== undefined) requireString('algorithm', algorithm)
  if (resume !== undefined) requireBoolean('resume', resume)
  if (ignore !== undefined) requireArray('ignore', ignore)
  for (const glob of ignore ?? []) requireString('a glob of ignore', glob)
  if (output !== undefined && typeof output !== 'string') {
    requireObject('output', output)
    requireFunction('output.write', 'write' in output ? output.write.bind(output) : undefined)
  }
  if (signal !== undefined) requireSignal('signal', signal)
  for (const name of ['onProgress', 'onProblem', 'onDuplicate'] as const) {
    if (options[name] !== undefined) requireFunction(name, options[name])
  }
}

/** Refuses what would leave out everything, or the opposite of what was meant. */
function requireGlob(glob: string): void {
  if (/^\/*$/.test(glob)) throw new RangeError(`Cannot ignore "${glob}": expected a glob`)
  // `!(a|b)` is a glob like any other.
  if (!/^!(?!\()/.test(glob)) return
  throw new RangeError(
    `Cannot ignore "${glob}": a glob takes nothing back; for a name that begins with !, write \\!`,
  )
}

/** Where what is done is kept until the manifest is complete. */
export function journalOf(output: string): string {
  return `${output}.journal`
}

/**
 * The length of an algorithm's digests.
 *
 * @throws RangeError If there is no such algorithm.
 */
export function digestBytesOf(algorithm: string): number {
  try {
    return createHash(algorithm).digest().length
  } catch (cause) {
    throw new RangeError(
      `Cannot use algorithm "${algorithm}": expected one that crypto.getHashes() names, such as sha256`,
      { cause },
    )
  }
}

/**
 * Checks that something is a folder.
 *
 * @throws RangeError If it is not, or is not there.
 */
export function requireFolder(path: string): void {
  const problem = problemWithFolder(path)
  if (problem !== undefined) throw new RangeError(`Cannot digest "${path}": ${problem}`)
}

function problemWithFolder(path: string): string | undefined {
  try {
    return statSync(path).isDirectory() ? undefined : 'it is not a folder'
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return 'it is not there'
    throw error
  }
}

/**
 * Checks that a file can be written somewhere.
 *
 * @throws RangeError If there is no such folder, or something there that is no plain file.
 */
export function requirePlaceFor(output: string): string {
  const folder = dirname(output)
  if (problemWithFolder(folder) !== undefined) {
    throw new RangeError(`Cannot write "${output}": there is no folder "${folder}"`)
  }
  // The file takes the place of what is there: that must not be /dev/null, say.
  const kind = kindIfThere(output)
  if (kind !== undefined && kind !== 'file') {
    throw new RangeError(`Cannot write "${output}": it is a ${kind}`)
  }
  if (output === '' || output.endsWith('/')) {
    throw new RangeError(`Cannot write "${output}": it names no file`)
  }
  return output
}

function kindIfThere(path: string): EntryKind | undefined {
  try {
    return kindAt(path)
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined
    throw error
  }
}

/** Whether a path, as the walk names it, is the output, its journal or a temporary file of it. */
function ownPaths(folder: string, output: string): (path: string) => boolean {
  const real = join(realPath(dirname(output)), basename(output))
  const path = relative(realPath(folder), real)
  if (path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path)) return nothing
  const name = withoutLineTerminators(
    path.split('\\').join(process.platform === 'win32' ? '/' : '\\'),
  )
  const beside = name.slice(0, name.lastIndexOf('/') + 1)
  return (met) =>
    met === name ||
    met === journalOf(name) ||
    (met.startsWith(beside) && isTemporaryName(met.slice(beside.length)))
}

function nothing(): boolean {
  return false
}
