import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { renameStubbornly, syncDirectory } from '@cupola/core/authoring'

/** How much is gathered before it is written. */
const CHUNK_BYTES = 256 * 1024

/**
 * A file that is there completely or not at all: it is written under another name in the same
 * folder, synced, and then given its own name.
 */
export class AtomicFile {
  readonly #path: string
  readonly #temporary: string
  readonly #file: FileHandle
  #gathered: string[] = []
  #length = 0

  private constructor(path: string, temporary: string, file: FileHandle) {
    this.#path = path
    this.#temporary = temporary
    this.#file = file
  }

  /** Begins to write. Until {@link commit}, a file of that name stays as it is. */
  static async create(path: string): Promise<AtomicFile> {
    const temporary = join(dirname(path), temporaryName())
    return new AtomicFile(path, temporary, await open(temporary, 'wx'))
  }

  /**
   * Appends bytes, one per character (`latin1`).
   *
   * @returns What to wait for before the next, if anything.
   */
  write(text: string): Promise<void> | undefined {
    this.#gathered.push(text)
    this.#length += text.length
    return this.#length < CHUNK_BYTES ? undefined : this.#flush()
  }

  /** Puts the file in its place, where it survives a crash of the machine from now on. */
  async commit(): Promise<void> {
    await this.#flush()
    await this.#file.sync()
    await this.#file.close()
    await renameStubbornly(this.#temporary, this.#path)
    await syncDirectory(dirname(this.#path))
  }

  /** Gives up: nothing is left of it. */
  async discard(): Promise<void> {
    await this.#file.close()
    await rm(this.#temporary, { force: true })
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#gathered.join(''), 'latin1')
    this.#gathered = []
    this.#length = 0
    await this.#file.appendFile(bytes)
  }
}

const TEMPORARY = /^\.[\da-f]{16}\.cupola-temp$/

/** The name that a file has while it is written: nobody else's, nor that of a run that was killed. */
function temporaryName(): string {
  return `.${randomBytes(8).toString('hex')}.cupola-temp`
}

/** Whether a file of this name is, or was left over from, an {@link AtomicFile} being written. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY.test(name)
}
