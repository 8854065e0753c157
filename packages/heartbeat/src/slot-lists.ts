import { SlotRecords } from './slot-records.ts'

/**
 * Doubly linked lists of numbers, the slots, each of which is in one list at most.
 *
 * The links are integers in the slot's record. A list of objects is easier to read, but its million objects
 * fit into no cache: moving one to the back of the list, which is what each beat does, took four times as
 * long. A list is a slot too, its head, linked to itself in a ring, so that nothing has to ask for an end.
 */
export class SlotLists {
  readonly #records: SlotRecords
  #used = 0
  /** Slots that were given back, each pointing to the next; -1 is the end. */
  #free = -1

  constructor(records: SlotRecords = new SlotRecords()) {
    this.#records = records
  }

  /** Takes a slot that is in no list. The numbers are used again, the last one given back first. */
  take(): number {
    const slot = this.#free
    if (slot === -1) {
      this.#records.hold(this.#used)
      return this.#isolate(this.#used++)
    }
    this.#free = this.#records.behindOf(slot)
    return this.#isolate(slot)
  }

  /** Gives back a slot, which leaves its list, or an empty list. */
  give(slot: number): void {
    this.leave(slot)
    this.#records.setBehind(slot, this.#free)
    this.#free = slot
  }

  /** A new list, empty. */
  newList(): number {
    return this.take()
  }

  /** The slot at the front of a list; the list itself if it is empty. */
  first(list: number): number {
    return this.#records.behindOf(list)
  }

  /** The slot at the back of a list; the list itself if it is empty. */
  last(list: number): number {
    return this.#records.beforeOf(list)
  }

  /** The one behind it in its list; the list itself behind the last. */
  following(slot: number): number {
    return this.#records.behindOf(slot)
  }

  /** Moves a slot, from whichever list it is in, to the back of this one. */
  moveToBack(list: number, slot: number): void {
    this.#join(this.#records.beforeOf(slot), this.#records.behindOf(slot))
    this.#join(this.#records.beforeOf(list), slot)
    this.#join(slot, list)
  }

  /** Takes a slot out of its list, if it is in one. */
  leave(slot: number): void {
    this.#join(this.#records.beforeOf(slot), this.#records.behindOf(slot))
    this.#join(slot, slot)
  }

  #join(slot: number, next: number): void {
    this.#records.setBehind(slot, next)
    this.#records.setBefore(next, slot)
  }

  #isolate(slot: number): number {
    this.#join(slot, slot)
    return slot
  }
}
