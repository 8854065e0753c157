/** What an object needs so that a {@link Fifo} or a `TimerHeap` can hold it. Only they write it. */
export interface Placed {
  /** Where the object stands in what holds it; -1 while nothing does. */
  index: number
}

/** From how many useless places on it is worth moving the others up. */
const MOST_USELESS = 1024

/**
 * First come, first served, and whoever leaves from the middle does so in O(1): a deque would have to
 * look for him.
 *
 * An array with a moving front. Who leaves before its turn leaves a hole, which is stepped over: links
 * from neighbor to neighbor, as in the `LinkedList` of `@cupola/core`, would need no holes, but three
 * fields in every task there is, also in those that wait for a moment years away.
 */
export class Fifo<Node extends Placed> implements Iterable<Node> {
  #places: (Node | undefined)[] = []
  /** When each came, apart from the nodes: most of the time these are not in the cache. */
  #since: number[] = []
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

  /** The one that came last; in O(holes behind it). */
  get last(): Node | undefined {
    return this.#places.findLast((node) => node !== undefined)
  }

  /** What the next one was pushed with; `Infinity` if there is none. */
  get firstSince(): number {
    return this.first === undefined ? Infinity : (this.#since[this.#front] ?? Infinity)
  }

  /** Adds a node at the end, in O(1), with the moment at which it came. */
  push(node: Node, since = 0): void {
    node.index = this.#dropped + this.#places.push(node) - 1
    this.#since.push(since)
    this.#size++
  }

  /** Takes the first node out, in O(1), now and then in O(n). */
  shift(): Node | undefined {
    const { first } = this
    if (first !== undefined) this.remove(first)
    return first
  }

  /** Takes a node out wherever it is, in O(1), now and then in O(n). `false` if it is not here. */
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

  /** Half of the array at the least, so that what is moved up was paid for by what has left. */
  #tidy(): void {
    const { length } = this.#places
    if (this.#size === 0) return this.#drop(length)
    const holes = length - this.#front - this.#size
    if (holes > Math.max(MOST_USELESS, this.#size)) return this.#closeUp()
    if (this.#front >= MOST_USELESS && this.#front * 2 >= length) this.#drop(this.#front)
  }

  /** Gives up the front: nobody else has to be told, for places are counted from the very first. */
  #drop(count: number): void {
    this.#dropped += count
    this.#front = 0
    if (count === this.#places.length) {
      this.#places.length = 0
      this.#since.length = 0
    } else {
      this.#places.splice(0, count)
      this.#since.splice(0, count)
    }
  }

  /** Gives up the holes: whoever stands behind one has a new place. */
  #closeUp(): void {
    const places = this.#places
    const since = this.#since
    this.#dropped += places.length
    this.#places = []
    this.#since = []
    this.#front = 0
    this.#size = 0
    for (const [place, node] of places.entries()) {
      if (node !== undefined) this.push(node, since[place])
    }
  }
}
