import { type Dirent, readdir } from 'node:fs'
import { resolve } from 'node:path'
import type { FileSystemAdapter } from 'fast-glob'
import { nameOf, needsBytes } from './byte-names.ts'
import type { Typed } from './entry-kind.ts'
import { pathBelow } from './path-below.ts'

/** An entry as a glob walker sees it: its name is a string, whatever bytes it has. */
export interface NamedEntry extends Typed {
  name: string
}

type Answer = (error: null, entries: NamedEntry[]) => void

/** What a {@link DirectoryReader} asks and tells. */
export interface DirectoryReaderOwner {
  /** Whether there are enough entries for now. */
  isFull(): boolean
  /** A folder could not be read; the walk takes it for empty. */
  onError(path: string, error: Error): void
}

/**
 * Reads folders for fast-glob, which takes a `readdir` of one's own. Two things are better here: no
 * name is lost (see `byte-names.ts`), and folders are read no faster than their entries are used.
 * fast-glob's streams ignore back-pressure: they hold the entries of the whole tree if they must.
 */
export class DirectoryReader {
  readonly #folder: string
  readonly #base: string
  readonly #owner: DirectoryReaderOwner
  #held: (() => void)[] = []
  #stopped = false

  constructor(folder: string, owner: DirectoryReaderOwner) {
    this.#folder = folder
    this.#base = resolve(folder)
    this.#owner = owner
  }

  /** What fast-glob calls. */
  get readdir(): FileSystemAdapter['readdir'] {
    const read = (directory: string, _options: unknown, answer: Answer) => {
      this.#held.push(() => this.#read(directory, answer))
      this.release()
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of its two overloads, only the one that asks for types is ever called
    return read as FileSystemAdapter['readdir']
  }

  /** Goes on with folders that were asked for while there were enough entries. */
  release(): void {
    if (this.#stopped || this.#held.length === 0 || this.#owner.isFull()) return
    const held = this.#held
    this.#held = []
    for (const read of held) read()
  }

  /** Answers no more. */
  stop(): void {
    this.#stopped = true
  }

  #read(directory: string, answer: Answer): void {
    const path = directory.slice(this.#base.length).replace(/^\//, '')
    readdir(pathBelow(this.#folder, path), { withFileTypes: true }, (error, entries) => {
      if (error !== null) this.#fail(path, error, answer)
      else if (entries.some((entry) => needsBytes(entry.name))) this.#readBytes(path, answer)
      else this.#answer(entries, answer)
    })
  }

  #readBytes(path: string, answer: Answer): void {
    const options = { withFileTypes: true, encoding: 'buffer' } as const
    readdir(pathBelow(this.#folder, path), options, (error, entries) => {
      if (error !== null) this.#fail(path, error, answer)
      else this.#answer(entries.map(named), answer)
    })
  }

  #fail(path: string, error: Error, answer: Answer): void {
    if (this.#stopped) return
    this.#owner.onError(path, error)
    this.#answer([], answer)
  }

  #answer(entries: NamedEntry[], answer: Answer): void {
    if (!this.#stopped) answer(null, entries)
  }
}

function named(entry: Dirent<Buffer>): NamedEntry {
  return {
    name: nameOf(entry.name),
    isFile: () => entry.isFile(),
    isDirectory: () => entry.isDirectory(),
    isSymbolicLink: () => entry.isSymbolicLink(),
    isFIFO: () => entry.isFIFO(),
    isSocket: () => entry.isSocket(),
    isCharacterDevice: () => entry.isCharacterDevice(),
    isBlockDevice: () => entry.isBlockDevice(),
  }
}
