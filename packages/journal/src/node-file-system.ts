import {
  close,
  constants,
  fdatasync,
  fstat,
  ftruncate,
  open as openFile,
  read,
  write,
  writeSync,
} from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { promisify } from 'node:util'
import { BrokenError } from '@cupola/core'
import { renameStubbornly, syncDirectory } from '@cupola/core/authoring'
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

/** Opening a pipe would wait for its other end, and take one of the few threads for that. */
const AT_ONCE = constants.O_NONBLOCK ?? 0

const FLAGS = {
  read: constants.O_RDONLY | AT_ONCE,
  write: constants.O_RDWR | AT_ONCE,
  create: 'wx+',
} as const

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
  open: async (path, mode) => {
    const descriptor = await openLater(path, FLAGS[mode])
    if ((await fstatLater(descriptor)).isFile()) return new NodeFile(descriptor)
    await closeLater(descriptor)
    throw new BrokenError(`open "${path}"`, 'it is not a file')
  },
  rename: (from, to) => renameStubbornly(from, to),
  remove: (path) => rm(path),
  syncDirectory: (path) => syncDirectory(path),
  lock: (directory): Promise<DirectoryLock> => lockDirectory(directory),
}

/**
 * Closes the files of those who have gone without closing them: who reads in a loop by hand, with
 * `next()`, and forgets about it in the middle.
 */
const forgotten = new FinalizationRegistry<number>((descriptor) => close(descriptor, () => {}))

class NodeFile implements StoredFile {
  readonly #descriptor: number

  constructor(descriptor: number) {
    this.#descriptor = descriptor
    forgotten.register(this, descriptor, this)
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
    forgotten.unregister(this)
    return closeLater(this.#descriptor)
  }
}
