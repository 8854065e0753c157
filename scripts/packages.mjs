// The packages of a workspace, as the checks see them.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const SCOPE = '@cupola/'

/**
 * Every package that has a source, in alphabetical order.
 *
 * @param {string} root - The folder of the workspace.
 * @returns {{ folder: string, path: string, manifest: Record<string, any> }[]} `folder` is its name
 *   in `packages/`, `path` is absolute.
 */
export function packagesOf(root) {
  return readdirSync(join(root, 'packages'))
    .sort()
    .map((folder) => ({ folder, path: join(root, 'packages', folder) }))
    .filter(({ path }) => existsSync(join(path, 'src/index.ts')))
    .map((place) => ({ ...place, manifest: readJson(join(place.path, 'package.json')) }))
}

/** All files below a folder, `/` between their names, in a stable order; none if it is missing. */
export function filesBelow(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
}

export function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'))
}

/** Ends a check: prints what is wrong, a line each, and sets the exit code. */
export function report(problems) {
  for (const problem of problems) console.log(problem)
  if (problems.length > 0) process.exitCode = 1
}
