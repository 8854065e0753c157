import { CONTINUES, putRecord, RECORD_HEAD_BYTES, type RecordContent } from './record-frame.ts'

/** Somebody who waits for the id of a record. */
interface Promised {
  /** Which record of the batch. */
  readonly index: number
  readonly resolve: (id: bigint) => void
  readonly reject: (error: unknown) => void
}

const LEAST_BYTES = 64 * 1024

/**
 * Records that are written together, encoded as they come. They have no ids and no checksums yet: those
 * depend on what is written before, and that may still fail.
 */
export class Batch {
  #bytes = Buffer.allocUnsafeSlow(LEAST_BYTES)
  #length = 0
  #count = 0
  #promised: Promised[] = []
  #awaited: (() => void)[] = []

  /** The records, end to end. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  /** How long they are. */
  get length(): number {
    return this.#length
  }

  /** How many bytes it has room for without growing. */
  get room(): number {
    return this.#bytes.length
  }

  /** How many they are. */
  get count(): number {
    return this.#count
  }

  /** Adds one record. Its payload is copied. */
  add(record: RecordContent): void {
    this.#put(record, 0)
  }

  /** Adds records that count together or not at all. */
  addGroup(records: readonly RecordContent[]): void {
    // All the room at once: if there is none, none of them is in the batch.
    const end = records.reduce(
      (sum, { payload }) => sum + RECORD_HEAD_BYTES + payload.length,
      this.#length,
    )
    if (end > this.#bytes.length) this.#grow(end)
    const before = { length: this.#length, count: this.#count }
    try {
      records.forEach((record, index) =>
        this.#put(record, index < records.length - 1 ? CONTINUES : 0),
      )
    } catch (error) {
      // A payload whose buffer is gone. The next record must not be taken for the rest of the group.
      this.#length = before.length
      this.#count = before.count
      throw error
    }
  }

  /** Promises the id of a record, which it gets when the batch is written. */
  promise(index: number): Promise<bigint> {
    return new Promise((resolve, reject) => {
      this.#promised.push({ index, resolve, reject })
    })
  }

  /** Resolves once the others have been told how it went, whatever that is. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#awaited.push(resolve)
    })
  }

  /** Tells everybody that it went well. */
  resolve(firstId: number): void {
    for (const { index, resolve } of this.#promised) resolve(BigInt(firstId + index))
    for (const resolve of this.#awaited) resolve()
  }

  /** Tells everybody that it did not. Each gets an error of its own. */
  reject(errorOf: () => Error): void {
    for (const { reject } of this.#promised) reject(errorOf())
    for (const resolve of this.#awaited) resolve()
  }

  /** Makes it as new, but for the room that it has. */
  clear(): void {
    this.#length = 0
    this.#count = 0
    this.#promised = []
    this.#awaited = []
  }

  #put(record: RecordContent, flags: number): void {
    const end = this.#length + RECORD_HEAD_BYTES + record.payload.length
    if (end > this.#bytes.length) this.#grow(end)
    putRecord(this.#bytes, this.#length, record, flags)
    this.#length = end
    this.#count++
  }

  #grow(least: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(least, 2 * this.#bytes.length))
    this.#bytes.copy(bytes, 0, 0, this.#length)
    this.#bytes = bytes
  }
}
