import { resolve } from 'node:path'
import { ClosedError } from '@cupola/core'
import { requireBoolean, requireObject } from '@cupola/core/authoring'
import { requireId, requireIterable, requirePath } from './checks.ts'
import type { RemovedPart } from './cut-aside.ts'
import type { DirectoryLock } from './file-system.ts'
import { firstSegment } from './first-segment.ts'
import { type JournalOptions, settingsOf } from './journal-options.ts'
import { contentOf, contentsOf, type JournalRecord, type NewRecord } from './journal-record.ts'
import { checkLog, type LogReport } from './log-check.ts'
import { LogReader, type LogView, type ReadOptions } from './log-reader.ts'
import { endOf, LogWriter } from './log-writer.ts'
import { OpenReaders } from './open-readers.ts'
import { type PurgeOptions, purgeSegments } from './purge.ts'
import { recoverLog } from './recovery.ts'
import { type Snapshot, Snapshots } from './snapshots.ts'
import type { SnapshotEntries } from './snapshot-writer.ts'
import { SparseIndex } from './sparse-index.ts'
import { Watermark } from './watermark.ts'

/** What a journal is put together from. */
interface JournalParts {
  readonly writer: LogWriter
  readonly view: LogView
  readonly snapshots: Snapshots
  readonly lock: DirectoryLock
  readonly removed: readonly RemovedPart[]
  readonly maxPayloadBytes: number
}

/**
 * A log of records on disk that is only ever appended to, and survives crashes of the process and of
 * the machine.
 *
 * @example Append and read
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { Journal } from '@cupola/journal'
 *
 * const directory = await mkdtemp(join(tmpdir(), 'journal-'))
 * const journal = await Journal.open(directory)
 * await journal.append({ payload: Buffer.from('hello') }) // => 1n
 *
 * const texts: string[] = []
 * for await (const { payload } of journal.read()) texts.push(payload.toString())
 * texts // => ['hello']
 * await journal.close()
 * ```
 */
