import { randomBytes } from 'node:crypto'
import { open, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { nodeFileSystem } from './node-file-system.ts'

/**
 * Writes a whole file, so that whoever reads it, and a crash at any moment, finds either what was there
 * before or all of the new content.
 *
 * It is written under another name in the same directory, synced, and renamed; then the directory is
 * synced. A file that is there keeps its permissions; its owner and other hard links are not kept. A
 * symbolic link is replaced by the file. Of calls for one file at the same time, one comes last and wins.
 *
 * Cost: two syncs. After a crash, a file of a name like `.settings.json-0a1b2c3d4e5f.temp` may be left.
 *
 * @param path - The file.
 * @param data - All that is to be in it; text becomes UTF-8.
 * @returns Resolves when it is on disk under its name.
 * @throws What the file system rejects with. The file is as it was then, unless only the sync of the
 *   directory failed.
 *
 * @example Save settings
 * ```ts
 * import { mkdtemp, readFile } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { writeFileAtomic } from '@cupola/journal'
 *
 * const path = join(await mkdtemp(join(tmpdir(), 'settings-')), 'settings.json')
 * await writeFileAtomic(path, '{}')
 * await readFile(path, 'utf8') // => '{}'
 * ```
 */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`Cannot use data: got ${typeof data}, expected a string or a Uint8Array`)
  }
  const directory = dirname(path)
  const name = `.${basename(path)}-${randomBytes(6).toString('hex')}.temp`
  const temporary = join(directory, name)
  try {
    await write(temporary, bytes, await permissionsOf(path))
    await nodeFileSystem.rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await nodeFileSystem.syncDirectory(directory)
}

/** The permissions come before the sync, which brings them to disk with the content. */
async function write(path: string, bytes: Uint8Array, permissions?: number): Promise<void> {
  const file = await open(path, 'wx', permissions)
  try {
    // What was asked for is less the process's mask.
    if (permissions !== undefined) await file.chmod(permissions)
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, done)
      done += bytesWritten
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

async function permissionsOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o7777
  } catch {
    // Most likely it is not there; if it is something else, renaming will tell.
    return undefined
  }
}
