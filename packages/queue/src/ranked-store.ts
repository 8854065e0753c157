import { Heap } from './heap.ts'
import type { ItemStore } from './item-store.ts'

/** The first in rank is next, and of two that rank the same, the one that came first. */
export class RankedStore<T, Rank> implements ItemStore<T, Rank> {
  readonly rankOf: (item: T) => Rank
  readonly #heap: Heap<Ranked<T, Rank>>
  #sequence = 0

  /**
   * @param rankOf - May be anybody's code; the store itself does not call it.
   * @param compare - As for `Array.prototype.sort()`; `NaN` is as good as 0.
   */
  constructor(rankOf: (item: T) => Rank, compare: (one: Rank, other: Rank) => number) {
    this.rankOf = rankOf
    this.#heap = new Heap(
      (one, other) => (compare(one.rank, other.rank) || one.sequence - other.sequence) < 0,
    )
  }

  get size(): number {
    return this.#heap.size
  }

  /** The rank of the next item, `undefined` if there is none. */
  get firstRank(): Rank | undefined {
    return this.#heap.first?.rank
  }

  push(item: T, rank: Rank): void {
    this.#heap.push({ item, rank, sequence: this.#sequence++ })
  }

  shift(): T | undefined {
    return this.#heap.shift()?.item
  }
}

interface Ranked<T, Rank> {
  readonly item: T
  readonly rank: Rank
  readonly sequence: number
}

/**
 * Checks a number that ranks an item.
 *
 * @throws TypeError If it is no number.
 * @throws RangeError If it is `NaN`, which no order has a place for.
 */
export function requireRank(name: string, value: number): number {
  if (typeof value !== 'number') {
    throw new TypeError(`Cannot use ${name}: got ${typeof value}, expected a number`)
  }
  if (Number.isNaN(value)) throw new RangeError(`Cannot use ${name}: got NaN, expected a number`)
  return value
}
