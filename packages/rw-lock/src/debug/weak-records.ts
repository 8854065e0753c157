/** Below so many, to look for dead ones is not worth it. */
const FEW = 16

/** A `WeakMap` that can be walked. What it knows of a key that is gone is dropped in time. */
export class WeakRecords<Key extends object, Value> {
  readonly #keys = new WeakSet<Key>()
  readonly #records = new Set<{ readonly key: WeakRef<Key>; readonly value: Value }>()
  #sweepAt = FEW

  /** How many records there are, with those of keys that are gone: up to twice what the last sweep left. */
  get size(): number {
    return this.#records.size
  }

  has(key: Key): boolean {
    return this.#keys.has(key)
  }

  /** Amortized O(1): a sweep of n records is paid for by the n/2 that were added since the last. */
  add(key: Key, value: Value): void {
    if (this.#keys.has(key)) return
    if (this.#records.size >= this.#sweepAt) this.#sweep()
    this.#keys.add(key)
    this.#records.add({ key: new WeakRef(key), value })
  }

  *[Symbol.iterator](): Generator<readonly [Key, Value]> {
    for (const { key, value } of this.#records) {
      const alive = key.deref()
      if (alive !== undefined) yield [alive, value]
    }
  }

  #sweep(): void {
    for (const record of this.#records) {
      if (record.key.deref() === undefined) this.#records.delete(record)
    }
    this.#sweepAt = Math.max(FEW, 2 * this.#records.size)
  }
}
