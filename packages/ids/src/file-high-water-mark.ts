import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { crc32 } from 'node:zlib'
import { BrokenError } from '@cupola/core'
import { type AtomicFileSystem, requireObject, writeFileAtomic } from '@cupola/core/authoring'
import { requireText } from './hex.ts'
import type { HighWaterMark } from './high-water-mark.ts'

/** The part of a file system that a mark needs, so that a test can break it. */
export interface MarkFileSystem extends AtomicFileSystem {
  /** As `fs.promises.readFile`. */
  readFile(path: string): Promise<Uint8Array>
}

/** Where a mark is kept. */
export interface FileHighWaterMarkOptions {
  /**
   * What to store it with.
   *
   * @defaultValue `node:fs/promises`
   */
  readonly fileSystem?: MarkFileSystem | undefined
}

const LINE = /^cupola high-water mark 1 (?<mark>\d+) (?<checksum>[0-9a-f]{8})\n$/

/**
 * A mark in a file of its own. Each mark is written to a second file beside it, flushed, and renamed over
 * the first, and the folder is flushed: whenever the process is killed or the power fails, the file has one
 * mark or the other, whole.
 *
 * One process at a time uses a file; two would give out the same ids.
 *
 * @example Ids that survive a restart
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { CycleIdGenerator, FileHighWaterMark } from '@cupola/ids'
 *
 * const file = join(await mkdtemp(join(tmpdir(), 'ids-')), 'mark')
 * const address = { address: '10.0.0.1', port: 8080 }
 * const before = await CycleIdGenerator.open({ ...address, mark: new FileHighWaterMark(file) })
 * const after = await CycleIdGenerator.open({ ...address, mark: new FileHighWaterMark(file) })
 * before.next() < after.next() // => true
 * ```
 */
export class FileHighWaterMark implements HighWaterMark {
  readonly #path: string
  readonly #fileSystem: MarkFileSystem
  /** What is under way: two renames at a time could end in either order. */
  #writing: Promise<void> = Promise.resolve()
  /** What the file is known to have. */
  #stored: bigint | undefined

  /**
   * @param path - The file. Its folder has to be there.
   * @param options - What to store it with.
   * @throws TypeError If `path` is not a string or `options` not an object.
   */
  constructor(path: string, options: FileHighWaterMarkOptions = {}) {
    requireText('path', path)
    requireObject('options', options)
    this.#path = resolve(path)
    this.#fileSystem = options.fileSystem ?? { open, readFile, rename, rm, stat }
  }

  /**
   * The mark that is in the file; `undefined` if there is no file.
   *
   * @throws {@link BrokenError} If the file cannot be read, or has something else in it.
   */
  async read(): Promise<bigint | undefined> {
    const content = await this.#content()
    if (content === undefined) return undefined
    const { mark = '', checksum = '' } = LINE.exec(content)?.groups ?? {}
    if (mark === '' || checksumOf(mark) !== checksum) {
      throw new BrokenError('read the high-water mark', `${this.#path} has no mark in it`)
    }
    return BigInt(mark)
  }

  /**
   * Raises the mark in the file. One that is as high already stays as it is.
   *
   * @param upTo - The mark, from 0 up.
   * @throws TypeError If `upTo` is not a bigint.
   * @throws RangeError If it is below 0.
   * @throws {@link BrokenError} If the mark so far cannot be read, or the new one not be stored; the `cause`
   *   says why. It may be called again then.
   */
  async reserve(upTo: bigint): Promise<void> {
    if (typeof upTo !== 'bigint') {
      throw new TypeError(`Cannot use upTo: got ${typeof upTo}, expected a bigint`)
    }
    if (upTo < 0n) throw new RangeError(`Cannot use upTo: got ${upTo}, expected 0 or more`)
    // Whoever asked for the one before hears of its failure.
    const writing = this.#writing.catch(() => {}).then(() => this.#raise(upTo))
    this.#writing = writing
    await writing
  }

  async #raise(upTo: bigint): Promise<void> {
    this.#stored ??= (await this.read()) ?? 0n
    if (upTo <= this.#stored) return
    try {
      await this.#store(upTo)
    } catch (cause) {
      const problem = `${this.#path} cannot be written`
      throw new BrokenError('store the high-water mark', problem, { cause })
    }
    this.#stored = upTo
  }

  async #store(mark: bigint): Promise<void> {
    const text = String(mark)
    await writeFileAtomic(
      this.#path,
      `cupola high-water mark 1 ${text} ${checksumOf(text)}\n`,
      // One process at a time uses the file, so that one name is enough, and no more is ever left over.
      { temporary: `${this.#path}.new`, fileSystem: this.#fileSystem },
    )
  }

  async #content(): Promise<string | undefined> {
    try {
      return Buffer.from(await this.#fileSystem.readFile(this.#path)).toString('latin1')
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
      const problem = `${this.#path} cannot be read`
      throw new BrokenError('read the high-water mark', problem, { cause })
    }
  }
}

function checksumOf(mark: string): string {
  return crc32(mark).toString(16).padStart(8, '0')
}
