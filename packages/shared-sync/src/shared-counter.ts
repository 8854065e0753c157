import { requireInteger } from '@cupola/core/authoring'
import { makeLotBuffer, requireHandle, type SharedHandle } from './lot-buffer.ts'

const KIND = 'SharedCounter'

/** Where the count is, in words of 64 bits: in the line of `STATE`, which a counter has no use for. */
const COUNT = 8

/** What travels to another thread, for {@link SharedCounter.attach}. */
export type SharedCounterHandle = SharedHandle<typeof KIND>

/**
 * A whole number that all threads of a process add to, without a lock: each call takes effect once,
 * and no two calls get the same result. It is never waited for, and nobody can break it.
 *
 * @example Numbers that no two threads share
 * ```ts
 * import { SharedCounter } from '@cupola/shared-sync'
 *
 * const tickets = new SharedCounter()
 * tickets.add() // => 1
 * tickets.add(10) // => 11
 * tickets.value // => 11
 * ```
 */
export class SharedCounter {
  /**
   * The counter of that handle, as seen from this thread.
   *
   * @param handle - {@link handle} of a counter, made in any thread of this process.
   * @throws TypeError If it is no such handle.
   */
  static attach(handle: SharedCounterHandle): SharedCounter {
    requireHandle(KIND, handle)
    return new SharedCounter(0, handle)
  }

  /** For {@link attach} in another thread: posted as it is, as often as you like. */
  readonly handle: SharedCounterHandle
  readonly #words: BigInt64Array

  /**
   * @param start - What it is at first, a safe integer.
   * @throws TypeError If `start` is not a number.
   * @throws RangeError If `start` is not a safe integer.
   */
  constructor(start?: number)
  /** @internal */
  constructor(start: number, handle: SharedCounterHandle)
  constructor(start = 0, handle = newCount(start)) {
    this.handle = handle
    this.#words = new BigInt64Array(handle.buffer)
  }

  /** What it is, at this moment. Exact as far as numbers are: up to 2⁵³. */
  get value(): number {
    return Number(Atomics.load(this.#words, COUNT))
  }

  /**
   * Adds to it.
   *
   * @param amount - How much; below 0 to take away.
   * @returns What it is then. No other call gets this result, as long as all add more than 0.
   * @throws TypeError If `amount` is not a number.
   * @throws RangeError If `amount` is not a safe integer.
   *
   * @defaultValue `amount` is 1
   */
  add(amount = 1): number {
    requireSafe('amount', amount)
    return Number(Atomics.add(this.#words, COUNT, BigInt(amount))) + amount
  }
}

function newCount(start: number): SharedCounterHandle {
  requireSafe('start', start)
  const buffer = makeLotBuffer(KIND, 1)
  new BigInt64Array(buffer)[COUNT] = BigInt(start)
  return { kind: KIND, buffer }
}

function requireSafe(name: string, value: number): void {
  requireInteger(name, value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
}
