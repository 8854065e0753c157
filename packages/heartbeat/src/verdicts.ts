import { BrokenError, type WaitOptions } from '@cupola/core'
import {
  LinkedList,
  NOT_YET,
  requireInteger,
  requireObject,
  requireSignal,
  wait,
  type Waitable,
  type Waiter,
} from '@cupola/core/authoring'
import type { Device } from './device.ts'

/** What a monitor has found out about a device. */
export interface Verdict<Meta = unknown> {
  readonly type: 'suspect' | 'lost' | 'recovered' | 'busy' | 'forgotten'
  readonly device: Device<Meta>
}

/** How `verdicts()` are kept for one who reads them. */
export interface VerdictsOptions {
  /**
   * Ends the iteration when it aborts, which then throws the signal's reason.
   *
   * @defaultValue never
   */
  readonly signal?: AbortSignal | undefined
  /**
   * How many verdicts are kept for a reader who is slow. One more, and the iteration throws.
   *
   * @defaultValue 10000
   */
  readonly capacity?: number | undefined
}

/**
 * @throws TypeError If an option has the wrong type.
 * @throws RangeError If `capacity` is not from 1 up.
 */
export function requireVerdictsOptions(options: VerdictsOptions): void {
  requireObject('options', options)
  const { signal, capacity } = options
  if (signal !== undefined) requireSignal('signal', signal)
  if (capacity !== undefined) requireInteger('capacity', capacity, 1, Infinity)
}

/** The verdicts for one reader, from when it asked for them. */
export class VerdictStream<Meta> implements AsyncIterableIterator<Verdict<Meta>, undefined> {
  readonly #kept = new Backlog<Verdict<Meta>>()
  readonly #capacity: number
  readonly #options: WaitOptions
  readonly #onEnd: (stream: VerdictStream<Meta>) => void
  readonly #queue = new LinkedList<Waiter<Verdict<Meta> | undefined>>()
  readonly #next: Waitable<Verdict<Meta> | undefined>
  #problem: Error | undefined
  #hasEnded = false

  constructor(
    { signal, capacity = 10_000 }: VerdictsOptions,
    onEnd: (stream: VerdictStream<Meta>) => void,
  ) {
    this.#capacity = capacity
    this.#options = { signal }
    this.#onEnd = onEnd
    this.#next = {
      action: 'read a verdict',
      refusal: () => (this.#kept.size === 0 ? this.#problem : undefined),
      tryNow: () => this.#kept.take() ?? (this.#hasEnded ? undefined : NOT_YET),
      queueOf: () => this.#queue,
    }
  }

  /** Tells the reader, or keeps it for the reader. */
  push(verdict: Verdict<Meta>): void {
    const { first } = this.#queue
    if (first !== undefined) first.resolve(verdict)
    else if (this.#kept.size < this.#capacity) this.#kept.add(verdict)
    else this.#fall()
  }

  /** What is kept can still be read. */
  end(): void {
    this.#hasEnded = true
    while (this.#queue.first !== undefined) this.#queue.first.resolve(undefined)
  }

  async next(): Promise<IteratorResult<Verdict<Meta>, undefined>> {
    try {
      const value = await wait(this.#next, this.#options, undefined)
      return value === undefined ? { done: true, value } : { done: false, value }
    } catch (error) {
      this.#stop()
      throw error
    }
  }

  return(): Promise<IteratorResult<Verdict<Meta>, undefined>> {
    this.#kept.clear()
    this.#stop()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #fall(): void {
    this.#problem = new BrokenError(
      'read on',
      `the reader fell behind by more than ${this.#capacity} verdicts`,
    )
    this.#stop()
  }

  #stop(): void {
    this.end()
    this.#onEnd(this)
  }
}

/**
 * A line of those that wait to be taken. An array would move all of them each time that its first is
 * shifted out, once they are some ten thousand.
 */
class Backlog<Item> {
  #items: Item[] = []
  /** How many at the front were taken. */
  #taken = 0

  get size(): number {
    return this.#items.length - this.#taken
  }

  add(item: Item): void {
    this.#items.push(item)
  }

  take(): Item | undefined {
    if (this.size === 0) return undefined
    const item = this.#items[this.#taken++]
    // What was taken is at most half of what is held.
    if (this.#taken > this.size) this.#drop()
    return item
  }

  clear(): void {
    this.#items = []
    this.#taken = 0
  }

  #drop(): void {
    this.#items = this.#items.slice(this.#taken)
    this.#taken = 0
  }
}
