import type { Lane } from './lane.ts'

/**
 * Lanes by the moment at which they have to be looked at.
 *
 * A beat only moves that moment away, so it leaves the heap alone: a lane that is looked at too early
 * costs a glance. Most monitors have one lane.
 */
export class LaneHeap {
  readonly #lanes: Lane[] = []

  /** The lane that has to be looked at first. */
  get first(): Lane | undefined {
    return this.#lanes[0]
  }

  /** All lanes, in no order. */
  get lanes(): readonly Lane[] {
    return this.#lanes
  }

  /** Takes in a lane, in O(log n). */
  add(lane: Lane): void {
    this.#raise(lane, this.#lanes.length)
  }

  /** Sets when to look at a lane that it has, in O(log n); `Infinity` for never, as it looks now. */
  set(lane: Lane, due: number): void {
    lane.due = due
    this.#settle(lane, lane.index)
  }

  remove(lane: Lane): void {
    const { index } = lane
    lane.index = -1
    const last = this.#lanes.pop()
    // The last one fills the gap.
    if (last !== undefined && last !== lane) this.#settle(last, index)
  }

  #settle(lane: Lane, index: number): void {
    if (this.#raise(lane, index) === index) this.#sink(lane, index)
  }

  #raise(lane: Lane, from: number): number {
    let index = from
    while (index > 0) {
      const parent = this.#lanes[(index - 1) >> 1]
      if (parent === undefined || parent.due <= lane.due) break
      const { index: above } = parent
      this.#put(parent, index)
      index = above
    }
    return this.#put(lane, index)
  }

  #sink(lane: Lane, from: number): void {
    let index = from
    for (;;) {
      const child = this.#earlier(this.#lanes[index * 2 + 1], this.#lanes[index * 2 + 2])
      if (child === undefined || child.due >= lane.due) break
      const { index: below } = child
      this.#put(child, index)
      index = below
    }
    this.#put(lane, index)
  }

  #earlier(one: Lane | undefined, other: Lane | undefined): Lane | undefined {
    return other !== undefined && one !== undefined && other.due < one.due ? other : one
  }

  #put(lane: Lane, index: number): number {
    this.#lanes[index] = lane
    lane.index = index
    return index
  }
}
