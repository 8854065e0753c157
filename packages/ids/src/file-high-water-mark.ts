import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { crc32 } from 'node:zlib'
import { BrokenError } from '@cupola/core'
import { type AtomicFileSystem, requireObject, writeFileAtomic } from '@cupola/core/authoring'
import type { HighWaterMark } from './high-water-mark.ts'
import { requireText } from './text-argument.ts'

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
 * One process at a time uses a file. Before each raise the file is read again: who finds that somebody else
 * has raised it is refused, and gives no id that the other has. Only two who raise it in the same moment
 * are not found out. Who was refused goes on with a new object, which begins behind the other.
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
  /** What the file has, unless somebody else uses it. */
  #stored: bigint | undefined
  /** What it may have instead: storing that has failed, perhaps half-way. */
  readonly #tried = new Set<bigint>()

  /**
   * @param path - The file. Its folder has to be there.
   * @param options - What to store it with.
   * @throws TypeError If `path` is not a string, `options` not an object or `fileSystem` none.
   */
  constructor(path: string, options: FileHighWaterMarkOptions = {}) {
    requireText('path', path)
    requireObject('options', options)
    const { fileSystem = { open, readFile, rename, rm, stat } } = options
    requireFileSystem(fileSystem)
    this.#path = resolve(path)
    this.#fileSystem = fileSystem
  }

  /**
   * The mark that is in the file; `undefined` if there is no file.
   *
   * @throws {@link BrokenError} If the file cannot be read, or has something else in it.
   */
  async read(): Promise<bigint | undefined> {
    const mark = await this.#markInFile()
    this.#stored ??= mark ?? 0n
    return mark
  }

  /**
   * Raises the mark in the file. One that is as high already stays as it is.
   *
   * @param upTo - The mark, from 0 up.
   * @throws TypeError If `upTo` is not a bigint.
   * @throws RangeError If it is below 0.
   * @throws {@link BrokenError} If the mark so far cannot be read, or the new one not be stored; the `cause`
   *   says why. It may be called again then. Or if somebody else has changed the file since this object
   *   last read or wrote it.
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
    const found = (await this.#markInFile()) ?? 0n
    this.#stored ??= found
    if (found !== this.#stored && !this.#tried.has(found)) {
      const problem = `somebody else uses ${this.#path}, which has ${found} instead of ${this.#stored}`
      throw new BrokenError('store the high-water mark', problem)
    }
    if (upTo <= this.#stored) return
    this.#tried.add(upTo)
    try {
      await this.#store(upTo)
    } catch (cause) {
      const problem = `${this.#path} cannot be written`
      throw new BrokenError('store the high-water mark', problem, { cause })
    }
    this.#stored = upTo
    this.#tried.clear()
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

  async #markInFile(): Promise<bigint | undefined> {
    const content = await this.#content()
    if (content === undefined) return undefined
    const { mark = '', checksum = '' } = LINE.exec(content)?.groups ?? {}
    if (mark === '' || checksumOf(mark) !== checksum) {
      throw new BrokenError('read the high-water mark', `${this.#path} has no mark in it`)
    }
    return BigInt(mark)
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

function requireFileSystem(fileSystem: MarkFileSystem): void {
  requireObject('fileSystem', fileSystem)
  for (const method of ['open', 'readFile', 'rename', 'rm', 'stat'] as const) {
    if (typeof fileSystem[method] === 'function') continue
    throw new TypeError(`Cannot use fileSystem: it has no ${method}(), expected a MarkFileSystem`)
  }
}

function checksumOf(mark: string): string {
  return crc32(mark).toString(16).padStart(8, '0')
}
