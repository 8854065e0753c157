import { InvariantError } from './errors.ts'

/** What an object needs so that a {@link LinkedList} can hold it. Only the list writes these. */
export interface LinkedNode<Self> {
  /** The neighbour towards the front. */
  previous: Self | undefined
  /** The neighbour towards the back. */
  next: Self | undefined
  /** The list that holds the node now. */
  list: LinkedListOf<Self> | undefined
}

/** The part of a list that a node has to know. */
type LinkedListOf<Node> = { readonly size: number; remove(node: Node): boolean }

/**
 * A doubly linked list whose links live in its nodes, so that a waiter in the middle leaves in
 * O(1), without a search and without garbage. A node is in one list at most.
 *
 * A deque is faster at both ends, but finds a cancelled waiter only by walking to it: a hundred
 * thousand waiters that time out together would take it ten billion steps.
 */
export class LinkedList<Node extends LinkedNode<Node>> implements Iterable<Node> {
  #first: Node | undefined
  #last: Node | undefined
  #size = 0

  /** How many nodes the list holds. */
  get size(): number {
    return this.#size
  }

  /** The node at the front, `undefined` when the list is empty. */
  get first(): Node | undefined {
    return this.#first
  }

  /** The node at the back, `undefined` when the list is empty. */
  get last(): Node | undefined {
    return this.#last
  }

  /**
   * Adds a node at the back, in O(1).
   *
   * @throws {@link InvariantError} If the node is in a list already.
   */
  push(node: Node): void {
    this.#claim(node)
    node.previous = this.#last
    if (this.#last === undefined) this.#first = node
    else this.#last.next = node
    this.#last = node
  }

  /**
   * Adds a node at the front, in O(1).
   *
   * @throws {@link InvariantError} If the node is in a list already.
   */
  unshift(node: Node): void {
    this.#claim(node)
    node.next = this.#first
    if (this.#first === undefined) this.#last = node
    else this.#first.previous = node
    this.#first = node
  }

  /** Takes the node at the front out, in O(1). */
  shift(): Node | undefined {
    const node = this.#first
    if (node !== undefined) this.remove(node)
    return node
  }

  /** Takes a node out wherever it is, in O(1). `false` if this list does not hold it. */
  remove(node: Node): boolean {
    if (node.list !== this) return false
    if (node.previous === undefined) this.#first = node.next
    else node.previous.next = node.next
    if (node.next === undefined) this.#last = node.previous
    else node.next.previous = node.previous
    node.previous = undefined
    node.next = undefined
    node.list = undefined
    this.#size--
    return true
  }

  /** From front to back. The node just handed out may be removed meanwhile, others may not. */
  *[Symbol.iterator](): Iterator<Node> {
    let node = this.#first
    while (node !== undefined) {
      const { next } = node
      yield node
      node = next
    }
  }

  #claim(node: Node): void {
    if (node.list !== undefined) throw new InvariantError('a node is in one list at most')
    node.list = this
    this.#size++
  }
}
