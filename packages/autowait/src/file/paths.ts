import { dirname, parse, sep } from 'node:path'

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
