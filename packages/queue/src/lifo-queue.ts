import Denque from 'denque'
import { requireObject } from '@cupola/core/authoring'
import type { ItemStore } from './item-store.ts'
import { Queue, type QueueLimits } from './queue.ts'

/**
 * A {@link Queue} that gives out the newest item first: a stack. For work where the newest matters
 * most and the oldest may grow old; callers still take turns, first come, first served.
 *
 * @example The newest first
 * ```ts
 * import { LifoQueue } from '@cupola/queue'
 *
 * const pages = new LifoQueue<string>()
 * await pages.put('home')
 * await pages.put('help')
 * await pages.get() // => 'help'
 * ```
 */
export class LifoQueue<T> extends Queue<T> {
  /**
   * @param options - How many items it holds, and its clock.
   * @throws TypeError If `options` is not an object, or an option has the wrong type.
   * @throws RangeError If `capacity` is no integer from 1 up.
   */
  constructor(options: QueueLimits = {}) {
    requireObject('options', options)
    const { capacity, clock } = options
    super({ capacity, clock, store: new LifoStore<T>() })
  }
}

class LifoStore<T> implements ItemStore<T> {
  readonly #items = new Denque<T>()

  get size(): number {
    return this.#items.length
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    return this.#items.pop()
  }
}
