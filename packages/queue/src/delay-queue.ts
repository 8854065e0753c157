import { type Clock, systemClock } from '@cupola/core'
import { requireFunction, requireObject } from '@cupola/core/authoring'
import type { ItemStore } from './item-store.ts'
import { Queue, type QueueLimits } from './queue.ts'
import { RankedStore, requireRank } from './ranked-store.ts'

/** How a {@link DelayQueue} is made. */
export interface DelayQueueOptions<T> extends QueueLimits {
  /**
   * After how many milliseconds in the queue an item is due. 0 or less is at once; `Infinity` is
   * never, but for {@link Queue.terminate}. Called once for each `put()` and `tryPut()`, before the
   * queue does anything else; what it throws is what they throw. The time counts from when the item
   * is in.
   */
  readonly delayMs: (item: T) => number
}

/**
 * A {@link Queue} whose items cannot be taken before they are due, and then in the order in which
 * they are due: retries, reminders, leases that run out.
 *
 * Items that are not due yet have their place in `capacity`, and count in `size`. After
 * {@link Queue.close} those that are left are waited for, until each is due and taken.
 *
 * Cost: O(log n) for each item put and taken, and one object for each that is in the queue. There is
 * one timer however many items there are, and none while nobody waits for an item. It keeps the
 * process alive.
 *
 * @example Not before its time
 * ```ts
 * import { VirtualClock } from '@cupola/core/testing'
 * import { DelayQueue } from '@cupola/queue'
 *
 * const clock = new VirtualClock()
 * const reminders = new DelayQueue<string>({ delayMs: (text) => text.length * 1000, clock })
 * await reminders.put('drink some water')
 * await reminders.put('breathe')
 *
 * reminders.tryGet() // => undefined
 * const first = reminders.get()
 * await clock.advance(7000)
 * await first // => 'breathe'
 * ```
 */
export class DelayQueue<T> extends Queue<T> {
  /**
   * @param options - When items are due, how many the queue holds, and its clock.
   * @throws TypeError If `delayMs` is not a function, or an option has the wrong type.
   * @throws RangeError If `capacity` is no integer from 1 up.
   */
  constructor(options: DelayQueueOptions<T>) {
    requireObject('options', options)
    const { capacity, clock = systemClock, delayMs } = options
    requireFunction('delayMs', delayMs)
    super({ capacity, clock, store: new DelayStore(delayMs, clock) })
  }
}

class DelayStore<T> implements ItemStore<T, number> {
  /** Ranked by the moment at which they are due. */
  readonly #items: RankedStore<T, number>

  readonly #clock: Clock

  constructor(delayMs: (item: T) => number, clock: Clock) {
    const delayOf = (item: T): number => requireRank('delayMs', delayMs(item))
    this.#items = new RankedStore(delayOf, (one, other) => one - other)
    this.#clock = clock
  }

  get size(): number {
    return this.#items.size
  }

  get readyAt(): number {
    return this.#items.firstRank ?? Infinity
  }

  rankOf(item: T): number {
    return this.#items.rankOf(item)
  }

  push(item: T, delayMs: number): void {
    this.#items.push(item, delayMs + this.#clock.now())
  }

  shift(): T | undefined {
    return this.#items.shift()
  }
}
