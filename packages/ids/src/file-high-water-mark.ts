import { randomBytes } from 'node:crypto'
import { open, readdir, readFile, readlink, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { crc32 } from 'node:zlib'
import { BrokenError } from '@cupola/core'
import {
  type AtomicFileSystem,
  requireBigInt,
  requireObject,
  requireString,
  writeFileAtomic,
} from '@cupola/core/authoring'
import type { HighWaterMark } from './high-water-mark.ts'

/** The part of a file system that a mark needs, so that a test can break it. */
export interface MarkFileSystem extends AtomicFileSystem {
  /** As `fs.promises.readFile`. */
  readFile(path: string): Promise<Uint8Array>
  /** As `fs.promises.readdir`. */
  readdir(path: string): Promise<readonly string[]>
  /** As `fs.promises.readlink`. */
  readlink(path: string): Promise<string>
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

/** The mark, and 16 digits that were drawn when it was written: no two writings are the same. */
const LINE =
  /^cupola high-water mark 1 (?<content>(?<mark>\d+) [0-9a-f]{16}) (?<checksum>[0-9a-f]{8})\n$/
const ANY_VERSION = /^cupola high-water mark (?<version>\d+) /

/** What is between the name of the file and the end of the name that it is first written under. */
const DRAFT = /^\.[0-9a-f]{16}\.new$/

/** As many symbolic links in a row as Linux follows. */
const MOST_LINKS = 40

/** What is in the file: 0, if there is none. */
interface Found {
  readonly text: string | undefined
  readonly mark: bigint
}

/**
 * A mark in a file of its own. Each mark is written to a second file beside it, flushed, and renamed over
 * the first, and the folder is flushed: whenever the process is killed or the power fails, the file has one
 * mark or the other, whole.
 *
 * One process at a time uses a file. Who raises it is refused if somebody else has done so meanwhile, in
 * whatever process or thread, and so gives no id that the other has; of several who raise it in the same
 * moment one at most does so, and perhaps nobody. Who was refused goes on with a new object, which begins
 * behind the others. What a process leaves beside the file that is killed, the next raise takes away.
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
  /** Where the file is; where a symbolic link to it is, before it is first used. */
  #path: string
  readonly #fileSystem: MarkFileSystem
  /** What is under way: two renames at a time could end in either order. */
  #writing: Promise<void> = Promise.resolve()
  /** What the file has, unless somebody else uses it. */
  #stored: Found | undefined
  /** What it may have instead: storing that has failed, perhaps half-way. */
  readonly #tried = new Set<string | undefined>()

  /**
   * @param path - The file, or a symbolic link to it. Its folder has to be there.
   * @param options - What to store it with.
   * @throws TypeError If `path` is not a string, `options` not an object or `fileSystem` none.
   */
  constructor(path: string, options: FileHighWaterMarkOptions = {}) {
    requireString('path', path)
    requireObject('options', options)
    const { fileSystem = { open, readdir, readFile, readlink, rename, rm, stat } } = options
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
    await this.#followLinks()
    const found = await this.#found()
    this.#stored ??= found
    return found.text === undefined ? undefined : found.mark
  }

  /**
   * Raises the mark in the file. One that is as high already stays as it is.
   *
   * @param upTo - The mark, from 0 up.
   * @throws TypeError If `upTo` is not a bigint.
   * @throws RangeError If it is below 0.
   * @throws {@link BrokenError} If the mark so far cannot be read, or the new one not be stored; the `cause`
   *   says why. It may be called again then. Or if somebody else has changed the file since this object
   *   last read or wrote it, or does so now.
   */
  async reserve(upTo: bigint): Promise<void> {
    requireBigInt('upTo', upTo, 0n)
    // Whoever asked for the one before hears of its failure.
    const writing = this.#writing.catch(() => {}).then(() => this.#raise(upTo))
    this.#writing = writing
    await writing
  }

  async #raise(upTo: bigint): Promise<void> {
    await this.#followLinks()
    const found = await this.#foundMine()
    if (found.text === this.#stored?.text && upTo <= found.mark) return
    const draft = randomBytes(8).toString('hex')
    // One that was stored although that failed may be higher; a mark never goes back.
    const mark = upTo > found.mark ? upTo : found.mark
    const text = lineOf(mark, draft)
    this.#tried.add(text)
    try {
      await this.#store(text, `${this.#path}.${draft}.new`)
    } catch (cause) {
      if (cause instanceof BrokenError) throw cause
      const problem = `${this.#path} cannot be written`
      throw new BrokenError('store the high-water mark', problem, { cause })
    }
    this.#stored = { text, mark }
    this.#tried.clear()
  }

  /**
   * A rename would put the mark in the place of the link, and what the link leads to would stay behind: who
   * next comes that way would begin there. Not by `realpath`, as the file may not be there yet.
   */
  async #followLinks(): Promise<void> {
    for (let links = 0; links < MOST_LINKS; links++) {
      // Where it is no link. If it is something else that is wrong, reading the file will tell.
      const target = await this.#fileSystem.readlink(this.#path).catch(() => undefined)
      if (target === undefined) return
      this.#path = resolve(dirname(this.#path), target)
    }
  }

  async #store(text: string, draft: string): Promise<void> {
    const fileSystem: AtomicFileSystem = {
      open: (path, flags, permissions) => this.#fileSystem.open(path, flags, permissions),
      rename: (from, to) => this.#renameAlone(from, to),
      rm: (path, options) => this.#fileSystem.rm(path, options),
      stat: (path) => this.#fileSystem.stat(path),
    }
    await writeFileAtomic(this.#path, text, { temporary: draft, fileSystem })
  }

  /**
   * Puts the draft in the place of the file, unless somebody else does so.
   *
   * The tempting lock would outlive a process that is killed. Instead, whoever raises the mark first
   * writes a draft, then takes away all others' and looks at the file once more. Of two, either one
   * sees the other's draft, so that the other has nothing left to rename; or that was renamed
   * before, and the one sees another file. So no two have both looked and renamed.
   */
  async #renameAlone(draft: string, path: string): Promise<void> {
    const folder = dirname(path)
    for (const name of await this.#fileSystem.readdir(folder)) {
      if (!name.startsWith(basename(path)) || !DRAFT.test(name.slice(basename(path).length)))
        continue
      if (name !== basename(draft)) await this.#fileSystem.rm(join(folder, name), { force: true })
    }
    await this.#foundMine()
    try {
      await this.#fileSystem.rename(draft, path)
    } catch (cause) {
      if (!isMissing(cause)) throw cause
      const problem = `somebody else raises the one in ${path} at the same moment`
      throw new BrokenError('store the high-water mark', problem, { cause })
    }
  }

  /** What is in the file, if nobody else has put it there since this object first looked. */
  async #foundMine(): Promise<Found> {
    const found = await this.#found()
    this.#stored ??= found
    if (found.text === this.#stored.text || this.#tried.has(found.text)) return found
    const instead = `which has ${found.mark} instead of ${this.#stored.mark}`
    const problem = `somebody else uses ${this.#path}, ${instead}`
    throw new BrokenError('store the high-water mark', problem)
  }

  async #found(): Promise<Found> {
    const text = await this.#text()
    if (text === undefined) return { text, mark: 0n }
    const { content = '', mark = '', checksum } = LINE.exec(text)?.groups ?? {}
    if (checksumOf(content) === checksum) return { text, mark: BigInt(mark) }
    throw new BrokenError('read the high-water mark', `${this.#path} ${oddityOf(text)}`)
  }

  async #text(): Promise<string | undefined> {
    try {
      return Buffer.from(await this.#fileSystem.readFile(this.#path)).toString('latin1')
    } catch (cause) {
      if (isMissing(cause)) return undefined
      const problem = `${this.#path} cannot be read`
      throw new BrokenError('read the high-water mark', problem, { cause })
    }
  }
}

function requireFileSystem(fileSystem: MarkFileSystem): void {
  requireObject('fileSystem', fileSystem)
  for (const method of [
    'open',
    'readdir',
    'readFile',
    'readlink',
    'rename',
    'rm',
    'stat',
  ] as const) {
    if (typeof fileSystem[method] === 'function') continue
    throw new TypeError(`Cannot use fileSystem: it has no ${method}(), expected a MarkFileSystem`)
  }
}

function lineOf(mark: bigint, drawn: string): string {
  const content = `${mark} ${drawn}`
  return `cupola high-water mark 1 ${content} ${checksumOf(content)}\n`
}

function checksumOf(content: string): string {
  return crc32(content).toString(16).padStart(8, '0')
}

function oddityOf(text: string): string {
  const { version = '1' } = ANY_VERSION.exec(text)?.groups ?? {}
  return version === '1' ? 'has no mark in it' : `has a mark of version ${version}, expected 1`
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
