import { runInNewContext } from 'node:vm'
import { FullError, systemClock } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { uuidv7, UuidV7 } from '@cupola/ids'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CopiedRandom } from './fixtures/clones.ts'
import { untyped } from '../../../test/untyped.ts'

/** Appendix A.6 of RFC 9562. */
const EXAMPLE = {
  text: '017f22e2-79b0-7cc3-98c4-dc0c0c07398f',
  parts: { timestamp: 0x017f22e279b0, randA: 0xcc3, randB: 0x18c4dc0c0c07398fn },
}

const LATEST = 2 ** 48 - 1

const anyParts = fc.record({
  timestamp: fc.nat(LATEST),
  randA: fc.nat(0xfff),
  randB: fc.bigInt({ min: 0n, max: (1n << 62n) - 1n }),
})

function isAscending(texts: readonly string[]): boolean {
  return texts.every((text, index) => index === 0 || text > (texts[index - 1] ?? ''))
}

function take(uuids: UuidV7, count: number): string[] {
  return Array.from({ length: count }, () => uuids.next())
}

describe('the example of RFC 9562', () => {
  it('is read', () => {
    expect(UuidV7.parse(EXAMPLE.text)).toEqual(EXAMPLE.parts)
    expect(new Date(EXAMPLE.parts.timestamp).toISOString()).toBe('2022-02-22T19:22:22.000Z')
  })

  it('is written', () => {
    expect(UuidV7.format(EXAMPLE.parts)).toBe(EXAMPLE.text)
  })

  it('may be in capitals', () => {
    expect(UuidV7.parse(EXAMPLE.text.toUpperCase())).toEqual(EXAMPLE.parts)
  })
})

describe('uuidv7()', () => {
  it('is a UUID of version 7, of now', () => {
    const before = Date.now()

    const text = uuidv7()

    expect(text).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(UuidV7.parse(text).timestamp).toBeGreaterThanOrEqual(before)
  })

  it('gets greater, a hundred thousand times', () => {
    expect(isAscending(Array.from({ length: 100_000 }, uuidv7))).toBe(true)
  })
})

describe('UuidV7.next()', () => {
  it('has the time of the clock', async () => {
    const clock = new VirtualClock({ wall: 1_000 })
    const uuids = new UuidV7({ clock })
    const first = UuidV7.parse(uuids.next())

    await clock.advance(5)

    expect([first.timestamp, UuidV7.parse(uuids.next()).timestamp]).toEqual([1000, 1005])
  })

  it('gets greater when the clock is set back by an hour, with the time it had', () => {
    const clock = new VirtualClock({ wall: 7_200_000 })
    const uuids = new UuidV7({ clock })
    const before = take(uuids, 3)

    clock.setWall(3_600_000)
    const after = take(uuids, 3)

    expect(isAscending([...before, ...after])).toBe(true)
    expect(after.map((text) => UuidV7.parse(text).timestamp)).toEqual([7.2e6, 7.2e6, 7.2e6])
  })

  it('gets greater, whatever the clock and chance do', () => {
    const walls = fc.array(fc.double({ min: -10, max: 50, noNaN: true }), { maxLength: 300 })
    const bytes = fc.constantFrom(0, 0x7f, 0x80, 0xff)
    fc.assert(
      fc.property(walls, bytes, fc.integer({ min: 1, max: 4 }), (times, byte, drawAhead) => {
        const clock = new VirtualClock()
        const fillRandom = (target: Uint8Array) => target.fill(byte)
        const uuids = new UuidV7({ clock, fillRandom, drawAhead })

        const texts = times.map((wall) => (clock.setWall(wall), uuids.next()))

        expect(isAscending(texts)).toBe(true)
      }),
    )
  })

  it('is greater than the one of an earlier run, whose clock was ahead', () => {
    const clock = new VirtualClock({ wall: 1000 })
    const after = UuidV7.format({ timestamp: 5000, randA: 0xfff, randB: (1n << 62n) - 1n })

    expect(isAscending([after, new UuidV7({ clock, after }).next()])).toBe(true)
  })

  it('refuses when no time is left', () => {
    const clock = new VirtualClock({ wall: LATEST + 1 })

    expect(() => new UuidV7({ clock }).next()).toThrow(
      new FullError('make a UUID', 'its 48 bits of time are used up', undefined),
    )
  })

  it('gets greater, also where there was no chance to draw from for a moment', async () => {
    let failing = false
    const fillRandom = (target: Uint8Array) => {
      if (failing) throw new Error('no entropy')
      target.fill(7)
    }
    const clock = new VirtualClock({ wall: 1000 })
    const uuids = new UuidV7({ clock, drawAhead: 1, fillRandom })
    const texts = [uuids.next()]
    await clock.advance(5)
    failing = true
    expect(() => uuids.next()).toThrow('no entropy')
    failing = false

    texts.push(hyphenated(uuids.bytes()), uuids.next())

    expect(isAscending(texts)).toBe(true)
  })

  it('has 48 random bits of its own in each', () => {
    const uuids = new UuidV7({ fillRandom: new CopiedRandom('tail').draw })

    const tails = take(uuids, 10_000).map((text) => text.slice(-12))

    expect(new Set(tails).size).toBe(10_000)
  })
})

