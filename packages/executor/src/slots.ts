import type { Engine } from './engine.ts'
import type { ScheduledTask } from './scheduled-task.ts'
import { Slot } from './slot.ts'

/** So many are kept for the next; after a burst of a million the others are given up. */
const MOST_SPARE = 1024

/** The slots in use, side by side, so that a task finds its own by a number. */
export class Slots implements Iterable<Slot> {
  readonly #engine: Engine
  readonly #used: Slot[] = []
  readonly #spare: Slot[] = []

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** How many functions were called and have not settled. */
  get size(): number {
    return this.#used.length
  }

  /** Gives a slot to a task. */
  take(task: ScheduledTask): Slot {
    const slot = this.#spare.pop() ?? new Slot(this.#engine)
    task.index = this.#used.push(slot) - 1
    return slot
  }

  /** The slot of a task that runs. */
  of(task: ScheduledTask): Slot | undefined {
    return this.#used[task.index]
  }

  /** The function of a task has settled. */
  release(slot: Slot): void {
    const { index } = slot.task
    const last = this.#used.pop()
    if (last !== undefined && last !== slot) {
      this.#used[index] = last
      last.task.index = index
    }
    slot.clear()
    if (this.#spare.length < MOST_SPARE) this.#spare.push(slot)
  }

  [Symbol.iterator](): Iterator<Slot> {
    return [...this.#used][Symbol.iterator]()
  }
}
