import type { LogReader } from './log-reader.ts'

/**
 * Those who read a journal, for as long as anybody can go on with the loop: one that was left in the middle
 * and forgotten must not keep segments from being purged for ever.
 */
export class OpenReaders {
  readonly #readers = new Set<WeakRef<LogReader>>()

  /** Counts one, until the result is disposed of. */
  add(reader: LogReader): Disposable {
    const reference = new WeakRef(reader)
    this.#readers.add(reference)
    return { [Symbol.dispose]: () => void this.#readers.delete(reference) }
  }

  /** The first segment that somebody has yet to read to its end; `Infinity` if nobody reads. */
  get firstId(): number {
    let firstId = Infinity
    for (const reference of this.#readers) {
      const reader = reference.deref()
      if (reader === undefined) this.#readers.delete(reference)
      else firstId = Math.min(firstId, reader.firstId)
    }
    return firstId
  }
}
