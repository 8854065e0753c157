import { FullError } from '@cupola/core'
import { NumberSequence } from '@cupola/ids'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { untyped } from '../../../test/untyped.ts'

const { MAX_SAFE_INTEGER, MIN_SAFE_INTEGER } = Number

function take(sequence: NumberSequence, count: number): number[] {
  return Array.from({ length: count }, () => sequence.next())
}

describe('NumberSequence.next()', () => {
  it('counts from 0 in steps of 1', () => {
    expect(take(new NumberSequence(), 3)).toEqual([0, 1, 2])
  })

  it('counts from where it starts, in its steps', () => {
    expect(take(new NumberSequence({ start: 10, step: 5 }), 3)).toEqual([10, 15, 20])
  })

  it('counts down', () => {
    expect(take(new NumberSequence({ start: 1, step: -2, limit: -3 }), 3)).toEqual([1, -1, -3])
  })

  it('says that the last number is taken, as often as it is asked', () => {
    const sequence = new NumberSequence({ start: 1, step: 2, limit: 4 })
    take(sequence, 2)

    const spent = 'Cannot give the next number: all 2 numbers of the sequence are taken'
    expect(() => sequence.next()).toThrow(FullError)
    expect(() => sequence.next()).toThrow(spent)
  })

  it('begins again when it cycles', () => {
    const sequence = new NumberSequence({ start: 7, limit: 8, cycle: true })

    expect(take(sequence, 5)).toEqual([7, 8, 7, 8, 7])
  })

  it('gives the last number that is exact, and then no more', () => {
    const sequence = new NumberSequence({ start: MAX_SAFE_INTEGER - 1 })

    expect(take(sequence, 2)).toEqual([MAX_SAFE_INTEGER - 1, MAX_SAFE_INTEGER])
    expect(() => sequence.next()).toThrow(FullError)
  })

  it('goes as far below 0 as numbers are exact', () => {
    const sequence = new NumberSequence({ start: MIN_SAFE_INTEGER + 1, step: -1 })

    expect(take(sequence, 2)).toEqual([MIN_SAFE_INTEGER + 1, MIN_SAFE_INTEGER])
    expect(() => sequence.next()).toThrow(FullError)
  })

  it('is the sequence that arithmetic has, whatever the options', () => {
    const small = fc.integer({ min: -50, max: 50 })
    const cases = fc.record({
      start: small,
      step: small.filter((step) => step !== 0),
      length: fc.integer({ min: 0, max: 50 }),
      cycle: fc.boolean(),
      block: fc.integer({ min: 1, max: 7 }),
    })
    fc.assert(
      fc.property(cases, ({ start, step, length, cycle, block }) => {
        const limit = start + step * length
        const sequence = new NumberSequence({ start, step, limit, cycle, block })
        const members = Array.from({ length: length + 1 }, (_, index) => start + step * index)

        expect(take(sequence, length + 1)).toEqual(members)
        if (cycle) expect(take(sequence, length + 1)).toEqual(members)
        else expect(() => sequence.next()).toThrow(FullError)
      }),
    )
  })
})

describe('NumberSequence in blocks', () => {
  it('has a thread use up its own block first', () => {
    const one = new NumberSequence({ block: 3 })
    const other = NumberSequence.attach(one.handle, { block: 2 })

    expect([...take(one, 2), ...take(other, 3), ...take(one, 2)]).toEqual([0, 1, 3, 4, 5, 2, 7])
  })
})

describe('NumberSequence at its end', () => {
  it('goes around in the middle of a block, also where places end to be exact', () => {
    const sequence = new NumberSequence({ cycle: true, block: 10 })

    sequence.restart(MAX_SAFE_INTEGER - 1)

    expect(take(sequence, 5)).toEqual([MAX_SAFE_INTEGER - 1, MAX_SAFE_INTEGER, 0, 1, 2])
  })

  it('has nothing left of a block that went beyond it, when another restarts it', () => {
    const one = new NumberSequence({ limit: 4, block: 1000 })
    const other = NumberSequence.attach(one.handle)
    take(one, 5)
    expect(() => one.next()).toThrow(FullError)

    other.restart()

    expect(one.next()).toBe(0)
  })

  it('counts no further, however often it is asked', () => {
    const sequence = new NumberSequence({ limit: 4, block: 2 ** 31 })
    const handle = { ...sequence.handle }
    Atomics.store(handle.count, 0, 2n ** 63n - 2n ** 32n)

    for (let asked = 0; asked < 5; asked++) expect(() => sequence.next()).toThrow(FullError)

    expect(Atomics.load(handle.count, 0)).toBe(5n)
  })
})

