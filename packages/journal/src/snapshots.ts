import { join } from 'node:path'
import { BrokenError } from '@cupola/core'
import type { FileSystem } from './file-system.ts'
import { readSnapshot } from './snapshot-reader.ts'
import { type SnapshotEntries, writeSnapshot } from './snapshot-writer.ts'

/** A state of which you need not read the records any more. */
export interface Snapshot {
  /** The last record that it includes. */
  readonly id: bigint
  /** What was given to `Journal.snapshot()`. Each piece is a view of a larger buffer. */
  entries(): AsyncIterable<Uint8Array>
}

/** Of how many snapshots the files are kept: should the newest be spoilt, there is another. */
const KEPT = 2

const SNAPSHOT = /^\d{20}\.snapshot$/

/** The snapshots in the directory of a journal. */
export class Snapshots {
  readonly #fileSystem: FileSystem
  readonly #directory: string

  constructor(fileSystem: FileSystem, directory: string) {
    this.#fileSystem = fileSystem
    this.#directory = directory
  }

  /** Makes a snapshot. It gets its name once it was read back, and only then older ones go. */
  async make(id: bigint, entries: SnapshotEntries): Promise<void> {
    const path = this.#pathOf(id)
    const temporary = `${path}.temp`
    try {
      await writeSnapshot(this.#fileSystem, temporary, id, entries)
      if (!(await this.#isWhole(temporary, id))) {
        throw new BrokenError('make a snapshot', 'what was written could not be read back')
      }
    } catch (error) {
      await this.#discard(temporary)
      throw error
    }
    await this.#fileSystem.rename(temporary, path)
    await this.#fileSystem.syncDirectory(this.#directory)
    for (const old of (await this.#ids()).slice(KEPT)) {
      await this.#fileSystem.remove(this.#pathOf(old))
    }
  }

  /** The last record that any snapshot includes, be it whole or not; 0 if there is none. */
  async newestId(): Promise<bigint> {
    const [newest = 0n] = await this.#ids()
    return newest
  }

  /**
   * The newest that is whole. That there are some, but none is, has to be said: whoever took it for none
   * would read the records from the first on that is left, as if there had never been others.
   */
  async latest(): Promise<Snapshot | undefined> {
    const ids = await this.#ids()
    for (const id of ids) {
      const path = this.#pathOf(id)
      if (!(await this.#isWhole(path, id))) continue
      return Object.freeze({ id, entries: () => readSnapshot(this.#fileSystem, path, id) })
    }
    if (ids.length === 0) return undefined
    throw new BrokenError(
      'find a snapshot',
      `of ${ids.length} in "${this.#directory}" none is what was written`,
    )
  }

  /** The last record that all snapshots include, of those that are whole. */
  async covered(): Promise<bigint | undefined> {
    let covered: bigint | undefined
    for (const id of await this.#ids()) {
      if (await this.#isWhole(this.#pathOf(id), id)) covered = id
    }
    return covered
  }

  /** Newest first. */
  async #ids(): Promise<bigint[]> {
    const names = await this.#fileSystem.list(this.#directory)
    return names
      .filter((name) => SNAPSHOT.test(name))
      .sort()
      .reverse()
      .map((name) => BigInt(name.slice(0, -'.snapshot'.length)))
  }

  #pathOf(id: bigint): string {
    return join(this.#directory, `${String(id).padStart(20, '0')}.snapshot`)
  }

  async #isWhole(path: string, id: bigint): Promise<boolean> {
    try {
      for await (const _ of readSnapshot(this.#fileSystem, path, id));
      return true
    } catch (error) {
      if (error instanceof BrokenError) return false
      throw error
    }
  }

  async #discard(temporary: string): Promise<void> {
    try {
      await this.#fileSystem.remove(temporary)
    } catch {
      // It was not there, or whoever opens the journal next removes it. What is thrown says more.
    }
  }
}
