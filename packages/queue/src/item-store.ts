/**
 * Where a queue keeps its items, and which of them it gives out next. A store belongs to one queue,
 * which alone calls it, in the middle of its work: only {@link rankOf} may call the queue back.
 */
export interface ItemStore<T, Rank = unknown> {
  /** How many items it holds. */
  readonly size: number
  /**
   * The moment, on the queue's clock, from which {@link shift} may be called; `Infinity` while there
   * is none. Left out by a store whose items are ready as soon as they are in.
   */
  readonly readyAt?: number | undefined
  /**
   * Says where an item belongs. Called once for each `put()` and `tryPut()`, before the queue does
   * anything else, so it may do what it likes; what it throws is what whoever puts the item gets.
   * Left out by a store that knows without asking.
   *
   * @param item - One that somebody wants to put in.
   * @returns What {@link push} is given with the item.
   */
  rankOf?(item: T): Rank
  /**
   * Takes an item in, or throws and stays as it is: then whoever puts the item gets the error.
   *
   * @param item - One that there is room for.
   * @param rank - What {@link rankOf} said when the item was put, which may be long ago.
   */
  push(item: T, rank: Rank): void
  /**
   * Gives the next item out. Called only while there is one. Must not throw.
   *
   * @returns The item.
   */
  shift(): T | undefined
}
