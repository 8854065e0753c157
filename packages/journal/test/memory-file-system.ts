import { dirname } from 'node:path'
import type { DirectoryLock, FileSystem, StoredFile } from '@cupola/journal'

/** A file, by whatever names. */
interface Inode {
  /** What one who reads it sees. */
  content: Buffer
  /** What is on disk. */
  durable: Buffer
  /** How the one becomes the other. */
  pending: ContentEffect[]
  /** What the places of the disk had in them before the file grew to them. */
  former: Buffer
}

/** A change of a file that is not on disk yet. */
type ContentEffect =
  | { readonly kind: 'write'; readonly inode: Inode; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly inode: Inode; readonly size: number }

/** A change of names that is not on disk yet. */
interface NamesEffect {
  readonly kind: 'names'
  readonly add?: readonly [string, Inode]
  readonly remove?: string
}

type Effect = ContentEffect | NamesEffect

/**
 * What becomes of an effect in a crash. A write may reach the disk in parts, and in any order; so may
 * the length of the file before its bytes, which are zeros then, or what was there before.
 */
type Fate = 'lost' | 'first half' | 'second half' | 'zeros' | 'former' | 'kept'

function fatesOf(effect: Effect): readonly Fate[] {
  if (effect.kind !== 'write') return ['lost', 'kept']
  const { at, bytes, inode } = effect
  const former = inode.former.subarray(at, at + bytes.length)
  const isSeen = at >= inode.durable.length && former.some((byte) => byte !== 0)
  const others: readonly Fate[] = ['lost', 'first half', 'second half', 'zeros', 'kept']
  return isSeen ? [...others, 'former'] : others
}

/** Every call of a disk with this comes here before it does anything: it may throw. */
export type Gate = (call: string) => void

/**
 * A disk in memory. Writes are on it after `sync()` of their file, names after `syncDirectory()`; what
 * a crash leaves of the others is up to {@link crashes}.
 *
 * A sync that fails does what Linux does: it forgets what it could not write, and the next one succeeds.
 */
export class MemoryFileSystem implements FileSystem {
  /** Asked before every call. */
  gate: Gate = () => {}
  /** How many files are open. */
  openFiles = 0
  readonly #names: Map<string, Inode>
  readonly #durableNames: Map<string, Inode>
  readonly #pendingNames: NamesEffect[] = []
  /** The files of which something is not on disk. */
  readonly #changed = new Set<Inode>()
  readonly #former: Buffer
  #locked = false

