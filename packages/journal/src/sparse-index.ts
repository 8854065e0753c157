import type { SegmentPlace } from './segment-cursor.ts'

/** How far apart the places are: as much as is read at once. */
const STEP_BYTES = 256 * 1024

/**
 * Some of the places that were read, so that who comes later for a record in the middle of a segment need
 * not read it from the start. Memory: some hundred bytes for each 256 KiB that were read.
 */
export class SparseIndex {
  readonly #places = new Map<number, SegmentPlace[]>()

  /** Remembers a place, if it is far enough behind the last one of its segment. */
  add(firstId: number, place: SegmentPlace): void {
    const places = this.#places.get(firstId)
    if (places === undefined) this.#places.set(firstId, [place])
    else if (place.offset >= (places.at(-1)?.offset ?? 0) + STEP_BYTES) places.push(place)
  }

  /** The last place that is not behind a record. */
  before(firstId: number, id: number): SegmentPlace | undefined {
    return this.#places.get(firstId)?.findLast(({ nextId }) => nextId <= id)
  }

  /** Forgets a segment that is gone. */
  forget(firstId: number): void {
    this.#places.delete(firstId)
  }
}
