import { requireFunction, requireInteger } from '@cupola/core/authoring'
import { AsyncEvent } from './async-event.ts'
import { type ClockOptions, clockOf } from './clock-options.ts'

/** How an {@link EventCache} is made. */
export interface EventCacheOptions extends ClockOptions {
  /**
   * How many events are kept for reuse at most, from 0 up.
   *
   * @defaultValue 1000
   */
  readonly capacity?: number | undefined
}

/** An {@link EventCache} at one moment. */
export interface EventCacheStats {
  /** Events that are kept for reuse. */
  readonly size: number
  /** How many are kept at most. */
  readonly capacity: number
  /** Events taken that had to be made. */
  readonly made: number
  /** Events taken that had been used before. */
  readonly reused: number
  /** Events given that were not kept. */
  readonly dropped: number
}

/** Chosen, not measured: more than most bursts need, and little to keep when one is over. */
const DEFAULT_CAPACITY = 1000

/**
 * Keeps events that nobody needs any more for those who need one, so that a burst of requests, each
 * of which waits for an event of its own, does not make and throw away one each.
 *
 * An event belongs to whoever took it until it is given back. After a failure, do not give it back:
 * whoever was to set it may still do so, and would wake the next who took it. {@link run} sees to that.
 *
 * An event is a small object: measure before you cache. It pays where thousands are needed at a time
 * and the pauses of the garbage collector count.
 *
 * @example One event for request after request
 * ```ts
 * import { EventCache } from '@cupola/sync'
 *
 * const events = new EventCache()
 *
 * for (const _request of ['first', 'second', 'third']) {
 *   await events.run(async (answered) => {
 *     setTimeout(() => answered.set(), 1)
 *     await answered.wait({ timeout: 1000 })
 *   })
 * }
 *
 * const { made, reused } = events.stats()
 * made // => 1
 * reused // => 2
 * ```
 */
export class EventCache {
  readonly #capacity: number
  readonly #options: ClockOptions
  /** What is kept; the last that was given is taken first. */
  readonly #events: AsyncEvent[] = []
  /** The same, so that an event given twice is not taken twice. */
  readonly #kept = new WeakSet<AsyncEvent>()
  #made = 0
  #reused = 0
  #dropped = 0

  /**
   * @param options - How many events are kept, and the clock for their timeouts.
   * @throws TypeError If `options` is not an object, `capacity` not a number, or `clock` no `Clock`.
   * @throws RangeError If `capacity` is no integer from 0 up.
   */
  constructor(options: EventCacheOptions = {}) {
    this.#options = { clock: clockOf(options) }
    const { capacity = DEFAULT_CAPACITY } = options
    this.#capacity = requireInteger('capacity', capacity, 0, Infinity)
  }

  /** How many events are kept for reuse. */
  get size(): number {
    return this.#events.length
  }

  /**
   * Takes the event that was given last, cleared, or makes one.
   *
   * Cost: O(1).
   *
   * @returns An event that is not set, and that the cache has given to nobody else. Whether somebody
   *   who had it before still holds on to it, and will set it or wait for it, the cache cannot know.
   */
  take(): AsyncEvent {
    const event = this.#events.pop()
    if (event === undefined) {
      this.#made++
      return new AsyncEvent(this.#options)
    }
    this.#reused++
    this.#kept.delete(event)
    // Only now: somebody may have set it since it was given.
    event.clear()
    return event
  }

  /**
   * Gives an event to whoever takes one next. What was set is cleared when it is taken; whoever sets it
   * later than that wakes the wrong one. So give only what nobody will set or wait for any more, and
   * after an error nothing at all.
   *
   * @param event - The event. One that somebody still waits for is dropped and left as it is.
   * @returns Whether it is kept. `false` too when it was given before, or the cache is full.
   * @throws TypeError If it is not an `AsyncEvent`.
   */
  give(event: AsyncEvent): boolean {
    if (!(event instanceof AsyncEvent)) {
      throw new TypeError(`Cannot use event: got ${typeof event}, expected an AsyncEvent`)
    }
    if (this.size >= this.#capacity || this.#kept.has(event) || event.stats().waiting > 0) {
      this.#dropped++
      return false
    }
    this.#events.push(event)
    this.#kept.add(event)
    return true
  }

  /**
   * Takes an event, calls a function with it, and gives it when the function is done. If the function
   * fails, or a wait of its own times out, the event is dropped.
   *
   * @param fn - Called at once.
   * @returns What the function returns, awaited.
   * @throws TypeError If `fn` is not a function.
   * @throws What the function throws.
   */
  async run<Result>(fn: (event: AsyncEvent) => Result | PromiseLike<Result>): Promise<Result> {
    requireFunction('fn', fn)
    const event = this.take()
    try {
      const result = await fn(event)
      this.give(event)
      return result
    } catch (error) {
      this.#dropped++
      throw error
    }
  }

  /** A snapshot, in O(1). */
  stats(): EventCacheStats {
    return Object.freeze({
      size: this.#events.length,
      capacity: this.#capacity,
      made: this.#made,
      reused: this.#reused,
      dropped: this.#dropped,
    })
  }
}
