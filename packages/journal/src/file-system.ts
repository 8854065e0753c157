/**
 * The few things that a journal asks of a file system, so that a test can bring one that crashes.
 *
 * A write is on disk for certain only after `sync()` of its file, and a name only after
 * `syncDirectory()`. What fails rejects with an error that has a `code`, as those of Node do.
 */
export interface FileSystem {
  /** Makes a directory, and those above it, unless it is there. Its name is on disk afterwards. */
  makeDirectory(path: string): Promise<void>
  /** The names in a directory, in any order. */
  list(directory: string): Promise<readonly string[]>
  /**
   * Opens a file: to `read` it, to `write` to one that is there, or to `create` one that is not, and
   * fail with `EEXIST` if it is.
   */
  open(path: string, mode: 'read' | 'write' | 'create'): Promise<StoredFile>
  /** Gives a file another name, at once and in the place of any file that has it. */
  rename(from: string, to: string): Promise<void>
  /** Takes a file away. */
  remove(path: string): Promise<void>
  /** Resolves when all names of the directory are on disk as they were when this was called. */
  syncDirectory(path: string): Promise<void>
  /** Takes the one right to write in the directory; rejects if somebody has it. */
  lock(directory: string): Promise<DirectoryLock>
}

/** An open file. */
export interface StoredFile {
  /** How long it is. */
  size(): Promise<number>
  /** Reads from `position` into the buffer. Resolves with how much it was; 0 is the end. */
  read(into: Uint8Array, position: number): Promise<number>
  /** Writes at `position`. Gives how much was written, which may be less than all. */
  write(bytes: Uint8Array, position: number): Promise<number> | number
  /** Cuts it to so many bytes. */
  truncate(size: number): Promise<void>
  /** Resolves when all that was written is on disk. */
  sync(): Promise<void>
  /** Closes it. */
  close(): Promise<void>
}

/** The right to write in a directory. */
export interface DirectoryLock {
  /** Gives it back. */
  release(): Promise<void>
}

/**
 * Writes all of it, however little the file system takes at a time.
 *
 * @throws What `write` rejects with; an error of its own if nothing more is taken.
 */
export async function writeAll(
  file: StoredFile,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const taken = await file.write(done === 0 ? bytes : bytes.subarray(done), position + done)
    if (taken === 0) throw new Error(`Cannot write: ${bytes.length - done} bytes were not taken`)
    done += taken
  }
}

/** Fills the buffer, or as much of it as the file has from `position` on. Returns what was filled. */
export async function readAll(file: StoredFile, into: Buffer, position: number): Promise<Buffer> {
  let done = 0
  while (done < into.length) {
    const got = await file.read(done === 0 ? into : into.subarray(done), position + done)
    if (got === 0) break
    done += got
  }
  return into.subarray(0, done)
}
