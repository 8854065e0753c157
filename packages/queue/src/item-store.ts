/**
 * Where a queue keeps its items, and which of them it gives out next. A store belongs to one queue,
 * which alone calls it.
 */
export interface ItemStore<T> {
  /** How many items it holds. */
  readonly size: number
  /**
   * The moment, on the queue's clock, from which {@link shift} may be called; `Infinity` while there
   * is none. Left out by a store whose items are ready as soon as they are in.
   */
  readonly readyAt?: number | undefined
  /**
   * Takes an item in, or throws and stays as it is: then whoever puts the item gets the error.
   *
   * @param item - One that there is room for.
   */
  push(item: T): void
  /**
   * Gives the next item out. Called only while there is one. Must not throw.
   *
   * @returns The item.
   */
  shift(): T | undefined
}
