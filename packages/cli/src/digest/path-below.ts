import { systemPath } from './byte-names.ts'

/**
 * The path of an entry as `node:fs` takes it. Relative folders stay relative: the working
 * directory's own name may not be text.
 */
export function pathBelow(folder: string, path: string): string | Buffer {
  if (path === '') return systemPath(folder)
  return systemPath(folder.endsWith('/') ? `${folder}${path}` : `${folder}/${path}`)
}
