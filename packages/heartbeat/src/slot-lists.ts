const FEWEST_SLOTS = 64

/**
 * Doubly linked lists of numbers, the slots, each of which is in one list at most.
 *
 * The links are an array of integers, 8 bytes a slot, both of a slot side by side. A list of objects is
 * easier to read, but its million objects fit into no cache: moving one to the back of the list, which is
 * what each beat does, took four times as long. A list is a slot too, its head, linked to itself in a
 * ring, so that nothing has to ask for an end.
 */
export class SlotLists {
  /** The slot before, and the slot behind, of each. */
  #links = new Int32Array(2 * FEWEST_SLOTS)
  #used = 0
  /** Slots that were given back, each pointing to the next; -1 is the end. */
  #free = -1

  /** Takes a slot that is in no list. The numbers are used again, the last one given back first. */
  take(): number {
    const slot = this.#free
    if (slot === -1) {
      if (2 * this.#used === this.#links.length) this.#grow()
      return this.#isolate(this.#used++)
    }
    this.#free = this.#after(slot)
    return this.#isolate(slot)
  }

  /** Gives back a slot, which leaves its list, or an empty list. */
  give(slot: number): void {
    this.leave(slot)
    this.#links[2 * slot + 1] = this.#free
    this.#free = slot
  }

  /** A new list, empty. */
  newList(): number {
    return this.take()
  }

  /** The slot at the front of a list; the list itself if it is empty. */
  first(list: number): number {
    return this.#after(list)
  }

  /** The slot at the back of a list; the list itself if it is empty. */
  last(list: number): number {
    return this.#before(list)
  }

  /** The one behind it in its list; the list itself behind the last. */
  following(slot: number): number {
    return this.#after(slot)
  }

  /** Moves a slot, from whichever list it is in, to the back of this one. */
  moveToBack(list: number, slot: number): void {
    this.#join(this.#before(slot), this.#after(slot))
    this.#join(this.#before(list), slot)
    this.#join(slot, list)
  }

  /** Takes a slot out of its list, if it is in one. */
  leave(slot: number): void {
    this.#join(this.#before(slot), this.#after(slot))
    this.#join(slot, slot)
  }

  #join(slot: number, next: number): void {
    this.#links[2 * slot + 1] = next
    this.#links[2 * next] = slot
  }

  #isolate(slot: number): number {
    this.#join(slot, slot)
    return slot
  }

  #after(slot: number): number {
    return this.#links[2 * slot + 1] ?? slot
  }

  #before(slot: number): number {
    return this.#links[2 * slot] ?? slot
  }

  #grow(): void {
    const larger = new Int32Array(this.#links.length * 2)
    larger.set(this.#links)
    this.#links = larger
  }
}
