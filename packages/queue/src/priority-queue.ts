import { requireFunction, requireObject } from '@cupola/core/authoring'
import type { ItemStore } from './item-store.ts'
import { Queue, type QueueLimits } from './queue.ts'
import { RankedStore, requireRank } from './ranked-store.ts'

/** How a {@link PriorityQueue} is made: with `priority` or with `compare`, one of the two. */
export type PriorityQueueOptions<T> = QueueLimits &
  (
    | {
        /**
         * How urgent an item is: of those in the queue, the one with the highest number is next.
         * Called once for each `put()` and `tryPut()`, before the queue does anything else; what it
         * throws is what they throw.
         */
        readonly priority: (item: T) => number
        readonly compare?: undefined
      }
    | {
        /**
         * Which of two items is next, as for `Array.prototype.sort()`: below 0 if it is `one`. Must
         * not call the queue. What it throws while an item is put rejects the `put()`. While one is
         * taken it must not throw: the item is given out all the same, the error becomes an uncaught
         * exception, and those left come in an order that nobody can tell.
         */
        readonly compare: (one: T, other: T) => number
        readonly priority?: undefined
      }
  )

/**
 * A {@link Queue} that gives out the most urgent item first, and of two that are equally urgent the
 * one that came first.
 *
 * What is not urgent may wait for ever while urgent items keep coming. A `put()` that waits for room
 * waits its turn, however urgent its item is.
 *
 * Cost: O(log n) for each item put and taken, and one object for each that is in the queue.
 *
 * @example Urgent first, else in order
 * ```ts
 * import { PriorityQueue } from '@cupola/queue'
 *
 * interface Job {
 *   readonly name: string
 *   readonly urgency: number
 * }
 * const jobs = new PriorityQueue<Job>({ priority: ({ urgency }) => urgency })
 * await jobs.put({ name: 'report', urgency: 1 })
 * await jobs.put({ name: 'backup', urgency: 1 })
 * await jobs.put({ name: 'alarm', urgency: 9 })
 *
 * const names = [await jobs.get(), await jobs.get(), await jobs.get()].map(({ name }) => name)
 * names // => ['alarm', 'report', 'backup']
 * ```
 *
 * @example Any order you can tell
 * ```ts
 * import { PriorityQueue } from '@cupola/queue'
 *
 * const words = new PriorityQueue<string>({ compare: (one, other) => one.localeCompare(other) })
 * for (const word of ['pear', 'apple', 'fig']) words.tryPut(word)
 * words.tryGet() // => 'apple'
 * ```
 */
export class PriorityQueue<T> extends Queue<T> {
  /**
   * @param options - Which items are urgent, how many the queue holds, and its clock.
   * @throws TypeError If there is neither `priority` nor `compare`, or both, or an option has the
   *   wrong type.
   * @throws RangeError If `capacity` is no integer from 1 up.
   */
  constructor(options: PriorityQueueOptions<T>) {
    requireObject('options', options)
    const { capacity, clock } = options
    super({ capacity, clock, store: storeFor(options) })
  }
}

function storeFor<T>({ priority, compare }: PriorityQueueOptions<T>): ItemStore<T> {
  if (compare === undefined) {
    requireFunction('priority', priority)
    const rankOf = (item: T): number => requireRank('priority', priority(item))
    return new RankedStore(rankOf, (one, other) => other - one)
  }
  requireFunction('compare', compare)
  if (priority === undefined) return new RankedStore((item: T) => item, compare)
  throw new TypeError('Cannot use priority: got compare as well, expected one of the two')
}
