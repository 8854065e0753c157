import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastGlob from 'fast-glob'
import { commonFolder, isWithin, segmentsOf } from './paths.ts'

/** Something of a name that was looked for: a file, a folder, whatever has one. */
export interface FoundFile {
  readonly path: string
  readonly stats: Stats
}

/** What there is now. */
export interface Findings {
  readonly files: readonly FoundFile[]
  /** Why a name could not be looked at, where it is not simply missing. */
  readonly cause?: Error
}

/** Which folders tell of changes to what is looked for. */
export interface WatchScope {
  /** The folder to begin at. It may be missing; then the nearest that exists is watched for it. */
  readonly base: string
  /** Whether something that is looked for may be in that folder, or link to one, or the base may. */
  reaches(folder: string, isLink: boolean): boolean
}

/** A path or a glob, and how to find what it names. */
export interface FileSearch extends WatchScope {
  /** What is looked for, for messages. */
  readonly title: string
  /** Looks for it once. */
  find(): Promise<Findings>
}

/** A search for a path, or for a glob if it has a character that means one. URLs are paths. */
export function fileSearch(pathOrGlob: string | URL, cwd: string): FileSearch {
  if (pathOrGlob instanceof URL) return pathSearch(fileURLToPath(pathOrGlob))
  if (typeof pathOrGlob !== 'string' || pathOrGlob === '') {
    throw new TypeError(`Cannot wait for a file: got ${typeof pathOrGlob}, expected a path or glob`)
  }
  if (fastGlob.isDynamicPattern(pathOrGlob)) return globSearch(pathOrGlob, cwd)
  return pathSearch(resolve(cwd, pathOrGlob))
}

/** A search for one path. */
export function pathSearch(path: string): FileSearch {
  const base = dirname(path)
  return {
    title: `"${path}"`,
    base,
    reaches: (folder) => isWithin(base, folder),
    find: () => findPath(path),
  }
}

async function findPath(path: string): Promise<Findings> {
  try {
    return { files: [{ path, stats: await stat(path) }] }
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    return { files: [], cause }
  }
}

function globSearch(pattern: string, cwd: string): FileSearch {
  const bases = fastGlob.generateTasks(pattern, { cwd }).map((task) => resolve(cwd, task.base))
  const base = bases.reduce(commonFolder)
  const deepest = pattern.includes('**') ? Infinity : segmentsOf(base) + pattern.split('/').length
  return {
    title: `a match of "${pattern}"`,
    base,
    reaches: (folder, isLink) =>
      isWithin(base, folder) || (!isLink && isWithin(folder, base) && segmentsOf(folder) < deepest),
    find: () => findMatches(pattern, cwd),
  }
}

async function findMatches(pattern: string, cwd: string): Promise<Findings> {
  const paths = await fastGlob(pattern, {
    cwd,
    absolute: true,
    onlyFiles: false,
    followSymbolicLinks: false,
    // A folder that cannot be read, or is gone meanwhile, has no matches.
    suppressErrors: true,
  })
  const findings = await Promise.all(
    paths.sort().map(async (path) => await findPath(resolve(path))),
  )
  return { files: findings.flatMap(({ files }) => files) }
}
