// Source: Donald B. Johnson, "Priority queues with update and finding minimum spanning trees",
// Information Processing Letters 4(3), 1975, https://doi.org/10.1016/0020-0190(75)90001-0.
// Nodes are only added and taken from the front, so none needs to know where it stands; a task of
// `@cupola/executor` does, to be cancelled, and is in a heap of that package's own.

/**
 * Children of a node. Johnson leaves the number open; four make the heap half as deep as two and lie
 * side by side in memory: adding needs half the comparisons, taking about as many.
 */
const ARITY = 4

/**
 * A heap: the node before all others is at hand, the rest is sorted no further than that takes.
 *
 * Knows nothing of queues or time: `isBefore` is all the order there is, and has to be a strict one.
 * If it throws while a node is pushed, that is not in the heap. If it throws while one is taken, no
 * node is lost or given twice; those left have no order that could be told, and the error becomes an
 * uncaught exception.
 */
export class Heap<Node extends object> {
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
    const place = this.#placeOf(node)
    let gap = this.#nodes.length
    while (gap > place) gap = this.#move(parentOf(gap), gap)
    this.#nodes[place] = node
  }

  /** Takes the first node out, in O(log n). */
  shift(): Node | undefined {
    const { first } = this
    const last = this.#nodes.pop()
    if (last !== undefined && this.#nodes.length > 0) this.#sink(last)
    return first
  }

  /** Where a new node belongs on the way from the end up to the root. */
  #placeOf(node: Node): number {
    let place = this.#nodes.length
    while (place > 0) {
      const above = parentOf(place)
      const parent = this.#nodes[above]
      if (parent === undefined || !this.#isBefore(node, parent)) return place
      place = above
    }
    return place
  }

  /** Puts a node to the gap at the root, or below, behind all that come before it. */
  #sink(node: Node): void {
    let gap = 0
    try {
      for (let child = this.#childBefore(node, gap); child > 0;) {
        gap = this.#move(child, gap)
        child = this.#childBefore(node, gap)
      }
    } catch (error) {
      // The first node is out already, and whoever takes it is not to blame.
      queueMicrotask(() => {
        throw error
      })
    }
    this.#nodes[gap] = node
  }

  /** Where the child stands that comes before its siblings and before `node`; 0 if none does. */
  #childBefore(node: Node, index: number): number {
    const eldest = index * ARITY + 1
    let least = node
    let place = 0
    for (let each = eldest; each < eldest + ARITY; each++) {
      const child = this.#nodes[each]
      if (child === undefined) break
      if (!this.#isBefore(child, least)) continue
      least = child
      place = each
    }
    return place
  }

  /** Fills a gap. @returns Where it is now. */
  #move(from: number, gap: number): number {
    const node = this.#nodes[from]
    if (node !== undefined) this.#nodes[gap] = node
    return from
  }
}

function parentOf(index: number): number {
  return Math.floor((index - 1) / ARITY)
}
