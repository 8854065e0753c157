import type { SlotLists } from './slot-lists.ts'

/** The rows of the lost, in the order of their loss: those that nobody has taken, and those that are kept. */
export class LostList {
  readonly #lists: SlotLists
  readonly #untaken: number
  readonly #taken: number

  constructor(lists: SlotLists) {
    this.#lists = lists
    this.#untaken = lists.newList()
    this.#taken = lists.newList()
  }

  add(slot: number): void {
    this.#lists.moveToBack(this.#untaken, slot)
  }

  /** Notes that somebody was told of a loss. */
  markTaken(slot: number): void {
    this.#lists.moveToBack(this.#taken, slot)
  }

  /** All of them. */
  *slots(): Generator<number> {
    yield* this.#slotsOf(this.#taken)
    yield* this.untaken()
  }

  /** Those that nobody has taken yet. */
  untaken(): Generator<number> {
    return this.#slotsOf(this.#untaken)
  }

  *#slotsOf(list: number): Generator<number> {
    let slot = this.#lists.first(list)
    while (slot !== list) {
      // The one handed out may leave the list.
      const next = this.#lists.following(slot)
      yield slot
      slot = next
    }
  }
}
