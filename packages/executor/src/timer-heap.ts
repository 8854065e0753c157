import type { Placed } from './fifo.ts'

/** What an object needs so that a {@link TimerHeap} can hold it. */
export interface Ordered extends Placed {
  /** Of two that are due at the same moment, the lower is first. Must not change meanwhile. */
  readonly order: number
}

/**
 * Children of a node. Four make the heap half as deep as two, and their keys lie side by side: adding
 * needs half the comparisons, taking about as many.
 */
const ARITY = 4

const FEWEST_PLACES = 64

/**
 * Nodes by the moment at which they are due. Unlike the heap of `@cupola/queue`, which orders by
 * whatever its owner says and gives up only its first, this one knows where each node stands.
 *
 * A heap whose keys are kept apart from its nodes, in an array of bare numbers: comparing then hardly
 * ever reads a node, of which a million do not fit into any cache, and a key costs 8 bytes, where a
 * field that holds a fraction costs 24. Nodes know where they stand, so one leaves from the middle
 * without a search.
 */
export class TimerHeap<Node extends Ordered> {
  readonly #nodes: Node[] = []
  #dues = new Float64Array(FEWEST_PLACES)

  /** How many nodes the heap holds. */
  get size(): number {
    return this.#nodes.length
  }

  /** The node that is due first. */
  get first(): Node | undefined {
    return this.#nodes[0]
  }

  /** When the first is due; `Infinity` when the heap is empty. */
  get firstDue(): number {
    return this.#nodes.length === 0 ? Infinity : this.#dueAt(0)
  }

  /** All of them, in no order. */
  get nodes(): readonly Node[] {
    return this.#nodes
  }

  /** All of them, in order; in O(n log n). Numbers are sorted, which takes a third of the time. */
  get sorted(): Node[] {
    const nodes = this.#nodes
    const places = new Uint32Array(nodes.length).map((_, place) => place)
    places.sort((one, other) => {
      const byDue = this.#dueAt(one) - this.#dueAt(other)
      // `NaN`, of two that are never due, is falsy as well.
      return byDue || (nodes[one]?.order ?? 0) - (nodes[other]?.order ?? 0)
    })
    const sorted: Node[] = []
    for (const place of places) {
      const node = nodes[place]
      if (node !== undefined) sorted.push(node)
    }
    return sorted
  }

  /** When a node is due that is in the heap. */
  dueOf({ index }: Node): number {
    return this.#dueAt(index)
  }

  /** Adds a node, in O(log n), and on average in O(1). */
  push(node: Node, due: number): void {
    const place = this.#nodes.push(node) - 1
    if (place === this.#dues.length) this.#grow()
    this.#put(this.#raise(place, node, due), node, due)
  }

  /** Takes a node out wherever it stands, in O(log n). `false` if this heap does not hold it. */
  remove(node: Node): boolean {
    const { index } = node
    if (this.#nodes[index] !== node) return false
    node.index = -1
    const last = this.#nodes.pop()
    // The last one fills the gap, and then belongs above it or below it.
    if (last === undefined || last === node) return true
    const due = this.#dueAt(this.#nodes.length)
    const raised = this.#raise(index, last, due)
    this.#put(raised === index ? this.#sink(index, last, due) : raised, last, due)
    return true
  }

  /** Moves the gap up past all that come after the node, and says where it is then. */
  #raise(from: number, node: Node, due: number): number {
    let gap = from
    while (gap > 0) {
      const parent = (gap - 1) >> 2
      if (!this.#isBefore(node, due, parent)) break
      this.#move(parent, gap)
      gap = parent
    }
    return gap
  }

  /** Moves the gap down past all that come before the node, and says where it is then. */
  #sink(from: number, node: Node, due: number): number {
    let gap = from
    let child = this.#leastChildOf(gap)
    while (child < this.#nodes.length && !this.#isBefore(node, due, child)) {
      this.#move(child, gap)
      gap = child
      child = this.#leastChildOf(gap)
    }
    return gap
  }

  /** A place behind the last, if there is no child. */
  #leastChildOf(place: number): number {
    const eldest = place * ARITY + 1
    const end = Math.min(eldest + ARITY, this.#nodes.length)
    let least = eldest
    for (let child = eldest + 1; child < end; child++) {
      const node = this.#nodes[child]
      if (node !== undefined && this.#isBefore(node, this.#dueAt(child), least)) least = child
    }
    return least
  }

  #isBefore(node: Node, due: number, place: number): boolean {
    const other = this.#dueAt(place)
    return due < other || (due === other && node.order < (this.#nodes[place]?.order ?? 0))
  }

  #dueAt(place: number): number {
    return this.#dues[place] ?? Infinity
  }

  #move(from: number, to: number): void {
    const node = this.#nodes[from]
    if (node !== undefined) this.#put(to, node, this.#dueAt(from))
  }

  #put(place: number, node: Node, due: number): void {
    this.#nodes[place] = node
    this.#dues[place] = due
    node.index = place
  }

  #grow(): void {
    const dues = new Float64Array(this.#dues.length * 2)
    dues.set(this.#dues)
    this.#dues = dues
  }
}
