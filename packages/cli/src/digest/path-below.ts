import { realpathSync } from 'node:fs'
import { nameOf, systemPath } from './byte-names.ts'

/**
 * The path of an entry as `node:fs` takes it. Relative folders stay relative: the working
 * directory's own name may not be text.
 */
export function pathBelow(folder: string, path: string): string | Buffer {
  if (path === '') return systemPath(folder)
  // Manifests of others may name files anywhere.
  if (path.startsWith('/')) return systemPath(path)
  return systemPath(folder.endsWith('/') ? `${folder}${path}` : `${folder}/${path}`)
}

/**
 * A path without links and dots, as a name. The system resolves it: `realpathSync` itself begins
 * with the name of the working directory, which it takes for text.
 */
export function realPath(path: string): string {
  return nameOf(realpathSync.native(path, 'buffer'))
}