function hyphenated(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

describe('UuidV7.bytes()', () => {
  it('goes into an array of another realm', () => {
    const target: unknown = runInNewContext('new Uint8Array(16)')

    const bytes: Uint8Array = new UuidV7().bytes(untyped(target))
    expect((bytes[6] ?? 0) >>> 4).toBe(7)
  })

  /** Both draw the same, so that one is to be what the other is. */
  function twins(): [UuidV7, UuidV7] {
    const clock = new VirtualClock({ wall: 0x0123_4567_89ab })
    const make = () => new UuidV7({ clock, fillRandom: new CopiedRandom('twin').draw })
    return [make(), make()]
  }

  it('is what next() writes', () => {
    const [one, other] = twins()

    const bytes = Array.from({ length: 1000 }, () => Buffer.from(one.bytes()).toString('hex'))

    expect(bytes).toEqual(take(other, 1000).map((text) => text.replaceAll('-', '')))
  })

  it('goes into the caller’s array, and nowhere else', () => {
    const [one, other] = twins()
    const target = Buffer.alloc(20, 0xee)

    expect(one.bytes(target, 2)).toBe(target)

    const hex = other.next().replaceAll('-', '')
    expect(target.toString('hex')).toBe(`eeee${hex}eeee`)
  })

  it('takes part in the order of next()', () => {
    const uuids = new UuidV7()
    const hex = () => Buffer.from(uuids.bytes()).toString('hex')
    const text = () => uuids.next().replaceAll('-', '')

    expect(isAscending([hex(), text(), hex(), text()])).toBe(true)
  })

  it.each([
    [new Uint8Array(15), 0, RangeError, 'target: got 15 bytes, expected 16 or more'],
    [new Uint8Array(20), 5, RangeError, 'offset: got 5, expected an integer from 0 to 4'],
    [new Uint8Array(20), -1, RangeError, 'offset: got -1, expected an integer from 0 to 4'],
    [new Uint8Array(20), 0.5, RangeError, 'offset: got 0.5, expected an integer from 0 to 4'],
    [
      new Uint8Array(20),
      Number.NaN,
      RangeError,
      'offset: got NaN, expected an integer from 0 to 4',
    ],
    [new Uint8Array(20), '0', TypeError, 'offset: got string, expected a number'],
    [new Uint16Array(20), 0, TypeError, 'target: got object, expected a Uint8Array'],
    ['target', 0, TypeError, 'target: got string, expected a Uint8Array'],
  ])('refuses (%o, %s), and writes nothing', (target, offset, kind, message) => {
    const write = () => new UuidV7().bytes(untyped(target), untyped(offset))

    expect(write).toThrow(new kind(`Cannot use ${message}`))
    expect([...new Set(typeof target === 'string' ? [0] : target)]).toEqual([0])
  })
})

describe('UuidV7.parse() and format()', () => {
  it('are each other’s opposites', () => {
    fc.assert(
      fc.property(anyParts, (parts) => {
        expect(UuidV7.parse(UuidV7.format(parts))).toEqual(parts)
      }),
    )
  })

  it.each([
    '',
    'uuid',
    EXAMPLE.text.replaceAll('-', ''),
    `{${EXAMPLE.text}}`,
    `${EXAMPLE.text}0`,
    EXAMPLE.text.replace('-7c', '-4c'),
    EXAMPLE.text.replace('-9', '-c'),
    EXAMPLE.text.replace('f', 'g'),
  ])('parse() refuses "%s"', (text) => {
    expect(() => UuidV7.parse(text)).toThrow(
      new TypeError(`Cannot use text: got "${text}", expected a UUID of version 7`),
    )
  })

  const bits = `expected a bigint from 0 to ${(1n << 62n) - 1n}`

  it.each([
    [{ timestamp: -1 }, RangeError, `timestamp: got -1, expected an integer from 0 to ${LATEST}`],
    [
      { timestamp: 2 ** 48 },
      RangeError,
      `timestamp: got 281474976710656, expected an integer from 0 to ${LATEST}`,
    ],
    [{ timestamp: 1.5 }, RangeError, `timestamp: got 1.5, expected an integer from 0 to ${LATEST}`],
    [{ timestamp: new Date(0) }, TypeError, 'timestamp: got object, expected a number'],
    [{ randA: 4096 }, RangeError, 'randA: got 4096, expected an integer from 0 to 4095'],
    [{ randA: -1 }, RangeError, 'randA: got -1, expected an integer from 0 to 4095'],
    [{ randA: undefined }, TypeError, 'randA: got undefined, expected a number'],
    [{ randB: 1n << 62n }, RangeError, `randB: got ${1n << 62n}, ${bits}`],
    [{ randB: -1n }, RangeError, `randB: got -1, ${bits}`],
    [{ randB: 5 }, TypeError, 'randB: got number, expected a bigint'],
  ])('format() refuses %o', (part, kind, message) => {
    const write = () => UuidV7.format(untyped({ ...EXAMPLE.parts, ...part }))

    expect(write).toThrow(new kind(`Cannot use ${message}`))
  })

  it.each([
    [null, 'null'],
    [undefined, 'undefined'],
    [5, 'number'],
    [new Uint8Array(16), 'object'],
  ])('parse() refuses %o', (value, got) => {
    expect(() => UuidV7.parse(untyped(value))).toThrow(
      new TypeError(`Cannot use text: got ${got}, expected a string`),
    )
  })

  it.each([
    [null, 'null'],
    [undefined, 'undefined'],
    [EXAMPLE.text, 'string'],
  ])('format() refuses %o for parts', (parts, got) => {
    expect(() => UuidV7.format(untyped(parts))).toThrow(
      new TypeError(`Cannot use parts: got ${got}, expected an object`),
    )
  })
})

describe('UuidV7.compare()', () => {
  it('has the order of the numbers that they are, in letters of either case', () => {
    const value = (text: string) => BigInt(`0x${text.replaceAll('-', '')}`)
    fc.assert(
      fc.property(anyParts, anyParts, (first, second) => {
        const [one, other] = [UuidV7.format(first), UuidV7.format(second)]
        const expected = value(one) < value(other) ? -1 : 1

        expect(UuidV7.compare(one, other.toUpperCase())).toBe(one === other ? 0 : expected)
      }),
    )
  })

  it('is 0 for the same in other letters', () => {
    expect(UuidV7.compare(EXAMPLE.text, EXAMPLE.text.toUpperCase())).toBe(0)
  })

  it.each([
    ['z', EXAMPLE.text, 'one: got "z", expected a UUID of version 7'],
    [EXAMPLE.text, 'z', 'other: got "z", expected a UUID of version 7'],
    [null, EXAMPLE.text, 'one: got null, expected a string'],
    [EXAMPLE.text, undefined, 'other: got undefined, expected a string'],
  ])('refuses (%o, %o)', (one, other, message) => {
    expect(() => UuidV7.compare(untyped(one), untyped(other))).toThrow(
      new TypeError(`Cannot use ${message}`),
    )
  })
})

describe('new UuidV7()', () => {
  it.each([
    [{ after: 'z' }, TypeError, 'after: got "z", expected a UUID of version 7'],
    [{ after: 5 }, TypeError, 'after: got number, expected a string'],
    [
      { clock: { ...systemClock, wall: 5 } },
      TypeError,
      'clock: it has no wall(), expected a Clock',
    ],
    [{ clock: null }, TypeError, 'clock: got null, expected an object'],
    [{ fillRandom: 5 }, TypeError, 'fillRandom: got number, expected a function'],
    [{ drawAhead: 0 }, RangeError, 'drawAhead: got 0, expected an integer from 1 to 1048576'],
    [
      { drawAhead: 2 ** 21 },
      RangeError,
      'drawAhead: got 2097152, expected an integer from 1 to 1048576',
    ],
    [
      { drawAhead: Infinity },
      RangeError,
      'drawAhead: got Infinity, expected an integer from 1 to 1048576',
    ],
    [{ drawAhead: '1' }, TypeError, 'drawAhead: got string, expected a number'],
    [null, TypeError, 'options: got null, expected an object'],
    [[], TypeError, 'options: got array, expected an object'],
  ])('refuses %o', (options, kind, message) => {
    const make = () => new UuidV7(untyped(options))

    expect(make).toThrow(new kind(`Cannot use ${message}`))
  })
})
