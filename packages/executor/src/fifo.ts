/** What an object needs so that a {@link Fifo} or a {@link TimerHeap} can hold it. Only they write it. */
export interface Placed {
  /** Where the object stands in what holds it; -1 while nothing does. */
  index: number
}

/** From how many places that were served on it is worth moving the others up. */
const MOST_SERVED = 1024

/**
 * First come, first served, and whoever leaves from the middle does so in O(1).
 *
 * An array with a moving front. Who leaves before its turn leaves a hole, which is stepped over: links
 * from neighbor to neighbor would need no holes, but three fields in every task there is, also in
 * those that wait for a moment years away.
 */
export class Fifo<Node extends Placed> implements Iterable<Node> {
  #places: (Node | undefined)[] = []
  /** Of `#places`, the first that is not served yet. */
  #front = 0
  /** How many places have been dropped from the front: a node's index counts them. */
  #dropped = 0
  #size = 0

  /** How many there are. */
  get size(): number {
    return this.#size
  }

  /** The next one. */
  get first(): Node | undefined {
    while (this.#front < this.#places.length) {
      const node = this.#places[this.#front]
      if (node !== undefined) return node
      this.#front++
    }
    return undefined
  }

  /** Adds a node at the end, in O(1). */
  push(node: Node): void {
    node.index = this.#dropped + this.#places.push(node) - 1
    this.#size++
  }

  /** Takes the first node out, in O(1), now and then in O(n). */
  shift(): Node | undefined {
    const { first } = this
    if (first !== undefined) this.remove(first)
    return first
  }

  /** Takes a node out wherever it is. `false` if it is not here. */
  remove(node: Node): boolean {
    const place = node.index - this.#dropped
    if (place < 0 || this.#places[place] !== node) return false
    node.index = -1
    this.#places[place] = undefined
    this.#size--
    if (place === this.#front) this.#front++
    this.#tidy()
    return true
  }

  *[Symbol.iterator](): Iterator<Node> {
    for (const node of this.#places) if (node !== undefined) yield node
  }

  /** Half of the array at the least, so that what is moved up was paid for by what was served. */
  #tidy(): void {
    const isEmpty = this.#size === 0
    if (!isEmpty && (this.#front < MOST_SERVED || this.#front * 2 < this.#places.length)) return
    const gone = isEmpty ? this.#places.length : this.#front
    this.#dropped += gone
    this.#front = 0
    if (isEmpty) this.#places.length = 0
    else this.#places.splice(0, gone)
  }
}