describe('NumberSequence.restart()', () => {
  it('begins anew for all', () => {
    const one = new NumberSequence({ start: 5 })
    const other = NumberSequence.attach(one.handle)
    take(one, 3)

    other.restart()

    expect(one.next()).toBe(5)
  })

  it('goes on from any number of the sequence', () => {
    const sequence = new NumberSequence({ start: 1, step: 2, block: 4 })
    sequence.next()

    sequence.restart(101)

    expect(take(sequence, 2)).toEqual([101, 103])
  })

  it.each([2, -1, 11])('refuses %s, which the sequence does not have', (at) => {
    const sequence = new NumberSequence({ start: 1, step: 2, limit: 9 })

    expect(() => sequence.restart(at)).toThrow(
      new RangeError(`Cannot use at: got ${at}, expected a number of the sequence`),
    )
  })
})

describe('NumberSequence.named()', () => {
  it('is the same sequence by the same name', () => {
    const options = { start: 100, step: 10 }
    const one = NumberSequence.named('the same name', options)
    const other = NumberSequence.named('the same name', options)

    expect([one.next(), other.next(), one.next()]).toEqual([100, 110, 120])
  })

  it('is refused with other options than before', () => {
    NumberSequence.named('two minds', { start: 1 })

    expect(() => NumberSequence.named('two minds', { start: 2 })).toThrow(
      new TypeError(
        'Cannot use the sequence "two minds": got other options than where it was first used, expected the same',
      ),
    )
  })

  it('leaves the size of blocks to each', () => {
    NumberSequence.named('blocks', { block: 10 }).next()

    expect(NumberSequence.named('blocks', { block: 2 }).next()).toBe(10)
  })
})

describe('NumberSequence.toHex()', () => {
  it('has a fixed width, so that texts sort as numbers', () => {
    expect(NumberSequence.toHex(42)).toBe('0000000000002a')
    expect(NumberSequence.toHex(MAX_SAFE_INTEGER)).toBe('1fffffffffffff')
    expect(new NumberSequence({ start: 255 }).nextHex()).toBe('000000000000ff')
  })

  it('is read back by parseHex(), with 0x or without', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (number) => {
        const text = NumberSequence.toHex(number)
        expect(NumberSequence.parseHex(text)).toBe(number)
        expect(NumberSequence.parseHex(`0x${text}`)).toBe(number)
      }),
    )
  })

  it.each([
    [-1, 'Cannot use number: got -1, expected an integer from 0 to 9007199254740991'],
    [1.5, 'Cannot use number: got 1.5, expected an integer from 0 to 9007199254740991'],
    [2 ** 53, `Cannot use number: got ${2 ** 53}, expected an integer from 0 to 9007199254740991`],
  ])('refuses %s', (number, message) => {
    expect(() => NumberSequence.toHex(number)).toThrow(new RangeError(message))
  })

  it.each(['', 'xyz', '0x', '-1', '000000000000001', ' 1'])('parseHex() refuses "%s"', (text) => {
    expect(() => NumberSequence.parseHex(text)).toThrow(
      new TypeError(`Cannot use text: got "${text}", expected up to 14 hexadecimal digits`),
    )
  })

  it('parseHex() refuses more than numbers hold', () => {
    expect(() => NumberSequence.parseHex('20000000000000')).toThrow(
      new RangeError(
        `Cannot use text: got ${2 ** 53}, expected an integer from 0 to 9007199254740991`,
      ),
    )
  })
})

