import { types } from 'node:util'
import { FullError } from '@cupola/core'
import {
  requireBoolean,
  requireInteger,
  requireObject,
  requireString,
} from '@cupola/core/authoring'
import { parseHex, toHex } from './hex.ts'
import { namedCount } from './process-memory.ts'

const { MAX_SAFE_INTEGER, MIN_SAFE_INTEGER } = Number

/** Digits that hold every safe integer. */
const HEX_DIGITS = 14

/** How a thread takes numbers from a sequence. */
export interface BlockOptions {
  /**
   * How many numbers this object reserves at a time. With 1 the numbers are in order over all threads;
   * with more it has its own until they are used up, which is quicker while many threads count, but
   * then they are in order for each thread only, and what a thread leaves is a gap.
   *
   * @defaultValue 1
   */
  readonly block?: number | undefined
}

/** Which numbers a sequence has. */
export interface NumberSequenceOptions extends BlockOptions {
  /**
   * The first number.
   *
   * @defaultValue 0
   */
  readonly start?: number | undefined
  /**
   * From one number to the next; below 0 to count down.
   *
   * @defaultValue 1
   */
  readonly step?: number | undefined
  /**
   * No number is beyond it. It lies 2⁵³−1 from `start` at most.
   *
   * @defaultValue 2⁵³−1; when counting down, −(2⁵³−1). Nearer, where `start` is on the other side of 0
   */
  readonly limit?: number | undefined
  /**
   * Whether to begin again at `start` after the last number, where the sequence else is at its end.
   *
   * @defaultValue false
   */
  readonly cycle?: boolean | undefined
}

/** What travels to another thread, for {@link NumberSequence.attach}. */
export interface NumberSequenceHandle {
  readonly kind: 'NumberSequence'
  readonly count: BigInt64Array
  readonly start: number
  readonly step: number
  readonly limit: number
  readonly cycle: boolean
}

/**
 * Numbers that no two threads of the process get: each call takes one, in one atomic step, without a
 * lock. Across processes and restarts they repeat.
 *
 * @example Every other number, three of them
 * ```ts
 * import { NumberSequence } from '@cupola/ids'
 *
 * const odd = new NumberSequence({ start: 1, step: 2, limit: 5, cycle: true })
 * const numbers = [odd.next(), odd.next(), odd.next(), odd.next()]
 * numbers // => [1, 3, 5, 1]
 * ```
 */
export class NumberSequence {
  /**
   * The sequence of that handle, as seen from this thread.
   *
   * @param handle - {@link handle} of a sequence, made in any thread of this process.
   * @param options - How this thread takes its numbers.
   * @throws TypeError If it is no such handle, or an option has the wrong type.
   * @throws RangeError If `block` is not an integer from 1 to 2³¹.
   */
  static attach(handle: NumberSequenceHandle, options: BlockOptions = {}): NumberSequence {
    requireHandle(handle)
    requireObject('options', options)
    return new NumberSequence({ ...handle, block: options.block }, handle.count)
  }

  /**
   * The sequence of that name, the same in all threads of the process: the one that `nextNumber(name)`
   * counts, if the options are the same.
   *
   * @param name - Any text. There are 1,023 names in a process, that of `nextNumber()` included.
   * @param options - As everybody has them who uses that name; `block` is this thread's own affair.
   * @throws TypeError If the name was first used with another `start`, `step`, `limit` or `cycle`; if
   *   `name` is not a string or an option has the wrong type.
   * @throws RangeError If an option is out of range.
   * @throws {@link BrokenError} If this thread was started before the main thread used this package.
   * @throws {@link FullError} If there are too many names.
   */
  static named(name: string, options: NumberSequenceOptions = {}): NumberSequence {
    requireString('name', name)
    return new NumberSequence(options, ({ start, step, limit, cycle }) =>
      namedCount(name, JSON.stringify([start, step, limit, cycle])),
    )
  }

  /**
   * Writes a number as text of a fixed width, so that texts sort as the numbers do.
   *
   * @param number - From 0 to 2⁵³−1.
   * @returns 14 digits: `0000000000002a`.
   * @throws TypeError If `number` is not a number.
   * @throws RangeError If it is out of range.
   */
  static toHex(number: number): string {
    return toHex(requireInteger('number', number, 0, MAX_SAFE_INTEGER), HEX_DIGITS)
  }

  /**
   * Reads what {@link toHex} wrote, with `0x` before it or without.
   *
   * @throws TypeError If `text` is nothing of the kind.
   * @throws RangeError If the number is above 2⁵³−1.
   */
  static parseHex(text: string): number {
    return requireInteger('text', Number(parseHex('text', text, HEX_DIGITS)), 0, MAX_SAFE_INTEGER)
  }

  /** For {@link attach} in another thread: posted as it is, as often as you like. */
  readonly handle: NumberSequenceHandle
  /** How many numbers the sequence gave to anybody: what threads share. Its numbers follow from it. */
  readonly #count: BigInt64Array
  readonly #start: number
  readonly #step: number
  readonly #cycle: boolean
  /** How many numbers there are in all. */
  readonly #length: number
  readonly #block: number
  readonly #blockToAdd: bigint
  /** Of the block that this object has reserved: the next number's place, and how many are left. */
  #place = 0
  #left = 0

