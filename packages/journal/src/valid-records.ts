import { checksumAt, idAt, RECORD_HEAD_BYTES, recordBytesAt } from './record-frame.ts'
import { RangeChecksums } from './range-checksums.ts'
import type { SegmentPlace } from './segment-cursor.ts'

/**
 * Finds the valid records in bytes of a segment some of which are spoilt. However many are, and whatever
 * they say of themselves, each byte is looked at only a few times.
 */
export class ValidRecords {
  readonly #bytes: Buffer
  readonly #salt: number
  readonly #checksums: RangeChecksums

  constructor(bytes: Buffer, salt: number) {
    this.#bytes = bytes
    this.#salt = salt
    this.#checksums = new RangeChecksums(bytes)
  }

  /** Behind the record at a place, if it is there as a whole, and valid there. */
  next(place: SegmentPlace): SegmentPlace | undefined {
    const { offset, nextId } = place
    const end = this.#endAt(offset)
    if (end === -1 || idAt(this.#bytes, offset) !== nextId) return undefined
    const checksum = checksumAt(this.#bytes, offset)
    if (this.#checksumOf(offset, end, place.checksum) !== checksum) return undefined
    return { offset: end, nextId: nextId + 1, checksum }
  }

  /** Behind the last of the valid records that follow from one another, beginning at a place. */
  endOfRun(from: SegmentPlace): SegmentPlace {
    let place = from
    for (let next = this.next(place); next !== undefined; next = this.next(place)) place = next
    return place
  }

  /**
   * The places of valid records behind one that is not.
   *
   * A checksum goes on from the one before. Of the spoilt record, either the checksum is still what it was,
   * or it can still be computed; and if all of it is spoilt, any two records further on of which the second
   * follows from the first prove that second. So the record right behind the spoilt ones may be missed.
   *
   * @param spoilt - Where the record should be that is not valid.
   */
  *behind(spoilt: SegmentPlace): Generator<SegmentPlace, void, undefined> {
    const bytes = this.#bytes
    const { offset, nextId } = spoilt
    const largestId = nextId + Math.floor((bytes.length - offset) / RECORD_HEAD_BYTES)
    for (let start = offset + 1; start <= bytes.length - RECORD_HEAD_BYTES; start++) {
      const id = idAt(bytes, start)
      if (id <= nextId || id > largestId) continue
      if (id === nextId + 1) {
        const place = this.#rightBehind(spoilt, start)
        if (place !== undefined) yield place
      }
      const end = this.#endAt(start)
      const second = { offset: end, nextId: id + 1, checksum: checksumAt(bytes, start) }
      if (end !== -1 && this.next(second) !== undefined) yield second
    }
  }

  /** The place of a valid record of which only the one before is spoilt. */
  #rightBehind(spoilt: SegmentPlace, start: number): SegmentPlace | undefined {
    const { offset, checksum } = spoilt
    const place = { offset: start, nextId: spoilt.nextId + 1 }
    const stored = { ...place, checksum: checksumAt(this.#bytes, offset) }
    if (this.next(stored) !== undefined) return stored
    if (this.#endAt(offset) !== start) return undefined
    const computed = { ...place, checksum: this.#checksumOf(offset, start, checksum) }
    return this.next(computed) === undefined ? undefined : computed
  }

  /** Where a record ends, by its length; -1 if that is not there. */
  #endAt(start: number): number {
    if (start + RECORD_HEAD_BYTES > this.#bytes.length) return -1
    const end = start + recordBytesAt(this.#bytes, start)
    return end > this.#bytes.length ? -1 : end
  }

  /** As `checksumOf()` of a record, in a time that does not depend on its length. */
  #checksumOf(start: number, end: number, previousChecksum: number): number {
    return (this.#checksums.of(start + CHECKSUM_BYTES, end, previousChecksum) ^ this.#salt) >>> 0
  }
}

/** A record begins with its checksum, which does not count itself. */
const CHECKSUM_BYTES = 4
