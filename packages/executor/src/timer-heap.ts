import type { Placed } from './fifo.ts'

/**
 * Children of a node. Four make the heap half as deep as two, and their keys lie side by side: adding
 * needs half the comparisons, taking about as many.
 */
const ARITY = 4

const FEWEST_PLACES = 64

/**
 * Nodes by the moment at which they are due; of those due together, the one added first is first.
 *
 * A heap whose keys are kept apart from its nodes, in arrays of bare numbers: comparing then never
 * reads a node, of which a million do not fit into any cache, and a key costs 8 bytes, where a field
 * that holds a fraction costs 24. Nodes know where they stand, so one leaves from the middle without a
 * search.
 */
export class TimerHeap<Node extends Placed> {
  readonly #nodes: Node[] = []
  #dues = new Float64Array(FEWEST_PLACES)
  /** In which order they came. */
  #orders = new Float64Array(FEWEST_PLACES)
  #added = 0

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
    return this.#nodes.length === 0 ? Infinity : (this.#dues[0] ?? Infinity)
  }

  /** All of them, in no order. */
  get nodes(): readonly Node[] {
    return this.#nodes
  }

  /** When a node is due that is in the heap. */
  dueOf({ index }: Node): number {
    return this.#dues[index] ?? Infinity
  }

  /** Adds a node, in O(log n), and on average in O(1). */
  push(node: Node, due: number): void {
    const place = this.#nodes.push(node) - 1
    if (place === this.#dues.length) this.#grow()
    this.#settle(place, node, due, this.#added++)
  }

  /** Takes a node out wherever it stands, in O(log n). `false` if this heap does not hold it. */
  remove(node: Node): boolean {
    const { index } = node
    if (this.#nodes[index] !== node) return false
    node.index = -1
    const last = this.#nodes.pop()
    // The last one fills the gap, and then belongs above it or below it.
    if (last === undefined || last === node) return true
    const { length } = this.#nodes
    this.#settle(index, last, this.#dues[length] ?? 0, this.#orders[length] ?? 0)
    return true
  }

  /** Puts a node to the gap at `gap`, or to where it belongs above or below. */
  #settle(gap: number, node: Node, due: number, order: number): void {
    const raised = this.#raise(gap, due, order)
    this.#put(raised === gap ? this.#sink(gap, due, order) : raised, node, due, order)
  }

  /** Moves the gap up past all that come after the key, and says where it is then. */
  #raise(from: number, due: number, order: number): number {
    let gap = from
    while (gap > 0) {
      const parent = (gap - 1) >> 2
      if (!this.#isBefore(due, order, parent)) break
      this.#move(parent, gap)
      gap = parent
    }
    return gap
  }

  /** Moves the gap down past all that come before the key, and says where it is then. */
  #sink(from: number, due: number, order: number): number {
    let gap = from
    let child = this.#leastChildOf(gap)
    while (child < this.#nodes.length && !this.#isBefore(due, order, child)) {
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
      if (this.#isBefore(this.#dues[child] ?? 0, this.#orders[child] ?? 0, least)) least = child
    }
    return least
  }

  #isBefore(due: number, order: number, place: number): boolean {
    const other = this.#dues[place] ?? 0
    return due < other || (due === other && order < (this.#orders[place] ?? 0))
  }

  #move(from: number, to: number): void {
    const node = this.#nodes[from]
    if (node !== undefined) this.#put(to, node, this.#dues[from] ?? 0, this.#orders[from] ?? 0)
  }

  #put(place: number, node: Node, due: number, order: number): void {
    this.#nodes[place] = node
    this.#dues[place] = due
    this.#orders[place] = order
    node.index = place
  }

  #grow(): void {
    this.#dues = doubled(this.#dues)
    this.#orders = doubled(this.#orders)
  }
}

function doubled(numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const copy = new Float64Array(numbers.length * 2)
  copy.set(numbers)
  return copy
}
