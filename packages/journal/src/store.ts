import { ClosedError } from '@cupola/core'
import { requireInteger, requireObject } from '@cupola/core/authoring'
import { type EntryCodec, entryOf, jsonCodec, requireCodec } from './entry-codec.ts'
import { foldJournal } from './fold.ts'
import { Journal } from './journal.ts'
import type { JournalOptions } from './journal-options.ts'

/** How a {@link Store} is kept. */
export interface StoreOptions<K, V> extends JournalOptions {
  /**
   * How entries become bytes.
   *
   * @defaultValue as JSON: a key is a text, a finite number, `true`, `false` or `null`; of a value, what JSON
   *   keeps
   */
  readonly codec?: EntryCodec<K, V> | undefined
  /**
   * After so many changes a snapshot is made and the records before it are dropped, but not while there
   * are more entries than changes. `Infinity` leaves it to {@link Store.compact}.
   *
   * @defaultValue 100_000
   */
  readonly compactAfter?: number | undefined
}

/**
 * A map that is kept in a {@link Journal}: what was set and deleted survives crashes of the process and
 * of the machine. All of it is in memory as well, so reading costs nothing.
 *
 * A change shows, to `get()` too, once it is as safe as `sync` says; changes show in the order of their
 * calls. Values are not copied: treat them as what cannot be changed, and set a new one instead.
 *
 * @example Remember who was here
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { Store } from '@cupola/journal'
 *
 * const directory = await mkdtemp(join(tmpdir(), 'guests-'))
 * const store = await Store.open<string, { visits: number }>(directory)
 * await store.set('Ada', { visits: 1 })
 * await store.close()
 *
 * const again = await Store.open<string, { visits: number }>(directory)
 * again.get('Ada') // => { visits: 1 }
 * await again.close()
 * ```
 */
export class Store<K, V> implements AsyncDisposable {
  readonly #journal: Journal
  readonly #codec: EntryCodec<K, V>
  readonly #compactAfter: number
  readonly #entries = new Map<K, V>()
  /** The last change that {@link #entries} has. */
  #appliedId = 0n
  #changes = 0
  #compacting: Promise<void> | undefined
  #compactionError: unknown
  #closing: Promise<void> | undefined

  private constructor(journal: Journal, codec: EntryCodec<K, V>, compactAfter: number) {
    this.#journal = journal
    this.#codec = codec
    this.#compactAfter = compactAfter
  }

  /**
   * Opens a store, and makes it if there is none.
   *
   * Cost: reads all of it.
   *
   * @param directory - Where its journal is: nothing else should be.
   * @param options - How it is kept; as those of `Journal.open()`, and the codec.
   * @throws As `Journal.open()` and `codec.decode` do.
   */
  static async open<K, V>(
    directory: string,
    options: StoreOptions<K, V> = {},
  ): Promise<Store<K, V>> {
    requireObject('options', options)
    const { codec = jsonCodec<K, V>(), compactAfter = 100_000 } = options
    requireCodec(codec)
    requireInteger('compactAfter', compactAfter, 1, Infinity)
    const journal = await Journal.open(directory, options)
    const store = new Store(journal, codec, compactAfter)
    try {
      await store.#restore()
      return store
    } catch (error) {
      await journal.close()
      throw error
    }
  }

  /** How many entries there are. */
  get size(): number {
    return this.#entries.size
  }

  /** Why the last compaction that the store made by itself failed; the next one may succeed. */
  get compactionError(): unknown {
    return this.#compactionError
  }

  /** The value of a key, as it was set: the very same object. */
  get(key: K): V | undefined {
    return this.#entries.get(key)
  }

  /** Whether a key has a value. */
  has(key: K): boolean {
    return this.#entries.has(key)
  }

  /** All entries, in the order in which their keys came. */
  entries(): IterableIterator<[K, V]> {
    return this.#entries.entries()
  }

  /**
   * Gives a key a value.
   *
   * @param key - What `Map` compares well: a text or a number.
   * @param value - Anything that the codec takes, but `undefined`.
   * @returns Resolves when it is kept, and shows.
   * @throws As `Journal.append()` and `codec.encode` do. Nothing has changed then.
   * @throws ClosedError If the store is closed.
   */
  async set(key: K, value: V): Promise<void> {
    if (value === undefined) throw new TypeError('Cannot set undefined: delete the key instead')
    this.#requireOpen('set an entry')
    const payload = this.#codec.encode(key, value)
    const id = await this.#journal.append({ mode: 'set', payload })
    this.#entries.set(key, value)
    this.#applied(id)
  }

  /**
   * Takes a key out.
   *
   * @param key - Which.
   * @returns Resolves, when that is kept and shows, with whether it was there.
   * @throws As `Journal.append()` and `codec.encode` do. Nothing has changed then.
   * @throws ClosedError If the store is closed.
   */
  async delete(key: K): Promise<boolean> {
    this.#requireOpen('delete an entry')
    const payload = this.#codec.encode(key, undefined)
    const id = await this.#journal.append({ mode: 'delete', payload })
    const wasThere = this.#entries.delete(key)
    this.#applied(id)
    return wasThere
  }

  /**
   * Makes a snapshot of the entries, and drops the records that it makes superfluous. Entries can be set
   * meanwhile. Of several calls at a time one does it for all.
   *
   * @throws As `Journal.snapshot()`, `Journal.purge()` and `codec.encode` do.
   * @throws ClosedError If the store is closed.
   */
  compact(): Promise<void> {
    if (this.#closing !== undefined) {
      return Promise.reject(new ClosedError('compact the store', 'the store'))
    }
    this.#compacting ??= this.#compact().finally(() => {
      this.#compacting = undefined
    })
    return this.#compacting
  }

  /**
   * Accepts no more changes, keeps those that it has, and finishes a compaction that was begun. Idempotent.
   *
   * @throws As `Journal.close()` does.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** As {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    try {
      await this.#compacting
    } catch {
      // Whoever asked for it has been told; what the store began itself is in `compactionError`.
    }
    await this.#journal.close()
  }

  #requireOpen(action: string): void {
    if (this.#closing !== undefined) throw new ClosedError(action, 'the store')
  }

  async #restore(): Promise<void> {
    const apply = (entries: Map<K, V>, bytes: Uint8Array): Map<K, V> => {
      const [key, value] = entryOf(this.#codec, bytes)
      if (value === undefined) entries.delete(key)
      else entries.set(key, value)
      return entries
    }
    const { id } = await foldJournal(this.#journal, this.#entries, {
      entry: apply,
      record: (entries, { payload }) => {
        this.#changes++
        return apply(entries, payload)
      },
    })
    this.#appliedId = id
  }

  #applied(id: bigint): void {
    this.#appliedId = id
    this.#changes++
    if (this.#changes < this.#compactAfter || this.#changes < this.size) return
    if (this.#compacting !== undefined || this.#closing !== undefined) return
    this.compact().then(
      () => (this.#compactionError = undefined),
      (error: unknown) => (this.#compactionError = error),
    )
  }

  async #compact(): Promise<void> {
    const id = this.#appliedId
    // Taken now, while nothing else can happen: it has to be the state at that very record.
    const entries = [...this.#entries]
    this.#changes = 0
    await this.#journal.snapshot(id, this.#encoded(entries))
    await this.#journal.purge({ before: id + 1n })
  }

  *#encoded(entries: readonly (readonly [K, V])[]): Generator<Uint8Array, void, undefined> {
    for (const [key, value] of entries) yield this.#codec.encode(key, value)
  }
}
