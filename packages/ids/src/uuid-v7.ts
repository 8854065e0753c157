import { types } from 'node:util'
import { type Clock, FullError, systemClock } from '@cupola/core'
import {
  requireBigInt,
  requireClock,
  requireFunction,
  requireInteger,
  requireObject,
} from '@cupola/core/authoring'
import { EntropyPool, type FillRandom, systemRandom } from './entropy-pool.ts'
import { hexOfBytes, toHex } from './hex.ts'
import { formatUuid, parseUuid, type UuidV7Parts } from './uuid-format.ts'

/** Where UUIDs come from. */
export interface UuidV7Options {
  /**
   * Every UUID is greater than this one: the last of an earlier run, whose clock may have been ahead.
   *
   * @defaultValue none
   */
  readonly after?: string | undefined
  /**
   * What time it is.
   *
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock | undefined
  /**
   * Where the random bits come from.
   *
   * @defaultValue `crypto.randomFillSync`
   */
  readonly fillRandom?: FillRandom | undefined
  /**
   * For how many UUIDs the random bits are drawn at a time. 1 keeps none in memory, and is slow.
   *
   * @defaultValue 1024
   */
  readonly drawAhead?: number | undefined
}

const BYTES = 16

/** The random bits at the end of each: 48. */
const TAIL_BYTES = 6

/** RFC 9562, section 6.2, method 1: a counter behind the time, 26 bits here. */
const COUNTER_BITS = 26
const COUNTERS = 2 ** COUNTER_BITS

/** A millisecond begins in the lower half, so that 33 million more fit into it. */
const FIRST_COUNTER_MASK = 2 ** (COUNTER_BITS - 1) - 1

const LATEST = 2 ** 48 - 1
const MOST_RAND_B = 2n ** 62n - 1n

/**
 * UUIDs of version 7 that get greater one by one, as text and as bytes, whatever the clock does: if it
 * steps back, they go on with the time they had; if a millisecond's counter is used up, with the next one's.
 *
 * Laid out as [RFC 9562](https://www.rfc-editor.org/rfc/rfc9562#section-5.7) has it: 48 bits of
 * time, a counter of 26 bits that begins at random with each millisecond (in the 12 bits of `rand_a` and
 * the first 14 of `rand_b`), and 48 random bits for each.
 *
 * @example Bytes for a database
 * ```ts
 * import { UuidV7 } from '@cupola/ids'
 *
 * const uuids = new UuidV7()
 * const row = Buffer.alloc(20)
 * uuids.bytes(row, 4)
 * row[10]! >>> 4 // => 7
 * ```
 */
export class UuidV7 {
  /**
   * Takes apart any UUID of version 7, whoever made it.
   *
   * @param text - In letters of either case.
   * @throws TypeError If `text` is no such UUID.
   */
  static parse(text: string): UuidV7Parts {
    return parseUuid('text', text)
  }

  /**
   * Writes a UUID of version 7.
   *
   * @param parts - What it is made of.
   * @throws TypeError If a part has the wrong type.
   * @throws RangeError If a part does not fit into its bits.
   */
  static format(parts: UuidV7Parts): string {
    requireObject('parts', parts)
    requireInteger('timestamp', parts.timestamp, 0, LATEST)
    requireInteger('randA', parts.randA, 0, 0xfff)
    requireBigInt('randB', parts.randB, 0n, MOST_RAND_B)
    return formatUuid(parts)
  }

  /**
   * Which of two is the earlier, for sorting; letters of either case are the same.
   *
   * @returns -1 if `one` comes first, 1 if `other` does, 0 if they are the same.
   * @throws TypeError If one of them is no UUID of version 7.
   */
  static compare(one: string, other: string): -1 | 0 | 1 {
    const first = formatUuid(parseUuid('one', one))
    const second = formatUuid(parseUuid('other', other))
    if (first === second) return 0
    return first < second ? -1 : 1
  }

  readonly #clock: Clock
  readonly #entropy: EntropyPool
  readonly #hex = hexOfBytes()
  #time = -1
  #counter = COUNTERS - 1
  /** All of the text up to the last byte of the counter. */
  #head = ''

