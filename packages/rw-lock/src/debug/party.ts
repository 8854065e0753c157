import { errorAt, type Place } from './place.ts'
import { WeakRecords } from './weak-records.ts'

/**
 * Those who are or may be inside a lock, and wait for each other no more than others wait for them:
 * its readers, its writers, or all. It knows which parties its members have waited for.
 *
 * These waits never form a circle, for the one that would close it is refused: a circle is a
 * deadlock that only has not happened yet.
 */
export class Party {
  /** With where one of this party was seen to ask. Weak: a lock does not keep those taken inside it. */
  readonly #waits = new WeakRecords<Party, Place>()

  /** Whether one of this party has itself asked for what `other` may have. */
  waitsFor(other: Party): boolean {
    return this.#waits.has(other)
  }

  addWait(other: Party, place: Place): void {
    this.#waits.add(other, place)
  }

  /**
   * Looks whether one of this party may wait for one of `other`, be it by way of more parties.
   *
   * @returns Where the last of them was seen to ask.
   */
  findWait(other: Party): Error | undefined {
    const seen = new Set<Party>([this])
    for (const party of seen) {
      for (const [next, place] of party.#waits) {
        if (next === other) return errorAt('The other order, seen here', place)
        seen.add(next)
      }
    }
    return undefined
  }
}

/**
 * Notes that who belongs to all of `holding` asks, at `place`, for what `blocking` may have.
 *
 * @returns If that would close a circle: where the rest of it was seen. Then nothing is noted.
 */
export function noteWaits(
  holding: readonly Party[],
  blocking: readonly Party[],
  place: Place,
): Error | undefined {
  for (const party of holding) {
    for (const other of blocking) {
      const circle = party.waitsFor(other) ? undefined : other.findWait(party)
      if (circle !== undefined) return circle
    }
  }
  for (const party of holding) for (const other of blocking) party.addWait(other, place)
  return undefined
}
