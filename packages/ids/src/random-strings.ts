import { BrokenError } from '@cupola/core'
import {
  requireFunction,
  requireInteger,
  requireObject,
  requireString,
} from '@cupola/core/authoring'
import { customRandom, urlAlphabet } from 'nanoid'
import { EntropyPool, type FillRandom, systemRandom } from './entropy-pool.ts'

/** What random strings are made of. */
export interface RandomStringsOptions {
  /**
   * 2 to 256 different symbols, each a single UTF-16 unit.
   *
   * @defaultValue that of nanoid: the letters, the digits, `_` and `-`
   */
  readonly alphabet?: string | undefined
  /**
   * Where the random bytes come from.
   *
   * @defaultValue `crypto.randomFillSync`
   */
  readonly fillRandom?: FillRandom | undefined
  /**
   * How many random bytes are drawn at a time. 64 keep the fewest in memory, and are slow.
   *
   * @defaultValue 4096
   */
  readonly drawAheadBytes?: number | undefined
}

const LONGEST = 2 ** 16

/** For how many symbols nanoid asks bytes at a time where it has to throw some away. */
const SYMBOLS_AT_ONCE = 16

/** More bytes than that are drawn by themselves. */
const MOST_FROM_POOL = 64

/**
 * How often bytes are drawn in vain for one string. nanoid asks for some at a time that hold 16 symbols on
 * the average, and as often as it takes: random bytes leave it without any once in 2⁵⁰ times at most.
 */
const MOST_DRAWS_IN_VAIN = 64

/**
 * Strings that cannot be guessed: each symbol is as likely as the others, at each place. The choice is
 * [nanoid](https://github.com/ai/nanoid)'s, which throws a byte away that would favor the first
 * symbols; the random bytes are drawn here, because those that nanoid keeps cannot be thrown away when
 * the machine is copied.
 *
 * @example Only digits
 * ```ts
 * import { RandomStrings } from '@cupola/ids'
 *
 * const pins = new RandomStrings({ alphabet: '0123456789' })
 * /^[0-9]{6}$/.test(pins.next(6)) // => true
 * ```
 */
export class RandomStrings {
  readonly #entropy: EntropyPool
  readonly #fill: FillRandom
  readonly #choose: (length: number) => string
  /** How many more times bytes are drawn for the present string. */
  #drawsLeft = 0

  /**
   * @param options - Out of what.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If the alphabet has too few or too many symbols, one twice, or half of a
   *   character; or `drawAheadBytes` is not an integer from 64 to 2²⁰.
   */
  constructor(options: RandomStringsOptions = {}) {
    requireObject('options', options)
    const { alphabet = urlAlphabet, fillRandom = systemRandom, drawAheadBytes = 4096 } = options
    requireAlphabet(alphabet)
    requireFunction('fillRandom', fillRandom)
    requireInteger('drawAheadBytes', drawAheadBytes, MOST_FROM_POOL, 2 ** 20)
    this.#fill = fillRandom
    this.#entropy = new EntropyPool(fillRandom, drawAheadBytes)
    this.#choose = customRandom(alphabet, SYMBOLS_AT_ONCE, (bytes) => this.#draw(bytes))
  }

  /**
   * A string of so many symbols.
   *
   * @param length - From 1 to 65,536.
   * @throws TypeError If `length` is not a number.
   * @throws RangeError If it is out of range.
   * @throws {@link BrokenError} If `fillRandom` gives nothing that a symbol can be chosen by, over and over.
   */
  next(length: number): string {
    requireInteger('length', length, 1, LONGEST)
    this.#drawsLeft = length + MOST_DRAWS_IN_VAIN
    if (this.#entropy.isStale) this.#entropy.refresh()
    return this.#choose(length)
  }

  /** As many bytes as nanoid asks for: one for each symbol, or some more where it throws some away. */
  #draw(length: number): Uint8Array {
    // Else a source that always gives the same would keep the thread for ever.
    if (this.#drawsLeft-- === 0) {
      throw new BrokenError('choose symbols', 'fillRandom gives no bytes that are random')
    }
    if (length <= MOST_FROM_POOL) return this.#entropy.bytes(length)
    const bytes = new Uint8Array(length)
    this.#fill(bytes)
    return bytes
  }
}

function requireAlphabet(alphabet: string): void {
  requireString('alphabet', alphabet)
  const { length } = alphabet
  if (length < 2 || length > 256) {
    throw new RangeError(`Cannot use alphabet: got ${length} symbols, expected from 2 to 256`)
  }
  if (/[\uD800-\uDFFF]/.test(alphabet)) {
    throw new RangeError(
      'Cannot use alphabet: got half of a character, expected single UTF-16 units',
    )
  }
  const twice = Array.from(alphabet).find((symbol, index) => alphabet.indexOf(symbol) !== index)
  if (twice === undefined) return
  throw new RangeError(`Cannot use alphabet: got ${JSON.stringify(twice)} twice, expected it once`)
}