  /**
   * @param options - Where time and chance come from.
   * @throws TypeError If an option has the wrong type, or `after` is no UUID of version 7.
   * @throws RangeError If `drawAhead` is not an integer from 1 to 2²⁰.
   */
  constructor(options: UuidV7Options = {}) {
    requireObject('options', options)
    const { after, clock = systemClock, fillRandom = systemRandom, drawAhead = 1024 } = options
    this.#clock = requireClock('clock', clock)
    requireFunction('fillRandom', fillRandom)
    requireInteger('drawAhead', drawAhead, 1, 2 ** 20)
    this.#entropy = new EntropyPool(fillRandom, TAIL_BYTES * drawAhead)
    if (after !== undefined) this.#time = parseUuid('after', after).timestamp
  }

  /**
   * The next UUID, as text in small letters.
   *
   * @throws {@link FullError} If there is no later one: in the year 10889.
   */
  next(): string {
    this.#advance()
    // The hex digits of a byte are there for each value of one.
    return `${this.#head}${this.#hex[this.#counter & 255] ?? ''}-${this.#entropy.hex(TAIL_BYTES)}`
  }

  /**
   * The next UUID, as 16 bytes.
   *
   * @param target - Where they go.
   * @param offset - Where in it they begin.
   * @returns `target`.
   * @throws TypeError If `target` is no `Uint8Array` or `offset` no number.
   * @throws RangeError If they do not fit in there; nothing is written then.
   * @throws {@link FullError} If there is no later one.
   *
   * @defaultValue `target` is a new array, `offset` is 0
   */
  bytes(target: Uint8Array = new Uint8Array(BYTES), offset = 0): Uint8Array {
    requireRoom(target, offset)
    this.#advance()
    const view = new DataView(target.buffer, target.byteOffset + offset, BYTES)
    const counter = this.#counter
    view.setUint32(0, Math.floor(this.#time / 2 ** 16))
    view.setUint16(4, this.#time % 2 ** 16)
    view.setUint16(6, 0x7000 | (counter >>> 14))
    view.setUint16(8, 0x8000 | (counter & 0x3fff))
    target.set(this.#entropy.bytes(TAIL_BYTES), offset + BYTES - TAIL_BYTES)
    return target
  }

  /** On to the next time and counter. */
  #advance(): void {
    const now = this.#clock.wall()
    const later = this.#time + 1
    if (now >= later) this.#begin(now)
    // A copy of the machine has the same time and counter: it must not go on from there.
    else if (this.#counter === COUNTERS - 1 || this.#entropy.isStale) this.#begin(later)
    else if ((++this.#counter & 255) === 0) this.#makeHead()
  }

  #begin(time: number): void {
    if (!(time <= LATEST)) {
      throw new FullError('make a UUID', 'its 48 bits of time are used up', undefined)
    }
    // First what may throw: half of a step would be the way back in the order.
    if (this.#entropy.isStale) this.#entropy.refresh()
    this.#counter = this.#entropy.uint32() & FIRST_COUNTER_MASK
    this.#time = Math.floor(time)
    this.#makeHead()
  }

  /** Anew for each 256 of the same millisecond. */
  #makeHead(): void {
    const time = toHex(this.#time, 12)
    const middle = toHex(this.#counter >>> 14, 3)
    const variant = toHex(0x80 | ((this.#counter >>> 8) & 0x3f), 2)
    const head = `${time.slice(0, 8)}-${time.slice(8)}-7${middle}-${variant}`
    // One piece of memory, where concatenation leaves a chain of pieces that every UUID would walk.
    this.#head = Buffer.from(head, 'latin1').toString('latin1')
  }
}

function requireRoom(target: Uint8Array, offset: number): void {
  // Not `instanceof`: an array of another realm is one too.
  if (!types.isUint8Array(target)) {
    throw new TypeError(`Cannot use target: got ${typeof target}, expected a Uint8Array`)
  }
  if (target.length < BYTES) {
    throw new RangeError(`Cannot use target: got ${target.length} bytes, expected ${BYTES} or more`)
  }
  requireInteger('offset', offset, 0, target.length - BYTES)
}
