import {
  close,
  fdatasync,
  fstat,
  ftruncate,
  open as openFile,
  read,
  write,
  writeSync,
} from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { promisify } from 'node:util'
import { lockDirectory } from './directory-lock.ts'
import type { DirectoryLock, FileSystem, StoredFile } from './file-system.ts'

// Not the `FileHandle` of `node:fs/promises`: it costs several promises and a timer-like bookkeeping
// per call, where one record at a time is all about the time of a write and a sync.
const closeLater = promisify(close)
const fdatasyncLater = promisify(fdatasync)
const fstatLater = promisify(fstat)
const ftruncateLater = promisify(ftruncate)
const openLater = promisify(openFile)

/**
 * So much is written by this thread. It only goes to the system's memory, in a few microseconds for
 * most writes and some 50 for this many, where another thread would take as long to wake up alone.
 */
const AT_ONCE_BYTES = 256 * 1024

const FLAGS = { read: 'r', write: 'r+', create: 'wx+' } as const

/** How often, and how long apart, Windows is asked again for a name that a virus scanner holds. */
const RENAME_TRIES = 10
const RENAME_PAUSE_MS = 50

/** The machine's own files. */
export const nodeFileSystem: FileSystem = {
  async makeDirectory(path) {
    const first = await mkdir(path, { recursive: true })
    if (first === undefined) return
    const top = dirname(resolve(first))
    for (let made = resolve(path); made !== top; made = dirname(made)) {
      await syncDirectory(dirname(made))
    }
  },
  list: (directory) => readdir(directory),
  open: async (path, mode) => new NodeFile(await openLater(path, FLAGS[mode])),
  rename: renameStubbornly,
  remove: (path) => rm(path),
  syncDirectory,
  lock: (directory): Promise<DirectoryLock> => lockDirectory(directory),
}

class NodeFile implements StoredFile {
  readonly #descriptor: number

  constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  async size(): Promise<number> {
    return (await fstatLater(this.#descriptor)).size
  }

  read(into: Uint8Array, position: number): Promise<number> {
    return new Promise((fulfill, reject) => {
      read(this.#descriptor, into, 0, into.length, position, (error, got) =>
        error ? reject(error) : fulfill(got),
      )
    })
  }

  write(bytes: Uint8Array, position: number): Promise<number> | number {
    if (bytes.length <= AT_ONCE_BYTES) {
      return writeSync(this.#descriptor, bytes, 0, bytes.length, position)
    }
    return new Promise((fulfill, reject) => {
      write(this.#descriptor, bytes, 0, bytes.length, position, (error, taken) =>
        error ? reject(error) : fulfill(taken),
      )
    })
  }

  truncate(size: number): Promise<void> {
    return ftruncateLater(this.#descriptor, size)
  }

  /** `fdatasync`, which includes the size of the file, and on macOS the drive's own cache. */
  sync(): Promise<void> {
    return fdatasyncLater(this.#descriptor)
  }

  close(): Promise<void> {
    return closeLater(this.#descriptor)
  }
}

/** Windows has no such thing: there a name is on disk with its file. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** On Windows a name cannot be given while somebody has the file open; they mostly go away. */
async function renameStubbornly(from: string, to: string): Promise<void> {
  for (let left = RENAME_TRIES; ; left--) {
    try {
      await rename(from, to)
      return
    } catch (error) {
      if (left === 0 || !isHeldByOthers(error)) throw error
      await new Promise((done) => setTimeout(done, RENAME_PAUSE_MS))
    }
  }
}

function isHeldByOthers(error: unknown): boolean {
  if (process.platform !== 'win32' || !(error instanceof Error) || !('code' in error)) return false
  return error.code === 'EPERM' || error.code === 'EACCES' || error.code === 'EBUSY'
}