export class Journal implements AsyncDisposable {
  /** What had to be taken out of the journal when it was opened: nothing, mostly. */
  readonly removed: readonly RemovedPart[]
  readonly #writer: LogWriter
  readonly #lock: DirectoryLock
  readonly #maxPayloadBytes: number
  readonly #view: LogView
  readonly #readers = new OpenReaders()
  readonly #snapshots: Snapshots
  /** Snapshots and purges go one after the other: at a time, they would take files from each other. */
  #maintenance: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  private constructor({ writer, view, snapshots, lock, removed, maxPayloadBytes }: JournalParts) {
    this.#writer = writer
    this.#view = view
    this.#snapshots = snapshots
    this.#lock = lock
    this.removed = removed
    this.#maxPayloadBytes = maxPayloadBytes
  }

  /**
   * Opens a journal for writing, and makes it if there is none. Whatever a crash has left is put in order
   * first.
   *
   * Cost: reads the last segment, and writes and syncs what of it may not be on disk.
   *
   * @param directory - Where its files are: nothing else should be. It is made if it is not there.
   * @param options - How it is kept. They may differ from those of the last time.
   * @returns The journal, until it is closed. It does not keep the process alive.
   * @throws BrokenError If somebody has it open, or it is damaged beyond what `recovery` allows.
   * @throws TypeError If an option has the wrong type, or is none of its words.
   * @throws RangeError If a number is out of its range, or `directory` is empty.
   * @throws What the file system rejects with.
   */
  static async open(directory: string, options: JournalOptions = {}): Promise<Journal> {
    // What is relative would be somewhere else after `process.chdir()`.
    directory = resolve(requirePath('directory', directory))
    const settings = settingsOf(options)
    const { fileSystem, recovery, maxPayloadBytes } = settings
    await fileSystem.makeDirectory(directory)
    const lock = await fileSystem.lock(directory)
    try {
      const snapshots = new Snapshots(fileSystem, directory)
      const includedId = Number(await snapshots.newestId())
      const log = await recoverLog(fileSystem, directory, recovery)
      const segment = await firstSegment(log, includedId, { ...settings, directory })
      const segments = [...log.segments]
      if (segment !== log.last) segments.push(segment.firstId)
      const watermark = new Watermark(endOf(segment))
      const onSegment = (firstId: number): void => void segments.push(firstId)
      const writer = new LogWriter(segment, { ...settings, directory, watermark, onSegment })
      const view = { fileSystem, directory, segments, watermark, index: new SparseIndex() }
      const { removed } = log
      return new Journal({ writer, view, snapshots, lock, removed, maxPayloadBytes })
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  /** The last record that is on disk; one less than the first id if there is none. */
  get durableId(): bigint {
    return BigInt(this.#view.watermark.at.nextId - 1)
  }

  /** Whether {@link close} was called. */
  get closed(): boolean {
    return this.#closing !== undefined
  }

  /** Whether nothing can be appended any more, for a sync has failed: only opening it anew helps. */
  get broken(): boolean {
    return this.#writer.broken
  }

  /** How many bytes wait to be written. */
  get waitingBytes(): number {
    return this.#writer.waitingBytes
  }

  /**
   * Appends a record.
   *
   * Records have the order of the calls. Those that are appended while others are on their way to disk
   * go together, with one sync for all: many callers at a time are far more than one.
   *
   * @param record - The payload, which is copied, and what it is.
   * @returns The record's own id, once it is as safe as the journal's `sync` says.
   * @throws BrokenError If the record could not be written, and is not in the journal: `cause` says why.
   *   After a failed sync the journal is broken for good, and whether the record is in it shows when it is
   *   opened again.
   * @throws FullError If too much waits to be written.
   * @throws ClosedError If the journal is closed.
   * @throws TypeError If a part of the record has the wrong type.
   * @throws RangeError If its type, mode or length is out of range.
   */
  append(record: NewRecord): Promise<bigint> {
    try {
      return this.#writer.append(contentOf(record, this.#maxPayloadBytes))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Appends records that are all in the journal or none of them, whatever happens. They have one id
   * after the other.
   *
   * @param records - So many that they have less than 2 GiB together.
   * @returns Their ids.
   * @throws As {@link append} does.
   * @throws RangeError If they are too many.
   */
  async appendMany(records: Iterable<NewRecord>): Promise<bigint[]> {
    return await this.#writer.appendGroup(contentsOf(records, this.#maxPayloadBytes))
  }

  /**
   * Waits until all that was appended is on disk, whatever the journal's `sync` says. Records that could
   * not be written are not waited for: whoever appended them has been told.
   *
   * @throws BrokenError If that fails, now or before.
   * @throws ClosedError If the journal is closed.
   */
  sync(): Promise<void> {
    return this.#writer.sync()
  }

  /**
   * Reads records, in their order. Only what is on disk is read.
   *
   * Cancellation: `signal` ends a wait for more records, and reading before more is read from disk; leaving
   * the loop ends all.
   *
   * Cost: reads 256 KiB at a time. While it runs, what it has not read is not purged. Of a loop that was
   * neither ended nor left, that is so until it is collected as garbage.
   *
   * @param options - Where to begin, and whether to wait for records to come.
   * @returns The records, for one loop.
   * @throws RangeError If the record to begin with was purged.
   * @throws BrokenError If a record is damaged. All before it have been read then.
   * @throws TypeError If an option has the wrong type.
   * @throws `options.signal.reason`, as it is, if the signal aborts before all is read.
   */
  async *read(options: ReadOptions = {}): AsyncGenerator<JournalRecord, void, undefined> {
    const reader = new LogReader(this.#view, options)
    const seat = this.#readers.add(reader)
    try {
      yield* reader.records()
    } finally {
      seat[Symbol.dispose]()
    }
  }

  /**
   * Makes a snapshot: what the state is once the records up to one have been applied. With it, those need
   * not be read any more, and may be purged. The two newest are kept.
   *
   * It is given its name once it is on disk and was read back. The journal can be used meanwhile, but other
   * snapshots and purges wait for it, and so does `close()`.
   *
   * @param id - The last record that the state includes.
   * @param entries - The state, in pieces. It must not change while they are taken.
   * @throws RangeError If there is no such record yet.
   * @throws TypeError If `id` is no bigint, or `entries` are no bytes.
   * @throws BrokenError If what was written could not be read back.
   * @throws ClosedError If the journal is closed.
   * @throws What `entries` throws, and what the file system rejects with. Nothing has changed then.
   */
  async snapshot(id: bigint, entries: SnapshotEntries): Promise<void> {
    requireId('id', id)
    requireIterable('entries', entries)
    const isOnDisk = id > this.durableId && !this.closed ? this.sync() : undefined
    await this.#maintain(
      'make a snapshot',
      async () => {
        if (id > this.durableId || id < 0n) {
          throw new RangeError(
            `Cannot make a snapshot: there is no record ${id}, expected at most ${this.durableId}`,
          )
        }
        await this.#snapshots.make(id, entries)
      },
      isOnDisk,
    )
  }

  /**
   * Finds the newest snapshot that is as it was written.
   *
   * Cost: reads all of it.
   *
   * @returns It, or `undefined` if there is none.
   * @throws BrokenError If there are some, and none is as it was written.
   */
  latestSnapshot(): Promise<Snapshot | undefined> {
    return this.#snapshots.latest()
  }

  /**
   * Removes whole segments from the first on. What a reader has yet to read stays, and so does what
   * the snapshots do not all include: should the newest be spoilt, the other and the records tell all.
   *
   * Cost: reads the snapshots; a sync for each segment.
   *
   * @param options - The first record to be kept.
   * @returns How many segments went.
   * @throws TypeError If `before` is no bigint.
   * @throws ClosedError If the journal is closed.
   * @throws What the file system rejects with. Some segments may have gone then.
   */
  async purge(options: PurgeOptions): Promise<number> {
    requireObject('options', options)
    const { before, withoutSnapshot = false } = options
    requireId('before', before)
    requireBoolean('withoutSnapshot', withoutSnapshot)
    return await this.#maintain('purge the journal', async () => {
      const covered = withoutSnapshot ? this.durableId : ((await this.#snapshots.covered()) ?? 0n)
      const keepFrom = Math.min(Number(before), Number(covered) + 1)
      return await purgeSegments(this.#view, keepFrom, this.#readers)
    })
  }

  /**
   * Reads all that is in the directory and checks every record. What is written meanwhile may look torn.
   *
   * @returns What there is, and what is wrong with it.
   */
  verify(): Promise<LogReport> {
    return checkLog(this.#view.fileSystem, this.#view.directory)
  }

  /**
   * Accepts no more, brings to disk what was appended, and finishes snapshots and purges that were begun.
   * Loops that follow the journal read what is there, and end. Idempotent.
   *
   * @returns Resolves when all is on disk and somebody else may open it.
   * @throws BrokenError If the journal is broken. It is closed nevertheless.
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
      await this.#writer.close()
    } finally {
      this.#view.watermark.end()
      await this.#maintenance
      await this.#lock.release()
    }
  }

  /** Does something to the files once it is its turn, and once `ready`. */
  #maintain<T>(action: string, work: () => Promise<T>, ready?: Promise<void>): Promise<T> {
    if (this.closed) return Promise.reject(new ClosedError(action, 'the journal'))
    // Not `Promise.all`: if `ready` fails, whoever comes next must wait for those before all the same.
    const turn = Promise.allSettled([this.#maintenance, ready])
    const done = turn.then(() => ready).then(work)
    // Whoever asked for it is told that it failed; the next one begins nevertheless.
    this.#maintenance = done.catch(() => {})
    return done
  }
}
