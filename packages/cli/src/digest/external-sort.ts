import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A run of this size is sorted in some tens of milliseconds, for which the main thread does nothing
 * else; the threads have work ahead for longer than that.
 */
export const RUN_BYTES: number = 8 << 20

/** How much of a run the merge reads at once. */
const WINDOW_BYTES = 64 * 1024

/** What precedes each record. */
const LENGTH_BYTES = 4

/** How to sort. */
export interface ExternalSortOptions {
  /**
   * How much memory may be used before records go to disk.
   *
   * @defaultValue 8 MiB
   */
  readonly runBytes?: number | undefined
}

/**
 * Sorts more records than fit into memory, by their bytes. They are read as strings with one byte
 * per character (`latin1`), because such strings compare in the order of their bytes, and quickly.
 *
 * A merge sort on disk (Donald Knuth, "The Art of Computer Programming", volume 3, 5.4): records
 * are gathered in memory, written as sorted runs to a temporary file, and merged when they are
 * read. What fits into one run never touches the disk. The file has no name from the moment it
 * exists, where the system allows that, so that not even a killed process leaves it behind.
 *
 * Cost: memory for three times `runBytes`, and 64 KiB per run: with the default 1/128 of what is on
 * disk.
 */
export class ExternalSort {
  readonly #runBytes: number
  readonly #runs: Extent[] = []
  readonly #gathered = new RecordBuffer()
  #file: SpillFile | undefined

  constructor({ runBytes = RUN_BYTES }: ExternalSortOptions = {}) {
    this.#runBytes = runBytes
  }

  /** Takes in a record: its parts, one after the other. */
  add(...parts: readonly Uint8Array[]): void {
    this.#gathered.add(parts)
    if (this.#gathered.size >= this.#runBytes) this.#spill()
  }

  /** Gives all records in the order of their bytes, equal ones as often as they were added. */
  sorted(): Iterable<string> {
    if (this.#file === undefined) return this.#gathered.take().sort()
    if (this.#gathered.size > 0) this.#spill()
    const file = this.#file
    return merged(this.#runs.map((run) => file.read(run)))
  }

  /** Frees the temporary file. */
  close(): void {
    this.#file?.close()
    this.#file = undefined
  }

  #spill(): void {
    this.#file ??= new SpillFile()
    this.#runs.push(this.#file.append(this.#gathered.take().sort()))
  }
}

/**
 * Records in one buffer, each preceded by its length. Keeping them as strings would make them
 * survive young collections, and a heap that is full of records that are on disk by now.
 */
class RecordBuffer {
  #bytes = Buffer.allocUnsafe(WINDOW_BYTES)
  /** How many bytes are in use. */
  size = 0

  add(parts: readonly Uint8Array[]): void {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    while (this.#bytes.length - this.size < LENGTH_BYTES + length) this.#grow()
    this.size = this.#bytes.writeUInt32LE(length, this.size)
    for (const part of parts) {
      this.#bytes.set(part, this.size)
      this.size += part.length
    }
  }

  /** Gives all records, and is empty. */
  take(): string[] {
    const records = [...recordsIn(this.#bytes, this.size)]
    this.size = 0
    return records
  }

  #grow(): void {
    const bytes = Buffer.allocUnsafe(2 * this.#bytes.length)
    this.#bytes.copy(bytes, 0, 0, this.size)
    this.#bytes = bytes
  }
}

/** The records in the first `size` bytes, as far as they are whole. */
function* recordsIn(bytes: Buffer, size: number): Generator<string, number> {
  let position = 0
  for (;;) {
    const start = position + LENGTH_BYTES
    if (start > size || start + bytes.readUInt32LE(position) > size) return position
    position = start + bytes.readUInt32LE(position)
    yield bytes.toString('latin1', start, position)
  }
}

/** Where a run is in the file. */
interface Extent {
  readonly start: number
  readonly end: number
}

/** The runs on disk, in the same form. No record is longer than a window. */
class SpillFile {
  readonly #path = join(tmpdir(), `cupola-sort-${randomUUID()}`)
  readonly #descriptor = openSync(this.#path, 'wx+', 0o600)
  #size = 0

  constructor() {
    // Windows keeps the name while the file is open; `close` takes it away there.
    rmSync(this.#path, { force: true, maxRetries: 0 })
  }

  append(records: readonly string[]): Extent {
    const start = this.#size
    const window = Buffer.allocUnsafe(WINDOW_BYTES)
    let used = 0
    for (const record of records) {
      if (used + LENGTH_BYTES + record.length > window.length) used = this.#flush(window, used)
      used = window.writeUInt32LE(record.length, used)
      used += window.write(record, used, 'latin1')
    }
    this.#flush(window, used)
    return { start, end: this.#size }
  }

  *read({ start, end }: Extent): Generator<string> {
    const window = Buffer.allocUnsafe(WINDOW_BYTES)
    for (let position = start; position < end;) {
      const length = readSync(this.#descriptor, window, 0, window.length, position)
      position += yield* recordsIn(window, Math.min(length, end - position))
    }
  }

  close(): void {
    closeSync(this.#descriptor)
    rmSync(this.#path, { force: true })
  }

  #flush(window: Buffer, used: number): number {
    for (let done = 0; done < used;) {
      done += writeSync(this.#descriptor, window, done, used - done, this.#size + done)
    }
    this.#size += used
    return 0
  }
}

/** Merges sorted runs with a binary heap of their next records. */
function* merged(runs: readonly Iterator<string>[]): Generator<string> {
  const heap: Head[] = []
  for (const run of runs) {
    const first = run.next()
    if (first.done !== true) heap.push({ record: first.value, run })
  }
  for (let index = heap.length >> 1; index >= 0; index--) siftDown(heap, index)
  for (let top = heap[0]; top !== undefined; top = heap[0]) {
    yield top.record
    const next = top.run.next()
    if (next.done !== true) top.record = next.value
    else {
      const last = heap.pop()
      if (last !== undefined && heap.length > 0) heap[0] = last
    }
    siftDown(heap, 0)
  }
}

/** The next record of a run. */
interface Head {
  record: string
  readonly run: Iterator<string>
}

function siftDown(heap: Head[], start: number): void {
  const moving = heap[start]
  if (moving === undefined) return
  let index = start
  for (let child = 2 * index + 1; child < heap.length; child = 2 * index + 1) {
    const smaller = smallerOf(heap, child, child + 1)
    const candidate = heap[smaller]
    if (candidate === undefined || candidate.record >= moving.record) break
    heap[index] = candidate
    index = smaller
  }
  heap[index] = moving
}

function smallerOf(heap: readonly Head[], left: number, right: number): number {
  const a = heap[left]
  const b = heap[right]
  return a !== undefined && b !== undefined && b.record < a.record ? right : left
}
