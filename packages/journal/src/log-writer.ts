import { BrokenError, type Clock, ClosedError, FullError, type Timer } from '@cupola/core'
import { Batch } from './batch.ts'
import type { FileSystem } from './file-system.ts'
import { LARGEST_ID, RECORD_HEAD_BYTES, type RecordContent } from './record-frame.ts'
import { createSegment, type SegmentWriter } from './segment-writer.ts'
import type { DurableEnd, Watermark } from './watermark.ts'

/** When records are on disk: before their append resolves, so often, or when the system likes. */
export type SyncPolicy = 'always' | 'os' | { readonly everyMs: number }

/** How a {@link LogWriter} works. */
export interface LogWriterOptions {
  readonly fileSystem: FileSystem
  readonly directory: string
  readonly clock: Clock
  readonly sync: SyncPolicy
  readonly segmentBytes: number
  readonly segmentAgeMs: number
  readonly maxWaitingBytes: number
  /** Moved as records get to disk. */
  readonly watermark: Watermark
  /** Called when a segment was begun, before anything is in it. */
  readonly onSegment: (firstId: number) => void
}

/** A batch gets no more records beyond this, so that segments end near where they should. */
const BATCH_BYTES = 1024 * 1024

/** A segment is made longer by so much at a time. Writing zeros costs as much as writing records. */
const RESERVED_BYTES = 256 * 1024

/**
 * Appends records, many at a time: while one group is written and synced, the next one gathers. That is
 * group commit, after Jim Gray and Andreas Reuter, "Transaction Processing", 1993, 9.4.
 *
 * One group is on its way at any time, and nothing is written while a sync runs. So whatever was written
 * before a sync began is on disk when it ends, and the next write can say so.
 */
export class LogWriter {
  readonly #options: LogWriterOptions
  #segment: SegmentWriter
  #segmentBegan: number
  /** Batches whose turn has not come. New records go to the last one. */
  readonly #queue: Batch[] = []
  /** A batch to use again: a new one for each group would keep the garbage collector busy. */
  #spare: Batch | undefined
  #waitingBytes = 0
  /** Whether somebody wants to know of all that waits now that it is on disk. */
  #syncWanted = false
  #running: Promise<void> | undefined
  #timer: Timer | undefined
  #closed = false
  /** What went wrong, if nothing can be appended any more. */
  #failure: { readonly cause: unknown } | undefined

  /** @param segment - Where to go on: all of it, and all before it, is on disk. */
  constructor(segment: SegmentWriter, options: LogWriterOptions) {
    this.#segment = segment
    this.#options = options
    this.#segmentBegan = options.clock.now()
  }

  /** Whether nothing can be appended any more. */
  get broken(): boolean {
    return this.#failure !== undefined
  }

  /** How many bytes of records have not been written yet. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** Resolves with the record's id when it is written, and on disk if every record is to be. */
  append(record: RecordContent): Promise<bigint> {
    const bytes = RECORD_HEAD_BYTES + record.payload.length
    const action = 'append a record'
    const refusal = this.#refusal(action) ?? this.#overflow(action, bytes, record)
    if (refusal !== undefined) return Promise.reject(refusal)
    const batch = this.#batchFor(bytes)
    const index = batch.count
    batch.add(record)
    this.#waitingBytes += bytes
    return batch.promise(index)
  }

  /** The same for several that count together or not at all. */
  async appendGroup(records: readonly RecordContent[]): Promise<bigint[]> {
    const bytes = records.reduce((sum, { payload }) => sum + RECORD_HEAD_BYTES + payload.length, 0)
    const action = 'append records'
    const refusal = this.#refusal(action) ?? this.#overflow(action, bytes, records)
    if (refusal !== undefined) throw refusal
    const batch = this.#batchFor(bytes)
    const index = batch.count
    batch.addGroup(records)
    this.#waitingBytes += bytes
    const first = await batch.promise(index)
    return records.map((_, offset) => first + BigInt(offset))
  }

  /** Resolves when all that was appended is on disk. */
  sync(): Promise<void> {
    const refusal = this.#refusal('sync the journal')
    return refusal === undefined ? this.#syncAll('sync the journal') : Promise.reject(refusal)
  }