  /** @param former - What every new file finds on its part of the disk: bytes of an earlier use. */
  constructor(
    files: Iterable<readonly [string, Uint8Array]> = [],
    former: Buffer = Buffer.alloc(0),
  ) {
    this.#former = former
    this.#names = new Map(
      Array.from(files, ([path, bytes]) => {
        const content = Buffer.from(bytes)
        return [path, { content, durable: content, pending: [], former }]
      }),
    )
    this.#durableNames = new Map(this.#names)
  }

  /** What is in the files, by their paths. */
  get files(): Map<string, Buffer> {
    return new Map([...this.#names].map(([path, { content }]) => [path, Buffer.from(content)]))
  }

  /** All disks that a crash at this moment may leave behind. */
  *crashes(): Generator<MemoryFileSystem, void, undefined> {
    for (const fates of combinations(this.#pending().map(fatesOf))) {
      yield this.crash((index) => fates[index] ?? 'kept')
    }
  }

  /** The disk that a crash leaves behind if it decides so about the effects that are not on disk. */
  crash(fateOf: (effect: number) => Fate): MemoryFileSystem {
    const names = new Map(this.#durableNames)
    const contents = new Map<Inode, Buffer>()
    const contentOf = (inode: Inode): Buffer => contents.get(inode) ?? inode.durable
    this.#pending().forEach((effect, index) => {
      const fate = fateOf(index)
      if (fate === 'lost') return
      if (effect.kind === 'names') changeNames(names, effect)
      else contents.set(effect.inode, changed(contentOf(effect.inode), effect, fate))
    })
    return new MemoryFileSystem(
      Array.from(names, ([path, inode]) => [path, contentOf(inode)] as const),
      this.#former,
    )
  }

  /** Says of two disks whether they have the same files. */
  get fingerprint(): string {
    const files = [...this.#names].map(([path, { content }]) => path + content.toString('latin1'))
    return files.sort().join()
  }

  async makeDirectory(path: string): Promise<void> {
    this.gate(`makeDirectory ${path}`)
  }

  async list(directory: string): Promise<string[]> {
    this.gate(`list ${directory}`)
    return [...this.#names.keys()]
      .filter((path) => dirname(path) === directory)
      .map((path) => path.slice(directory.length + 1))
  }

  async open(path: string, mode: 'read' | 'write' | 'create'): Promise<StoredFile> {
    this.gate(`open ${path}`)
    const known = this.#names.get(path)
    if (mode === 'create') {
      if (known !== undefined) throw failure('EEXIST')
      const empty = Buffer.alloc(0)
      const inode = { content: empty, durable: empty, pending: [], former: this.#former }
      this.#change({ kind: 'names', add: [path, inode] })
      return this.#opened(path, inode)
    }
    if (known === undefined) throw failure('ENOENT')
    return this.#opened(path, known)
  }

  async rename(from: string, to: string): Promise<void> {
    this.gate(`rename ${from} ${to}`)
    const inode = this.#names.get(from)
    if (inode === undefined) throw failure('ENOENT')
    this.#change({ kind: 'names', add: [to, inode], remove: from })
  }

  async remove(path: string): Promise<void> {
    this.gate(`remove ${path}`)
    if (!this.#names.has(path)) throw failure('ENOENT')
    this.#change({ kind: 'names', remove: path })
  }

  async syncDirectory(path: string): Promise<void> {
    this.gate(`syncDirectory ${path}`)
    for (const effect of this.#pendingNames.splice(0)) changeNames(this.#durableNames, effect)
  }

  async lock(directory: string): Promise<DirectoryLock> {
    this.gate(`lock ${directory}`)
    if (this.#locked) throw failure('EBUSY')
    this.#locked = true
    return {
      release: async () => {
        this.gate(`unlock ${directory}`)
        this.#locked = false
      },
    }
  }

  /** All that is not on disk. */
  #pending(): Effect[] {
    return [...this.#pendingNames, ...[...this.#changed].flatMap(({ pending }) => pending)]
  }

  /** All that is not on disk of a file, which is no longer so. */
  #taken(inode: Inode): ContentEffect[] {
    this.#changed.delete(inode)
    return inode.pending.splice(0)
  }

  #change(effect: Effect): void {
    if (effect.kind === 'names') {
      this.#pendingNames.push(effect)
      changeNames(this.#names, effect)
      return
    }
    const { inode } = effect
    inode.pending.push(effect)
    this.#changed.add(inode)
    if (effect.kind === 'truncate') inode.former = laidOver(inode.former, inode.content)
    inode.content = changed(inode.content, effect, 'kept')
  }

  #opened(path: string, inode: Inode): StoredFile {
    this.openFiles++
    return {
      size: async () => {
        this.gate(`size ${path}`)
        return inode.content.length
      },
      read: async (into, position) => {
        this.gate(`read ${path}`)
        const found = inode.content.subarray(position, position + into.length)
        into.set(found)
        return found.length
      },
      write: async (bytes, position) => {
        const write = (length: number): number => {
          const copy = Buffer.from(bytes.subarray(0, length))
          if (length > 0) this.#change({ kind: 'write', inode, at: position, bytes: copy })
          return length
        }
        try {
          this.gate(`write ${path}`)
        } catch (error) {
          if (!(error instanceof ShortWrite)) throw error
          const taken = write(Math.floor(bytes.length / 2))
          if (error.cause === undefined) return taken
          throw error.cause
        }
        return write(bytes.length)
      },
      truncate: async (size) => {
        this.gate(`truncate ${path}`)
        this.#change({ kind: 'truncate', inode, size })
      },
      sync: async () => {
        try {
          this.gate(`sync ${path}`)
        } catch (error) {
          if (!(error instanceof Crash)) this.#taken(inode)
          throw error
        }
        for (const effect of this.#taken(inode)) {
          inode.durable = changed(inode.durable, effect, 'kept')
        }
      },
      close: async () => {
        this.openFiles--
        this.gate(`close ${path}`)
      },
    }
  }
}

/** What a gate throws to have half of a write taken, and the `cause` thrown if there is one. */
export class ShortWrite extends Error {}

/** What a gate throws, from some call on, if the process or the machine has died. */
export class Crash extends Error {}

/** What a file system fails with. */
export function failure(code: string): Error {
  return Object.assign(new Error(code), { code })
}

function changeNames(names: Map<string, Inode>, effect: NamesEffect): void {
  if (effect.remove !== undefined) names.delete(effect.remove)
  if (effect.add !== undefined) names.set(...effect.add)
}

function changed(content: Buffer, effect: ContentEffect, fate: Fate): Buffer {
  if (effect.kind === 'truncate') return resized(content, effect.size)
  const { at, bytes } = effect
  const half = Math.floor(bytes.length / 2)
  const written = fate === 'first half' ? half : bytes.length
  const result = resized(content, Math.max(content.length, at + written))
  if (fate === 'second half') bytes.copy(result, at + half, half)
  else if (fate === 'former') effect.inode.former.copy(result, at, at, at + bytes.length)
  else if (fate !== 'zeros') bytes.copy(result, at, 0, written)
  return result
}

function laidOver(below: Buffer, above: Buffer): Buffer {
  return Buffer.concat([above, below.subarray(above.length)])
}

function resized(content: Buffer, size: number): Buffer {
  const result = Buffer.alloc(size)
  content.copy(result)
  return result
}

/** Every way to choose one of each. */
function* combinations<T>(choices: readonly (readonly T[])[]): Generator<T[], void, undefined> {
  const [first, ...rest] = choices
  if (first === undefined) {
    yield []
    return
  }
  for (const others of combinations(rest)) for (const one of first) yield [one, ...others]
}
