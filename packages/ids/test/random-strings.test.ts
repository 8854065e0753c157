import { BrokenError } from '@cupola/core'
import { randomString, RandomStrings, reseed } from '@cupola/ids'
import fc from 'fast-check'
import { urlAlphabet } from 'nanoid'
import { describe, expect, it } from 'vitest'
import { CopiedRandom } from './fixtures/clones.ts'
import { untyped } from '../../../test/untyped.ts'

/** Letters of many scripts: so many different symbols, each a single UTF-16 unit. */
function alphabetOf(size: number): string {
  return String.fromCharCode(...Array.from({ length: size }, (_, index) => 0x100 + index))
}

/** Pearson's chi-square of the symbols' counts, in standard deviations from what it is by chance. */
function deviation(text: string, alphabet: string): number {
  const counts = new Map(Array.from(alphabet, (symbol) => [symbol, 0]))
  for (const symbol of text) counts.set(symbol, (counts.get(symbol) ?? Number.NaN) + 1)
  const expected = text.length / alphabet.length
  const squares = [...counts.values()].map((count) => (count - expected) ** 2 / expected)
  const chiSquare = squares.reduce((sum, square) => sum + square, 0)
  const degrees = alphabet.length - 1
  return (chiSquare - degrees) / Math.sqrt(2 * degrees)
}

describe('randomString()', () => {
  it('has the alphabet of nanoid', () => {
    expect(new Set(randomString(10_000))).toEqual(new Set(urlAlphabet))
  })

  it('has so many symbols of the alphabet, whatever it is', () => {
    const lengths = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constantFrom(4097, 65_536))
    fc.assert(
      fc.property(lengths, fc.integer({ min: 2, max: 256 }), (length, size) => {
        const alphabet = alphabetOf(size)
        const text = randomString(length, alphabet)

        expect(text.length).toBe(length)
        expect(Array.from(text).every((symbol) => alphabet.includes(symbol))).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('is another one each time', () => {
    const made = Array.from({ length: 10_000 }, () => randomString(21))

    expect(new Set(made).size).toBe(10_000)
  })

  it.each([0, -1, 1.5, Number.NaN, Infinity, 65_537, 2 ** 31])(
    'refuses a length of %s',
    (length) => {
      expect(() => randomString(length)).toThrow(
        new RangeError(`Cannot use length: got ${length}, expected an integer from 1 to 65536`),
      )
    },
  )

  it.each([
    ['21', 'string'],
    [21n, 'bigint'],
    [null, 'null'],
    [undefined, 'undefined'],
  ])('refuses %o for a length', (length, got) => {
    expect(() => randomString(untyped(length))).toThrow(
      new TypeError(`Cannot use length: got ${got}, expected a number`),
    )
  })

  it.each([
    ['', 'got 0 symbols, expected from 2 to 256'],
    ['a', 'got 1 symbols, expected from 2 to 256'],
    [alphabetOf(257), 'got 257 symbols, expected from 2 to 256'],
    ['abca', 'got "a" twice, expected it once'],
    ['a🙂', 'got half of a character, expected single UTF-16 units'],
  ])('refuses the alphabet %j', (alphabet, message) => {
    expect(() => randomString(5, alphabet)).toThrow(
      new RangeError(`Cannot use alphabet: ${message}`),
    )
  })

  it.each([
    [['a', 'b'], 'array'],
    [null, 'null'],
    [5, 'number'],
  ])('refuses the alphabet %j, which is no text', (alphabet, got) => {
    expect(() => randomString(5, untyped(alphabet))).toThrow(
      new TypeError(`Cannot use alphabet: got ${got}, expected a string`),
    )
  })
})

describe('RandomStrings.next()', () => {
  // The bytes are the same in each run, so that chance cannot fail the test; a biased choice does.
  it.each([2, 3, 10, 33, 64, 100, 129, 255, 256])(
    'favors none of %s symbols, at any place',
    (size) => {
      const alphabet = alphabetOf(size)
      const strings = new RandomStrings({ alphabet, fillRandom: new CopiedRandom('chi').draw })

      const made = Array.from({ length: 20_000 }, () => strings.next(8))

      expect(Math.abs(deviation(made.join(''), alphabet))).toBeLessThan(4)
      for (const place of [0, 7]) {
        const symbols = made.map((text) => text.charAt(place)).join('')
        expect(Math.abs(deviation(symbols, alphabet))).toBeLessThan(4)
      }
    },
  )

  it('can tell a choice by remainder, which favors the first symbols', () => {
    const alphabet = alphabetOf(100)
    const bytes = new Uint8Array(160_000)
    new CopiedRandom('chi').draw(bytes)

    const biased = Array.from(bytes, (byte) => alphabet.charAt(byte % 100)).join('')

    expect(deviation(biased, alphabet)).toBeGreaterThan(100)
  })

  it.each([1, 65_536])('ends with bytes that choose none of %s symbols, and goes on', (length) => {
    let byte = 0xff
    const strings = new RandomStrings({
      alphabet: 'abc',
      fillRandom: (target) => target.fill(byte),
    })

    expect(() => strings.next(length)).toThrow(
      new BrokenError('choose symbols', 'fillRandom gives no bytes that are random'),
    )

    byte = 1
    reseed()
    expect(strings.next(length)).toBe('b'.repeat(length))
  })

  const bytes = 'expected an integer from 64 to 1048576'

  it.each([
    [{ alphabet: 5 }, TypeError, 'alphabet: got number, expected a string'],
    [{ alphabet: 'aa' }, RangeError, 'alphabet: got "a" twice, expected it once'],
    [{ fillRandom: {} }, TypeError, 'fillRandom: got object, expected a function'],
    [{ drawAheadBytes: 63 }, RangeError, `drawAheadBytes: got 63, ${bytes}`],
    [{ drawAheadBytes: 2 ** 20 + 1 }, RangeError, `drawAheadBytes: got 1048577, ${bytes}`],
    [{ drawAheadBytes: 64.5 }, RangeError, `drawAheadBytes: got 64.5, ${bytes}`],
    [{ drawAheadBytes: '64' }, TypeError, 'drawAheadBytes: got string, expected a number'],
    [null, TypeError, 'options: got null, expected an object'],
    [5, TypeError, 'options: got number, expected an object'],
  ])('is not made with %o', (options, kind, message) => {
    const make = () => new RandomStrings(untyped(options))

    expect(make).toThrow(new kind(`Cannot use ${message}`))
  })
})
