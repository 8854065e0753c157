import { dirname, parse, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Whether an absolute path is `folder` or in it, at any depth. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

/** The deepest folder that both absolute paths are in. */
export function commonFolder(one: string, other: string): string {
  let folder = one
  while (!isWithin(other, folder) && folder !== parse(folder).root) folder = dirname(folder)
  return folder
}

/** How many names an absolute path has. */
export function segmentsOf(path: string): number {
  return path.split(sep).filter(Boolean).length
}

/**
 * Checks a path, and makes a text of it. The system takes no path with a NUL in it: whoever looks for
 * one would look for ever.
 */
export function requirePath(name: string, path: string | URL): string {
  const text = path instanceof URL ? fileURLToPath(path) : path
  if (typeof text === 'string' && text !== '' && !text.includes('\0')) return text
  const problem = typeof text === 'string' ? JSON.stringify(text) : typeof text
  throw new TypeError(`Cannot use ${name}: got ${problem}, expected a path`)
}