  /**
   * @param options - Which numbers it has.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `start` or `limit` is not a safe integer, `limit` is on the wrong side of
   *   `start` or too far from it, `step` is 0, or `block` is not an integer from 1 to 2³¹.
   */
  constructor(options?: NumberSequenceOptions)
  /** @internal */
  constructor(options: NumberSequenceOptions, count: BigInt64Array | CountFor)
  constructor(options: NumberSequenceOptions = {}, count: BigInt64Array | CountFor = newCount) {
    const range = checkRange(options)
    const { block = 1 } = options
    this.#block = requireInteger('block', block, 1, 2 ** 31)
    this.#blockToAdd = BigInt(block)
    this.#start = range.start
    this.#step = range.step
    this.#cycle = range.cycle
    this.#length = Math.floor((range.limit - range.start) / range.step) + 1
    this.#count = typeof count === 'function' ? count(range) : count
    this.handle = { kind: 'NumberSequence', count: this.#count, ...range }
  }

  /**
   * Takes the next number.
   *
   * @throws {@link FullError} If the last number is taken, and the sequence does not cycle.
   */
  next(): number {
    const place = this.#left > 0 ? this.#nextOfBlock() : this.#reserve()
    if (place < this.#length) return this.#start + place * this.#step
    throw this.#spent()
  }

  /**
   * Takes the next number, as {@link toHex} writes it.
   *
   * @throws RangeError If the number is below 0.
   * @throws {@link FullError} If the last number is taken, and the sequence does not cycle.
   */
  nextHex(): string {
    return NumberSequence.toHex(this.next())
  }

  /**
   * Begins anew, for all threads. Blocks that others have reserved are used up first.
   *
   * @param at - The next number, one that the sequence has.
   * @throws TypeError If `at` is not a number.
   * @throws RangeError If the sequence does not have that number.
   *
   * @defaultValue `at` is where the sequence starts
   */
  restart(at: number = this.#start): void {
    requireInteger('at', at, MIN_SAFE_INTEGER, MAX_SAFE_INTEGER)
    const place = (at - this.#start) / this.#step
    if (!Number.isInteger(place) || place < 0 || place >= this.#length) {
      throw new RangeError(`Cannot use at: got ${at}, expected a number of the sequence`)
    }
    Atomics.store(this.#count, 0, BigInt(place))
    this.#left = 0
  }

  /** In strict mode this is every call: a block of 1 is used up at once. */
  #reserve(): number {
    const place = this.#firstOf(Atomics.add(this.#count, 0, this.#blockToAdd))
    this.#place = place + 1
    this.#left = this.#block - 1
    return place
  }

  /** Around the end one by one, not by remainder: beyond 2⁵³ a place would not be exact. */
  #nextOfBlock(): number {
    this.#left--
    if (this.#cycle && this.#place >= this.#length) this.#place = 0
    return this.#place++
  }

  /**
   * What this object has reserved behind the end is no number: after a `restart()` it must not be in the
   * way. Nor must the count get higher with each who asks, until 64 bits are used up and it is below 0.
   */
  #spent(): FullError<undefined> {
    this.#left = 0
    const count = Atomics.load(this.#count, 0)
    const end = BigInt(this.#length)
    // Not if somebody has restarted it meanwhile.
    if (count > end) Atomics.compareExchange(this.#count, 0, count, end)
    const problem = `all ${this.#length} numbers of the sequence are taken`
    return new FullError('give the next number', problem, undefined)
  }

  /** The count may outgrow a number's 53 bits where the sequence cycles; what is left of it does not. */
  #firstOf(count: bigint): number {
    return this.#cycle ? Number(count % BigInt(this.#length)) : Number(count)
  }
}

interface Range {
  readonly start: number
  readonly step: number
  readonly limit: number
  readonly cycle: boolean
}

type CountFor = (range: Range) => BigInt64Array

function newCount(): BigInt64Array {
  return new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT))
}

function checkRange(options: NumberSequenceOptions): Range {
  requireObject('options', options)
  const { start = 0, step = 1, cycle = false } = options
  requireInteger('start', start, MIN_SAFE_INTEGER, MAX_SAFE_INTEGER)
  requireInteger('step', step, MIN_SAFE_INTEGER, MAX_SAFE_INTEGER)
  if (step === 0) throw new RangeError('Cannot use step: got 0, expected any other integer')
  requireBoolean('cycle', cycle)
  // No further than numbers are exact, seen from `start`.
  const farthest =
    step > 0 ? Math.min(start, 0) + MAX_SAFE_INTEGER : Math.max(start, 0) + MIN_SAFE_INTEGER
  const { limit = farthest } = options
  const [least, most] = step > 0 ? [start, farthest] : [farthest, start]
  requireInteger('limit', limit, least, most)
  return { start, step, limit, cycle }
}

/** Handles come by message from wherever: one that is none must not be counted on. */
function requireHandle(handle: NumberSequenceHandle): void {
  requireObject('handle', handle)
  const { kind, count } = handle
  if (
    kind === 'NumberSequence' &&
    types.isBigInt64Array(count) &&
    types.isSharedArrayBuffer(count.buffer) &&
    count.length === 1
  ) {
    return
  }
  throw new TypeError('Cannot use handle: got something else, expected that of a NumberSequence')
}
