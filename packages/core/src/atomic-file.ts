import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The part of a file system that replaces a file, so that a test can break it. As `fs.promises`. */
export interface AtomicFileSystem {
  /** Opens a file, or a directory to sync it. */
  open(
    path: string,
    flags: 'r' | 'w' | 'wx',
    permissions?: number,
  ): Promise<Pick<FileHandle, 'write' | 'chmod' | 'sync' | 'close'>>
  /** Gives a file another name, in the place of any file that has it. */
  rename(from: string, to: string): Promise<void>
  /** Takes a file away, if it is there. */
  rm(path: string, options: { readonly force: true }): Promise<void>
  /** Tells the permissions of a file. */
  stat(path: string): Promise<{ readonly mode: number }>
}

/** How to replace a file. */
export interface AtomicWriteOptions {
  /**
   * Where it is written first, in the same directory: for one who is alone in writing the file. What
   * a crash has left there is overwritten by the next call.
   *
   * @defaultValue a new name each time
   */
  readonly temporary?: string | undefined
  /**
   * Where the file is: for tests.
   *
   * @defaultValue the machine's own files
   */
  readonly fileSystem?: AtomicFileSystem | undefined
}

/** How often, and how long apart, Windows is asked again for a name that a virus scanner holds. */
const RENAME_TRIES = 10
const RENAME_PAUSE_MS = 50

/**
 * Writes a whole file, so that whoever reads it, and a crash at any moment, finds either what was there
 * before or all of the new content.
 *
 * It is written under another name in the same directory, synced, and renamed; then the directory is
 * synced. A file that is there keeps its permissions; its owner and other hard links are not kept. A
 * symbolic link is replaced by the file. Of calls for one file at the same time, one comes last and wins.
 *
 * Cost: two syncs. After a crash, a file of a name like `.0a1b2c3d4e5f6.cupola-temp` may be left.
 *
 * @param path - The file.
 * @param data - All that is to be in it; text becomes UTF-8. Bytes must stay as they are meanwhile.
 * @param options - Where it is written first.
 * @returns Resolves when it is on disk under its name.
 * @throws TypeError If `data` is neither text nor bytes.
 * @throws What the file system rejects with. The file is as it was then, unless only the sync of the
 *   directory failed.
 *
 * @example Save settings
 * ```ts
 * import { mkdtemp, readFile } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { writeFileAtomic } from '@cupola/core/authoring'
 *
 * const path = join(await mkdtemp(join(tmpdir(), 'settings-')), 'settings.json')
 * await writeFileAtomic(path, '{}')
 * await readFile(path, 'utf8') // => '{}'
 * ```
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  { temporary, fileSystem = { open, rename, rm, stat } }: AtomicWriteOptions = {},
): Promise<void> {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`Cannot use data: got ${typeof data}, expected a string or a Uint8Array`)
  }
  const first = temporary ?? join(dirname(path), temporaryName())
  const permissions = await permissionsOf(path, fileSystem)
  const file = await fileSystem.open(first, temporary === undefined ? 'wx' : 'w', permissions)
  try {
    await writeAndClose(file, bytes, permissions)
    await renameStubbornly(first, path, fileSystem)
  } catch (error) {
    // If that fails too, a file is left over: what went wrong first says more.
    await fileSystem.rm(first, { force: true }).catch(() => {})
    throw error
  }
  await syncDirectory(dirname(path), fileSystem)
}

/**
 * Brings the names in a directory to disk. Does nothing on Windows, where a name is on disk with its file.
 *
 * @throws What the file system rejects with.
 */
export async function syncDirectory(
  path: string,
  fileSystem: Pick<AtomicFileSystem, 'open'> = { open },
): Promise<void> {
  if (process.platform === 'win32') return
  const directory = await fileSystem.open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/**
 * Gives a file another name, in the place of any file that has it. On Windows that is not possible while
 * somebody has the file open; they mostly go away, so it is tried for half a second.
 *
 * @throws What the file system rejects with.
 */
export async function renameStubbornly(
  from: string,
  to: string,
  fileSystem: Pick<AtomicFileSystem, 'rename'> = { rename },
): Promise<void> {
  for (let left = RENAME_TRIES; ; left--) {
    try {
      await fileSystem.rename(from, to)
      return
    } catch (error) {
      if (left === 0 || !isHeldByOthers(error)) throw error
      await new Promise((done) => setTimeout(done, RENAME_PAUSE_MS))
    }
  }
}

/** The permissions come before the sync, which brings them to disk with the content. */
async function writeAndClose(
  file: Awaited<ReturnType<AtomicFileSystem['open']>>,
  bytes: Uint8Array,
  permissions: number | undefined,
): Promise<void> {
  try {
    // What it was opened with is less the process's mask.
    if (permissions !== undefined) await file.chmod(permissions)
    // A disk that is nearly full takes a part, and says so.
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await file.write(bytes, at, bytes.length - at, at)
      if (bytesWritten === 0) throw new Error('Nothing was written')
      at += bytesWritten
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Not made from the file's own name, which may be as long as a name can be. */
function temporaryName(): string {
  return `.${Math.random().toString(16).slice(2)}.cupola-temp`
}

async function permissionsOf(
  path: string,
  fileSystem: AtomicFileSystem,
): Promise<number | undefined> {
  try {
    return (await fileSystem.stat(path)).mode & 0o7777
  } catch {
    // Most likely it is not there; if it is something else, renaming will tell.
    return undefined
  }
}

function isHeldByOthers(error: unknown): boolean {
  if (process.platform !== 'win32' || !(error instanceof Error) || !('code' in error)) return false
  return error.code === 'EPERM' || error.code === 'EACCES' || error.code === 'EBUSY'
}
