/** What an object needs so that a {@link Heap} can hold it. Only the heap writes it. */
export interface HeapNode {
  /** Where the node stands in its heap; -1 while it is in none. */
  index: number
}

/**
 * Children of a node. Four make the heap half as deep as two and lie side by side in memory: adding
 * needs half the comparisons, taking about as many.
 */
const ARITY = 4

/**
 * A heap whose nodes know where they stand, so that one is taken out of the middle without a search.
 *
 * Knows nothing of queues or time: `isBefore` is all the order there is, and has to be a strict one.
 * It may throw when a node is pushed, which is then not in the heap, and at no other time.
 */
export class Heap<Node extends HeapNode> {
  readonly #nodes: Node[] = []
  readonly #isBefore: (one: Node, other: Node) => boolean

  constructor(isBefore: (one: Node, other: Node) => boolean) {
    this.#isBefore = isBefore
  }

  /** How many nodes the heap holds. */
  get size(): number {
    return this.#nodes.length
  }

  /** The node before all others, `undefined` when the heap is empty. */
  get first(): Node | undefined {
    return this.#nodes[0]
  }

  /** Adds a node, in O(log n). */
  push(node: Node): void {
    // Looks before it moves anything: a comparison that throws leaves the heap as it was.
    const place = this.#placeAbove(node, this.#nodes.length)
    this.#lift(node, this.#nodes.length, place)
  }

  /** Takes the first node out, in O(log n). */
  shift(): Node | undefined {
    const { first } = this
    if (first !== undefined) this.remove(first)
    return first
  }

  /** Takes a node out wherever it stands, in O(log n). `false` if this heap does not hold it. */
  remove(node: Node): boolean {
    const { index } = node
    if (this.#nodes[index] !== node) return false
    node.index = -1
    const last = this.#nodes.pop()
    if (last !== undefined && last !== node) this.#fill(index, last)
    return true
  }

  /** The last node goes into the gap that another has left, which may be above or below its place. */
  #fill(index: number, last: Node): void {
    const place = this.#placeAbove(last, index)
    if (place < index) this.#lift(last, index, place)
    else this.#sink(last, index)
  }

  /** Where a node belongs on the way from `index` up to the root. */
  #placeAbove(node: Node, index: number): number {
    let place = index
    while (place > 0) {
      const above = parentOf(place)
      const parent = this.#nodes[above]
      if (parent === undefined || !this.#isBefore(node, parent)) return place
      place = above
    }
    return place
  }

  /** Puts a node to `place`, and those between there and the gap at `index` one step down. */
  #lift(node: Node, index: number, place: number): void {
    let gap = index
    while (gap > place) {
      const above = parentOf(gap)
      const parent = this.#nodes[above]
      if (parent !== undefined) this.#set(parent, gap)
      gap = above
    }
    this.#set(node, place)
  }

  /** Puts a node to the gap at `index`, or below, behind all that come before it. */
  #sink(node: Node, index: number): void {
    let gap = index
    let child = this.#leastChildOf(gap)
    while (child !== undefined && this.#isBefore(child, node)) {
      const { index: below } = child
      this.#set(child, gap)
      gap = below
      child = this.#leastChildOf(gap)
    }
    this.#set(node, gap)
  }

  #leastChildOf(index: number): Node | undefined {
    const eldest = index * ARITY + 1
    let least = this.#nodes[eldest]
    for (let place = eldest + 1; place < eldest + ARITY; place++) {
      const child = this.#nodes[place]
      if (child === undefined || least === undefined) break
      if (this.#isBefore(child, least)) least = child
    }
    return least
  }

  #set(node: Node, index: number): void {
    node.index = index
    this.#nodes[index] = node
  }
}

function parentOf(index: number): number {
  return Math.floor((index - 1) / ARITY)
}
