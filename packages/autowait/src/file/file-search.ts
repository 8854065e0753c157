import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import fastGlob from 'fast-glob'
import { inParallel } from '../in-parallel.ts'
import { isAbsence } from '../system-errors.ts'
import { ErrorNotes } from './error-notes.ts'
import { commonFolder, requirePath, segmentsOf } from './paths.ts'
import type { WatchScope } from './watch-scope.ts'

/** Something of a name that was looked for: a file, a folder, whatever has one. */
export interface FoundFile {
  readonly path: string
  readonly stats: Stats
}

/** What there is now. */
export interface Findings {
  readonly files: readonly FoundFile[]
  /** Of a path why there is nothing, of a glob why the system does not tell what there is. */
  readonly cause?: Error | undefined
}

/** A path or a glob, and how to find what it names. */
export interface FileSearch {
  /** What is looked for, for messages. */
  readonly title: string
  /** Which folders tell of changes to it. */
  readonly scope: WatchScope
  /** Looks for it once. What the system refuses to tell is part of the findings. */
  find(): Promise<Findings>
}

/** How a text is to be understood. */
export interface FileSearchOptions {
  /**
   * Where relative paths and globs begin.
   *
   * @defaultValue `process.cwd()`
   */
  readonly cwd?: string | undefined
  /**
   * Whether a text is a path, whatever characters it has.
   *
   * @defaultValue false
   */
  readonly literal?: boolean | undefined
}

/** A search for a path, or for a glob if it has a character that means one. URLs are paths. */
export function fileSearch(pathOrGlob: string | URL, options: FileSearchOptions): FileSearch {
  const text = requirePath('path', pathOrGlob)
  // Now: the current folder may be another one at the next look.
  const cwd = resolve(requirePath('cwd', options.cwd ?? process.cwd()))
  const path = resolve(cwd, text)
  const isPath = pathOrGlob instanceof URL || options.literal === true
  if (isPath || !fastGlob.isDynamicPattern(text)) return pathSearch(path)
  const tasks = fastGlob.generateTasks(text, { cwd })
  // A negation of nothing, "!a": it matches nothing.
  if (tasks.length === 0) return pathSearch(path)
  return globSearch(text, cwd, tasks.map(({ base }) => resolve(cwd, base)).reduce(commonFolder))
}

/** A search for one path. */
export function pathSearch(path: string): FileSearch {
  return {
    title: `"${path}"`,
    scope: { base: dirname(path), depth: 0 },
    find: async () => await findPath(path),
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

function globSearch(pattern: string, cwd: string, base: string): FileSearch {
  const literal = resolve(cwd, pattern)
  const levels = segmentsOf(literal) - segmentsOf(base)
  return {
    title: `a match of "${pattern}"`,
    scope: { base, depth: pattern.includes('**') ? Infinity : levels },
    find: async () => {
      const matches = await findMatches(pattern, cwd)
      // "{a,b}" matches "a" and "b". There may well be a file of that very name.
      const { files } = await findPath(literal)
      return matches.files.length > 0 ? matches : { ...matches, files }
    },
  }
}

async function findMatches(pattern: string, cwd: string): Promise<Findings> {
  const notes = new ErrorNotes()
  const paths = await fastGlob(pattern, {
    cwd,
    absolute: true,
    onlyFiles: false,
    followSymbolicLinks: false,
    // One folder that cannot be read does not keep us from looking into the others.
    suppressErrors: true,
    fs: notes.fileSystem,
  })
  const findings = await inParallel(paths.sort(), async (path) => await findPath(resolve(path)))
  const causes = findings.flatMap(({ cause }) => (cause === undefined ? [] : [cause]))
  return {
    files: findings.flatMap(({ files }) => files),
    cause: notes.first ?? causes.find((cause) => !isAbsence(cause)) ?? unnameable(paths),
  }
}

/** Node.js gives names that are no UTF-8 in such a way that they cannot be looked up. */
function unnameable(paths: readonly string[]): Error | undefined {
  const path = paths.find((each) => each.includes('\uFFFD'))
  return path === undefined ? undefined : new Error(`the name of "${path}" is no UTF-8`)
}