describe('bad arguments of NumberSequence', () => {
  const exact = `expected an integer from ${MIN_SAFE_INTEGER} to ${MAX_SAFE_INTEGER}`

  it.each([
    [{ start: 1.5 }, RangeError, `start: got 1.5, ${exact}`],
    [{ start: Number.NaN }, RangeError, `start: got NaN, ${exact}`],
    [{ start: Infinity }, RangeError, `start: got Infinity, ${exact}`],
    [{ start: 2 ** 53 }, RangeError, `start: got 9007199254740992, ${exact}`],
    [{ start: -(2 ** 53) }, RangeError, `start: got -9007199254740992, ${exact}`],
    [{ start: '1' }, TypeError, 'start: got string, expected a number'],
    [{ start: 1n }, TypeError, 'start: got bigint, expected a number'],
    [{ step: 0 }, RangeError, 'step: got 0, expected any other integer'],
    [{ step: -0 }, RangeError, 'step: got 0, expected any other integer'],
    [{ step: 0.5 }, RangeError, `step: got 0.5, ${exact}`],
    [{ step: Number.NaN }, RangeError, `step: got NaN, ${exact}`],
    [{ step: null }, TypeError, 'step: got null, expected a number'],
    [{ limit: -1 }, RangeError, 'limit: got -1, expected an integer from 0 to 9007199254740991'],
    [{ limit: 0.5 }, RangeError, 'limit: got 0.5, expected an integer from 0 to 9007199254740991'],
    [{ limit: '5' }, TypeError, 'limit: got string, expected a number'],
    [
      { step: -1, limit: 1 },
      RangeError,
      'limit: got 1, expected an integer from -9007199254740991 to 0',
    ],
    [
      { start: -1, limit: MAX_SAFE_INTEGER },
      RangeError,
      'limit: got 9007199254740991, expected an integer from -1 to 9007199254740990',
    ],
    [{ cycle: 1 }, TypeError, 'cycle: got number, expected a boolean'],
    [{ cycle: 'false' }, TypeError, 'cycle: got string, expected a boolean'],
    [{ block: 0 }, RangeError, 'block: got 0, expected an integer from 1 to 2147483648'],
    [{ block: -1 }, RangeError, 'block: got -1, expected an integer from 1 to 2147483648'],
    [{ block: 1.5 }, RangeError, 'block: got 1.5, expected an integer from 1 to 2147483648'],
    [
      { block: 2 ** 31 + 1 },
      RangeError,
      'block: got 2147483649, expected an integer from 1 to 2147483648',
    ],
    [{ block: 8n }, TypeError, 'block: got bigint, expected a number'],
    [[], TypeError, 'options: got array, expected an object'],
    [7, TypeError, 'options: got number, expected an object'],
    [null, TypeError, 'options: got null, expected an object'],
  ])('%o is refused', (options, kind, message) => {
    const make = () => new NumberSequence(untyped(options))

    expect(make).toThrow(new kind(`Cannot use ${message}`))
  })

  const { handle: good } = new NumberSequence()
  const none = 'handle: got something else, expected that of a NumberSequence'

  it.each([
    [undefined, TypeError, 'handle: got undefined, expected an object'],
    [null, TypeError, 'handle: got null, expected an object'],
    [5, TypeError, 'handle: got number, expected an object'],
    [{}, TypeError, none],
    [{ kind: 'NumberSequence' }, TypeError, none],
    [{ ...good, kind: 'SharedCounter' }, TypeError, none],
    [{ ...good, count: new BigInt64Array(1) }, TypeError, none],
    [{ ...good, count: new BigInt64Array(new SharedArrayBuffer(64)) }, TypeError, none],
    [{ ...good, count: new BigUint64Array(new SharedArrayBuffer(8)) }, TypeError, none],
    [{ ...good, step: 0 }, RangeError, 'step: got 0, expected any other integer'],
    [{ ...good, start: '0' }, TypeError, 'start: got string, expected a number'],
  ])('attach() refuses the handle %o', (handle, kind, message) => {
    expect(() => NumberSequence.attach(untyped(handle))).toThrow(new kind(`Cannot use ${message}`))
  })

  it.each([
    [null, TypeError, 'options: got null, expected an object'],
    [8, TypeError, 'options: got number, expected an object'],
    [{ block: 0 }, RangeError, 'block: got 0, expected an integer from 1 to 2147483648'],
  ])('attach() refuses the options %o', (options, kind, message) => {
    expect(() => NumberSequence.attach(good, untyped(options))).toThrow(
      new kind(`Cannot use ${message}`),
    )
  })

  it.each([
    [undefined, 'undefined'],
    [5, 'number'],
    [null, 'null'],
    [['name'], 'array'],
    [Symbol('name'), 'symbol'],
  ])('named() refuses %s for a name', (name, got) => {
    expect(() => NumberSequence.named(untyped(name))).toThrow(
      new TypeError(`Cannot use name: got ${got}, expected a string`),
    )
  })

  it.each([
    [null, TypeError, 'options: got null, expected an object'],
    [{ step: 0 }, RangeError, 'step: got 0, expected any other integer'],
  ])('named() refuses the options %o', (options, kind, message) => {
    expect(() => NumberSequence.named('never made', untyped(options))).toThrow(
      new kind(`Cannot use ${message}`),
    )
  })

  it.each([
    ['1', TypeError, 'got string, expected a number'],
    [null, TypeError, 'got null, expected a number'],
    [1.5, RangeError, `got 1.5, ${exact}`],
    [Number.NaN, RangeError, `got NaN, ${exact}`],
    [2 ** 53, RangeError, `got ${2 ** 53}, ${exact}`],
  ])('restart() refuses %o', (at, kind, message) => {
    expect(() => new NumberSequence().restart(untyped(at))).toThrow(
      new kind(`Cannot use at: ${message}`),
    )
  })

  it.each([
    [undefined, 'undefined'],
    ['2a', 'string'],
    [5n, 'bigint'],
  ])('toHex() refuses %o', (number, got) => {
    expect(() => NumberSequence.toHex(untyped(number))).toThrow(
      new TypeError(`Cannot use number: got ${got}, expected a number`),
    )
  })

  it.each([
    [undefined, 'undefined'],
    [42, 'number'],
  ])('parseHex() refuses %o', (text, got) => {
    expect(() => NumberSequence.parseHex(untyped(text))).toThrow(
      new TypeError(`Cannot use text: got ${got}, expected a string`),
    )
  })

  it('nextHex() refuses a number below 0', () => {
    expect(() => new NumberSequence({ start: -1 }).nextHex()).toThrow(
      new RangeError(
        `Cannot use number: got -1, expected an integer from 0 to ${MAX_SAFE_INTEGER}`,
      ),
    )
  })
})
