import { readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { type FileState, RECORD_HEAD_BYTES, recordEnd, tellsOf } from './file-record.ts'

/** A {@link ResumeIndex} as every thread can attach it: nothing of it is copied. */
export interface ResumeHandle {
  readonly hashes: SharedArrayBuffer
  readonly offsets: SharedArrayBuffer
}

/** Table places for the first records; it doubles as they come. */
const FIRST_CAPACITY = 1024

/** Above this, lookups get slow: on average 3 probes for a hit, 13 for a miss (Knuth 6.4). */
const FULLEST = 0.8

const EMPTY = 0

/**
 * Finds the journal's record of a path without keeping the path: a hash table with open addressing
 * (Donald Knuth, "The Art of Computer Programming", volume 3, 6.4, algorithm L) from the CRC-32 of
 * the path to the record's offset in the journal. What it finds is only a candidate; reading the
 * record tells. So a collision costs a read, never a wrong answer, and two records of one path, of
 * before and after a change of the file, can both stay.
 *
 * Cost: 12 bytes per place, so 15 to 30 bytes per record.
 */
export class ResumeIndex {
  #hashes: Uint32Array<SharedArrayBuffer>
  #offsets: Float64Array<SharedArrayBuffer>
  #size = 0

  constructor(handle?: ResumeHandle) {
    this.#hashes = new Uint32Array(handle?.hashes ?? new SharedArrayBuffer(4 * FIRST_CAPACITY))
    this.#offsets = new Float64Array(handle?.offsets ?? new SharedArrayBuffer(8 * FIRST_CAPACITY))
  }

  /** What to send to a thread once the index is complete. */
  get handle(): ResumeHandle {
    return { hashes: this.#hashes.buffer, offsets: this.#offsets.buffer }
  }

  /** How many records were added. */
  get size(): number {
    return this.#size
  }

  /** Adds the record of `path` that is at `offset` of the journal. No record is at 0. */
  add(path: Uint8Array, offset: number): void {
    if (this.#size >= this.#offsets.length * FULLEST) this.#grow()
    this.#put(crc32(path), offset)
    this.#size++
  }

  /** Reads, from the open journal, the record that tells of `path` in this very state. */
  find(journal: number, path: Buffer, state: FileState): Buffer | undefined {
    const hash = crc32(path)
    const capacity = this.#offsets.length
    for (let place = hash % capacity; ; place = (place + 1) % capacity) {
      const offset = this.#offsets[place] ?? EMPTY
      if (offset === EMPTY) return undefined
      if (this.#hashes[place] !== hash) continue
      const record = readRecord(journal, offset)
      if (record !== undefined && tellsOf(record, path, state)) return record
    }
  }

  #put(hash: number, offset: number): void {
    const capacity = this.#offsets.length
    let place = hash % capacity
    while (this.#offsets[place] !== EMPTY) place = (place + 1) % capacity
    this.#hashes[place] = hash
    this.#offsets[place] = offset
  }

  #grow(): void {
    const hashes = this.#hashes
    const offsets = this.#offsets
    this.#hashes = new Uint32Array(new SharedArrayBuffer(2 * hashes.byteLength))
    this.#offsets = new Float64Array(new SharedArrayBuffer(2 * offsets.byteLength))
    offsets.forEach((offset, place) => {
      if (offset !== EMPTY) this.#put(hashes[place] ?? 0, offset)
    })
  }
}

/** `undefined` if the journal is not what it was when the index was made. */
function readRecord(journal: number, offset: number): Buffer | undefined {
  const head = Buffer.allocUnsafe(RECORD_HEAD_BYTES)
  if (readSync(journal, head, 0, head.length, offset) < head.length) return undefined
  const record = Buffer.allocUnsafe(recordEnd(head, 0))
  const length = readSync(journal, record, 0, record.length, offset)
  return length === record.length ? record : undefined
}