  /** Writes and syncs what was appended, and lets go of the file. */
  async close(): Promise<void> {
    this.#closed = true
    const action = 'close the journal'
    try {
      await this.#syncAll(action)
      await this.#running
      await this.#cut()
      this.#requireSound(action)
    } finally {
      await this.#running
      this.#timer?.cancel()
      await this.#segment.close()
    }
  }

  /** Records that could not be written do not make it fail: they are not in the journal. */
  async #syncAll(action: string): Promise<void> {
    this.#syncWanted = true
    await this.#batchFor(0).settled()
    this.#requireSound(action)
  }

  #requireSound(action: string): void {
    if (this.#failure !== undefined) throw brokenError(action, this.#failure.cause)
  }

  /** Why nothing more is taken on. */
  #refusal(action: string): Error | undefined {
    if (this.#failure !== undefined) return brokenError(action, this.#failure.cause)
    return this.#closed ? new ClosedError(action, 'the journal') : undefined
  }

  /** Why not so much more is taken on. */
  #overflow(action: string, bytes: number, refused: unknown): Error | undefined {
    const { maxWaitingBytes } = this.#options
    if (this.#waitingBytes === 0 || this.#waitingBytes + bytes <= maxWaitingBytes) return undefined
    const problem = `${this.#waitingBytes} bytes wait to be written, of at most ${maxWaitingBytes}`
    return new FullError(action, problem, refused)
  }

  /** The batch that so many more bytes go to. What is in it will be written. */
  #batchFor(bytes: number): Batch {
    this.#running ??= this.#run()
    const last = this.#queue.at(-1)
    if (last !== undefined && (last.length === 0 || last.length + bytes <= BATCH_BYTES)) return last
    const batch = this.#spare ?? new Batch()
    this.#spare = undefined
    this.#queue.push(batch)
    return batch
  }

  async #run(): Promise<void> {
    do {
      // All who append in this turn of the event loop, and in the promises that follow from it, go
      // together. Beginning at once would let the first go alone, and the others wait for its sync.
      await new Promise((resolve) => setImmediate(resolve))
      await this.#commit(this.#queue.splice(0))
    } while (this.#queue.length > 0)
    this.#running = undefined
  }

  async #commit(group: readonly Batch[]): Promise<void> {
    const syncs = this.#options.sync === 'always' || this.#syncWanted
    this.#syncWanted = false
    const written = new Map<Batch, number>()
    for (const batch of group) {
      const firstId = await this.#write(batch)
      if (firstId !== undefined) written.set(batch, firstId)
    }
    if (syncs) {
      await this.#reserve(written)
      await this.#syncNow()
    }
    for (const [batch, firstId] of written) this.#settle(batch, firstId)
    this.#setTimer()
    for (const batch of group) this.#reuse(batch)
  }

  /** Writes a batch; if that fails, the journal is as it was before, or broken for good. */
  async #write(batch: Batch): Promise<number | undefined> {
    try {
      if (this.#failure !== undefined) throw this.#failure.cause
      requireIds(this.#segment.end.nextId, batch.count)
      if (batch.count > 0 && this.#isSegmentFull()) await this.#beginSegment()
      const { nextId } = this.#segment.end
      if (batch.count > 0) await this.#segment.append(batch.bytes, this.#isAllOnDisk())
      return nextId
    } catch (cause) {
      // Before anybody is told: what was rejected must not be there after a crash.
      await this.#cut(batch.length)
      batch.reject(() => brokenError('append to the journal', cause))
      return undefined
    }
  }

  /** Leaves the segment with its records alone, on disk, and nothing of so many bytes behind them. */
  async #cut(refusedBytes = 0): Promise<void> {
    if (this.#failure !== undefined) return
    try {
      if (refusedBytes > 0) await this.#segment.erase(refusedBytes)
      await this.#segment.cut()
      this.#setDurable()
    } catch (cause) {
      this.#failure = { cause }
    }
  }

  /**
   * A failed sync is never tried again: the system may have dropped what it could not write, and the
   * next sync, which has nothing to do any more, would succeed.
   */
  async #syncNow(): Promise<void> {
    if (this.#failure !== undefined || this.#isAllOnDisk()) return
    try {
      await this.#segment.sync()
      this.#setDurable()
    } catch (cause) {
      this.#failure = { cause }
    }
  }

  /** Makes the segment longer ahead of small groups, which it helps more than the zeros cost. */
  async #reserve(written: ReadonlyMap<Batch, number>): Promise<void> {
    let bytes = 0
    for (const batch of written.keys()) bytes += batch.length
    const { sync, segmentBytes } = this.#options
    const room = Math.min(RESERVED_BYTES, segmentBytes - this.#segment.end.offset)
    const isSmall = bytes > 0 && 16 * bytes <= room
    if (isSmall && sync === 'always' && this.#failure === undefined)
      await this.#segment.reserve(room)
  }

  #settle(batch: Batch, firstId: number): void {
    const failure = this.#failure
    if (failure === undefined) batch.resolve(firstId)
    else batch.reject(() => brokenError('append to the journal', failure.cause))
  }

  #reuse(batch: Batch): void {
    this.#waitingBytes -= batch.length
    if (batch.room > BATCH_BYTES) return
    batch.clear()
    this.#spare = batch
  }

  #isSegmentFull(): boolean {
    const { end, firstId } = this.#segment
    if (end.nextId === firstId) return false
    const { segmentBytes, segmentAgeMs, clock } = this.#options
    return end.offset >= segmentBytes || clock.now() - this.#segmentBegan >= segmentAgeMs
  }

  /** The old one is synced first: only the last segment of a journal can be torn. */
  async #beginSegment(): Promise<void> {
    const { fileSystem, directory, clock, onSegment } = this.#options
    const old = this.#segment
    const { nextId, checksum } = old.end
    await this.#cut()
    if (this.#failure !== undefined) throw this.#failure.cause
    const { segment, publish } = await createSegment(fileSystem, directory, {
      firstId: nextId,
      durableId: nextId - 1,
      previousChecksum: checksum,
      followsGap: false,
    })
    this.#segment = segment
    // Both have ended before anything is said: whoever is let in next must be alone with the files.
    for (const end of await Promise.allSettled([old.close(), publish()])) {
      if (end.status === 'fulfilled') continue
      // Whether it has its name now, and will have it after a crash, nobody knows.
      this.#failure = { cause: end.reason }
      throw end.reason
    }
    this.#segmentBegan = clock.now()
    onSegment(nextId)
    this.#setDurable()
  }

  #isAllOnDisk(): boolean {
    const { firstId, end } = this.#segment
    const { at } = this.#options.watermark
    return at.firstId === firstId && at.offset === end.offset
  }

  #setDurable(): void {
    this.#options.watermark.moveTo(endOf(this.#segment))
  }

  /** Sees to it that what was written without a sync gets one in time. */
  #setTimer(): void {
    const { sync, clock } = this.#options
    if (typeof sync !== 'object' || this.#timer !== undefined) return
    // After a failure there will never be a sync again, and a timer would come back for ever.
    if (this.#failure !== undefined || this.#isAllOnDisk()) return
    this.#timer = clock.setTimer(() => {
      this.#timer = undefined
      // If it fails, whoever comes next hears of it: nobody here could do anything about it.
      if (!this.#closed) this.#syncAll('sync the journal').catch(() => {})
    }, sync.everyMs)
    // What was written is in the system's hands, and outlives the process.
    this.#timer.unref()
  }
}

/** Where the watermark is when all of a segment is on disk. */
export function endOf({ firstId, end }: SegmentWriter): DurableEnd {
  return { firstId, nextId: end.nextId, offset: end.offset }
}

/** A number of 64 bits has room for more, but not one of ours: two records would have the same id. */
function requireIds(nextId: number, count: number): void {
  if (nextId - 1 <= LARGEST_ID - count) return
  throw new RangeError(`there are no ids behind ${LARGEST_ID}`)
}

function brokenError(action: string, cause: unknown): BrokenError {
  const problem = cause instanceof Error ? cause.message : String(cause)
  return new BrokenError(action, problem, { cause })
}
