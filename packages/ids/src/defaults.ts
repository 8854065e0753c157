/**
 * The functions that need nothing made beforehand, and all state that this package has of its own: for
 * each of them a generator, made when it is first called. Functions without an object behind them need
 * one that is there once in a thread, or two modules of a program would both begin at the first name.
 *
 * What is there once in the process, over all threads, is not here: Node keeps it, with the data that it
 * hands to each new thread. See `process-memory.ts`.
 *
 * @module
 */
import { NumberSequence } from './number-sequence.ts'
import { reseedCount } from './process-memory.ts'
import { RandomStrings } from './random-strings.ts'
import { UniqueNames } from './unique-names.ts'
import { UuidV7 } from './uuid-v7.ts'

let names: UniqueNames | undefined
let numbers: NumberSequence | undefined
let namedNumbers: Map<string, NumberSequence> | undefined
let uuids: UuidV7 | undefined
let strings: Map<string | undefined, RandomStrings> | undefined

/** What a program may want of {@link randomString} at once; more are made anew each time. */
const MOST_ALPHABETS = 16

/**
 * A name that nobody else makes, on this machine or another, before or after: `upload~web-1~4711~0~`,
 * 16 random digits and a counter. {@link UniqueNames.next} has the rules.
 *
 * @param prefix - What the name begins with, so that people know what it is for.
 * @throws TypeError If `prefix` is no well-formed text.
 * @throws RangeError If it takes more than 96 characters as it is written.
 *
 * @example A file that nobody else writes to
 * ```ts
 * import { parseUniqueName, uniqueName } from '@cupola/ids'
 *
 * const name = uniqueName('upload')
 * parseUniqueName(name).prefix // => 'upload'
 * parseUniqueName(name).pid === process.pid // => true
 * ```
 */
export function uniqueName(prefix = ''): string {
  names ??= new UniqueNames()
  return names.next(prefix)
}

/**
 * The next number, from 0 up: over all threads of the process each number is given once, in order and
 * without a gap, to 2⁵³−1.
 *
 * The main thread has to use this package before it starts the threads that count, which is what a
 * single call there does: a thread that was started before cannot find the others' numbers, and
 * this throws rather than begin again at 0.
 *
 * @param name - Which numbers. {@link NumberSequence.named} has the same by that name.
 * @throws TypeError If `name` is not a string, or its numbers have other options than the default.
 * @throws {@link BrokenError} If this thread was started before the main thread used this package.
 * @throws {@link FullError} If there are 1,023 names already, or no number is left.
 *
 * @defaultValue `name` is the empty string
 *
 * @example Numbers of one's own
 * ```ts
 * import { nextNumber } from '@cupola/ids'
 *
 * nextNumber('orders') // => 0
 * nextNumber('orders') // => 1
 * nextNumber('invoices') // => 0
 * ```
 */
export function nextNumber(name?: string): number {
  if (name !== undefined) return sequenceOf(name).next()
  numbers ??= NumberSequence.named('')
  return numbers.next()
}

/**
 * A UUID of version 7: greater than the one before, also when the clock steps back. 48 bits of each and
 * the first of each millisecond are random. {@link UuidV7} has the details.
 *
 * @example In the order they were made
 * ```ts
 * import { uuidv7 } from '@cupola/ids'
 *
 * const [one, two] = [uuidv7(), uuidv7()]
 * one < two // => true
 * ```
 */
export function uuidv7(): string {
  uuids ??= new UuidV7()
  return uuids.next()
}

/**
 * A string that cannot be guessed: each symbol of the alphabet is as likely as the others, at each place.
 *
 * @param length - How many symbols, from 1 to 65,536.
 * @param alphabet - 2 to 256 different symbols, each a single UTF-16 unit.
 * @throws TypeError If `length` is not a number or `alphabet` not a string.
 * @throws RangeError If `length` is out of range, or the alphabet has too few or too many symbols,
 *   one twice, or half of a character.
 *
 * @defaultValue `alphabet` is that of nanoid: the letters, the digits, `_` and `-`
 *
 * @example A code for people
 * ```ts
 * import { randomString } from '@cupola/ids'
 *
 * const code = randomString(8, '23456789ABCDEFGHJKLMNPQRSTUVWXYZ')
 * code.length // => 8
 * ```
 */
export function randomString(length: number, alphabet?: string): string {
  return stringsOf(alphabet).next(length)
}

/**
 * Makes every generator of the process forget all that is random, drawn ahead or made ahead, whoever made
 * it: call it when a machine was copied or restored from a snapshot, in each copy, before the next id.
 * Numbers and cycle ids have nothing random and go on as they are.
 *
 * It reaches the threads that were started after the main thread first used this package. One that was
 * started before calls it for itself and the threads that it starts.
 *
 * @example In each copy of a virtual machine
 * ```ts
 * import { parseUniqueName, reseed, uniqueName } from '@cupola/ids'
 *
 * const before = uniqueName()
 * reseed()
 * parseUniqueName(uniqueName()).nonce === parseUniqueName(before).nonce // => false
 * ```
 */
export function reseed(): void {
  Atomics.add(reseedCount(), 0, 1)
}

function sequenceOf(name: string): NumberSequence {
  namedNumbers ??= new Map()
  let sequence = namedNumbers.get(name)
  if (sequence === undefined) namedNumbers.set(name, (sequence = NumberSequence.named(name)))
  return sequence
}

function stringsOf(alphabet: string | undefined): RandomStrings {
  strings ??= new Map()
  let found = strings.get(alphabet)
  if (found === undefined) {
    found = new RandomStrings({ alphabet })
    if (strings.size < MOST_ALPHABETS) strings.set(alphabet, found)
  }
  return found
}
