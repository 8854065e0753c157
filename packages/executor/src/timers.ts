import type { Clock, Timer } from '@cupola/core'
import { type Ordered, TimerHeap } from './timer-heap.ts'

/** Something that happens at a moment. */
export interface TimerNode extends Ordered {
  /** Whether the process stays alive for it. Tell {@link Timers.refChanged} when it changes. */
  readonly isRef: boolean
  /** The moment has come, and the node has left the timers. Must not throw. */
  ring(): void
}

/**
 * Everything that waits for a moment, behind one timer of the clock.
 *
 * The timer is armed for the first moment or for an earlier one: when that is cancelled, waking up
 * in vain once costs less than to arm the timer again each time.
 */
export class Timers {
  readonly #clock: Clock
  readonly #heap = new TimerHeap<TimerNode>()
  #timer: Timer | undefined
  #armedFor = Infinity
  /** For how many nodes, and other reasons, the process shall stay alive. */
  #refs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** All that wait, in an order in which each is taken out in O(1). */
  get nodes(): TimerNode[] {
    return this.#heap.nodes.toReversed()
  }

  /** All that wait, the first to come first; in O(n log n). */
  get sorted(): TimerNode[] {
    return this.#heap.sorted
  }

  /** Has a node ring at a moment of the clock, at once if that is past; never at `Infinity`. */
  add(node: TimerNode, due: number): void {
    this.#heap.push(node, due)
    if (node.isRef) this.#changeRefs(1)
    if (due < this.#armedFor) this.#arm(due)
  }

  /** `false` if the node does not wait here. */
  remove(node: TimerNode): boolean {
    if (!this.#heap.remove(node)) return false
    if (node.isRef) this.#changeRefs(-1)
    if (this.#heap.size === 0) this.#disarm()
    return true
  }

  /** Whether a node waits here. */
  has(node: TimerNode): boolean {
    return this.#heap.nodes[node.index] === node
  }

  /** When a node rings that waits here. */
  dueOf(node: TimerNode): number {
    return this.#heap.dueOf(node)
  }

  /** A node that waits here has changed its `isRef`. */
  refChanged(node: TimerNode): void {
    this.#changeRefs(node.isRef ? 1 : -1)
  }

  /** Keeps the process alive as long as anything waits here, until the result is disposed. */
  hold(): Disposable {
    let isHeld = true
    this.#changeRefs(1)
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.#changeRefs(-1)
        isHeld = false
      },
    }
  }

  #changeRefs(by: number): void {
    const before = this.#refs > 0
    this.#refs += by
    const after = this.#refs > 0
    if (before === after) return
    if (after) this.#timer?.ref()
    else this.#timer?.unref()
  }

  #arm(due: number): void {
    this.#disarm()
    if (due === Infinity) return
    this.#armedFor = due
    this.#timer = this.#clock.setTimer(() => this.#wake(), Math.max(0, due - this.#clock.now()))
    if (this.#refs === 0) this.#timer.unref()
  }

  #disarm(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#armedFor = Infinity
  }

  #wake(): void {
    this.#disarm()
    const now = this.#clock.now()
    while (this.#heap.firstDue <= now) {
      const { first } = this.#heap
      if (first === undefined) break
      this.remove(first)
      first.ring()
    }
    if (this.#heap.firstDue < this.#armedFor) this.#arm(this.#heap.firstDue)
  }
}
