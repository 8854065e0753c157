import { readAll, type StoredFile } from './file-system.ts'
import {
  type ChainEnd,
  checksumAt,
  RECORD_HEAD_BYTES,
  recordBytesAt,
  validRecordEnd,
} from './record-frame.ts'
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES, type SegmentHeader } from './segment-header.ts'

/** How much is read at once, unless a record is longer. */
const CHUNK_BYTES = 256 * 1024

/** A place between two records of a segment. */
export interface SegmentPlace extends ChainEnd {
  /** Where in the file. */
  readonly offset: number
}

/**
 * Goes through the records of a segment and checks each. What it steps over counts: a record is
 * looked at only once all that belongs with it is there.
 */
export class SegmentCursor {
  /** What the segment says of itself. */
  readonly header: SegmentHeader
  readonly #file: StoredFile
  /** Part of the file, from `#chunkAt` on. A new one each time: records are views of it. */
  #chunk: Buffer = Buffer.alloc(0)
  #chunkAt: number
  /** Where the next record is in the chunk. */
  #start = 0
  /** The one that is changed with every step: a new one each time would be garbage. */
  readonly #after: { nextId: number; checksum: number }
  #closed = false

  constructor(file: StoredFile, header: SegmentHeader, place: SegmentPlace = firstPlaceOf(header)) {
    this.#file = file
    this.header = header
    this.#chunkAt = place.offset
    this.#after = { nextId: place.nextId, checksum: place.checksum }
  }

  /** Where it stands. */
  get place(): SegmentPlace {
    return { offset: this.#chunkAt + this.#start, ...this.#after }
  }

  /** What holds the record that {@link step} has stepped over. */
  get bytes(): Buffer {
    return this.#chunk
  }

  /**
   * Steps over the next record if it is whole, valid, and within what was read.
   *
   * @returns Where in {@link bytes} it begins; -1 if it is not so.
   */
  step(): number {
    const start = this.#start
    const { salt } = this.header
    const end = validRecordEnd(this.#chunk, start, this.#after, salt)
    if (end === -1) return -1
    this.#after.checksum = checksumAt(this.#chunk, start)
    this.#after.nextId++
    this.#start = end
    return start
  }

  /**
   * Reads on, up to `limit` of the file, so that the next record is there as a whole.
   *
   * @returns Whether there is more to step over than before: if not, the next record ends behind the
   *   limit, or is not valid.
   */
  async fill(limit: number): Promise<boolean> {
    const offset = this.#chunkAt + this.#start
    const have = this.#chunk.length - this.#start
    const wanted = Math.max(CHUNK_BYTES, this.#missing())
    const length = Math.min(wanted, limit - offset)
    if (length <= have) return false
    const chunk = Buffer.allocUnsafeSlow(length)
    this.#chunk.copy(chunk, 0, this.#start)
    const added = await readAll(this.#file, chunk.subarray(have), offset + have)
    this.#chunk = chunk.subarray(0, have + added.length)
    this.#chunkAt = offset
    this.#start = 0
    return added.length > 0
  }

  /** How long the next record says it is, where that much can be believed. */
  #missing(): number {
    const known = this.#chunk.length - this.#start >= RECORD_HEAD_BYTES
    return known ? recordBytesAt(this.#chunk, this.#start) : 0
  }

  /** How long the file is. */
  size(): Promise<number> {
    return this.#file.size()
  }

  /** Lets go of the file. Harmless if it has. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#file.close()
  }
}

/** Where the first record of a segment is. */
export function firstPlaceOf(header: SegmentHeader): SegmentPlace {
  return {
    offset: SEGMENT_HEADER_BYTES,
    nextId: header.firstId,
    checksum: header.previousChecksum,
  }
}

/** Reads the header of an open segment; says what is wrong with it if something is. */
export async function readSegmentHeader(file: StoredFile): Promise<SegmentHeader | string> {
  return decodeSegmentHeader(await readAll(file, Buffer.alloc(SEGMENT_HEADER_BYTES), 0))
}
