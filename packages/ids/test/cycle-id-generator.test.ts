import { FullError, systemClock } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { CycleIdGenerator } from '@cupola/ids'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { untyped } from '../../../test/untyped.ts'
import { badWaits } from './fixtures/bad-waits.ts'

const node = { address: '10.0.0.1', port: 8080 }
const LAST = 2n ** 80n - 1n

function counters(ids: CycleIdGenerator, count: number): bigint[] {
  return Array.from({ length: count }, () => CycleIdGenerator.parse(ids.next()).counter)
}

describe('CycleIdGenerator.next()', () => {
  it('is 32 bits of address, 16 of port and 80 of counter, as CUP has it', () => {
    const ids = new CycleIdGenerator({ ...node, start: 1n })

    expect(ids.next()).toBe((0x0a000001n << 96n) | (8080n << 80n) | 1n)
  })

  it('gets greater by one each time', () => {
    expect(counters(new CycleIdGenerator({ ...node, start: 7n }), 3)).toEqual([7n, 8n, 9n])
  })

  it('begins at the time, above what an earlier run got to', async () => {
    const clock = new VirtualClock({ wall: 1_700_000_000_000 })
    const before = new CycleIdGenerator({ ...node, clock })
    const made = counters(before, 100_000)

    await clock.advance(1)

    const [first = 0n] = counters(new CycleIdGenerator({ ...node, clock }), 1)
    expect(first).toBe(1_700_000_000_001n << 32n)
    expect(first).toBeGreaterThan(made.at(-1) ?? 0n)
  })

  it('begins within its 80 bits, also where the clock counts something else than milliseconds', () => {
    const clock = new VirtualClock({ wall: 2 ** 49 + 3 })

    expect(counters(new CycleIdGenerator({ ...node, clock }), 2)).toEqual([
      3n << 32n,
      (3n << 32n) + 1n,
    ])
  })

  it.each([Number.NaN, Infinity])('has no place to begin at where the clock says %s', (wall) => {
    const clock = { ...systemClock, wall: () => wall }

    expect(() => new CycleIdGenerator({ ...node, clock })).toThrow(
      new RangeError(`Cannot use clock: wall() gave ${wall}, expected milliseconds since 1970`),
    )
  })

  it('goes on with counter 0 after the last, and says so', () => {
    const ids = new CycleIdGenerator({ ...node, start: LAST - 1n })
    const events: unknown[] = []
    ids.on('wrap', (event) => events.push(event))

    expect(counters(ids, 2)).toEqual([LAST - 1n, LAST])
    expect(events).toEqual([])
    expect(counters(ids, 3)).toEqual([0n, 1n, 2n])
    expect(events).toEqual([node])
  })

  it('gives no id twice to a listener that asks for some, too', () => {
    const ids = new CycleIdGenerator({ ...node, start: LAST })
    const heard: bigint[] = []
    ids.on('wrap', () => heard.push(...counters(ids, 2)))

    expect(counters(ids, 3)).toEqual([LAST, 0n, 3n])
    expect(heard).toEqual([1n, 2n])
  })

  it('keeps to its address and port when it wraps', () => {
    const ids = new CycleIdGenerator({ ...node, start: LAST })

    const made = [ids.next(), ids.next()].map((id) => CycleIdGenerator.parse(id))

    expect(made.map(({ address, port }) => ({ address, port }))).toEqual([node, node])
  })

  it('refuses after the last, if it is told to, as often as it is asked', () => {
    const ids = new CycleIdGenerator({ ...node, start: LAST, atEnd: 'refuse' })
    ids.next()

    const spent = `Cannot give the next id: all ${2n ** 80n} counters are used`
    expect(() => ids.next()).toThrow(FullError)
    expect(() => ids.next()).toThrow(spent)
  })
})

describe('CycleIdGenerator.acquire()', () => {
  it('is next() where nothing has to be stored', async () => {
    const ids = new CycleIdGenerator({ ...node, start: 5n })

    expect(CycleIdGenerator.parse(await ids.acquire()).counter).toBe(5n)
  })

  it('rejects after the last, if it is told to refuse', async () => {
    const ids = new CycleIdGenerator({ ...node, start: LAST, atEnd: 'refuse' })
    ids.next()

    await expect(ids.acquire()).rejects.toThrow(FullError)
  })

  it.each(badWaits)('rejects with %o', async (options, error) => {
    const ids = new CycleIdGenerator(node)

    await expect(ids.acquire(untyped(options))).rejects.toEqual(error)
  })
})

describe('the forms of a cycle id', () => {
  const octet = fc.nat(255)
  const ipv4 = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'))
  const anyPort = fc.nat(65_535)
  const anyCounter = fc.bigInt({ min: 0n, max: LAST })

  it.each([
    ['IPv4', ipv4, 32, 16],
    ['IPv6', fc.ipV6(), 58, 29],
  ] as const)(
    '%s: all of them come back, with address, port and counter',
    (_, addresses, digits, bytes) => {
      fc.assert(
        fc.property(addresses, anyPort, anyCounter, (address, port, start) => {
          const id = new CycleIdGenerator({ address, port, start }).next()
          const hex = CycleIdGenerator.toHex(id)
          const parts = CycleIdGenerator.parse(id)

          expect(hex.length).toBe(digits)
          expect(CycleIdGenerator.toBytes(id).length).toBe(bytes)
          for (const form of [
            id,
            hex,
            `0x${hex}`,
            hex.toUpperCase(),
            CycleIdGenerator.toBytes(id),
          ]) {
            expect(CycleIdGenerator.toBigInt(form)).toBe(id)
            expect(CycleIdGenerator.parse(form)).toEqual(parts)
          }
          expect(parts).toMatchObject({ port, counter: start })
          // Written in another way, it is the same address.
          const again = new CycleIdGenerator({ address: parts.address, port, start }).next()
          expect(again).toBe(id)
        }),
      )
    },
  )

  it.each([
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['fe80::0204:61ff:254.157.241.86', 'fe80::204:61ff:fe9d:f156'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ])('address %s comes back as %s', (address, canonical) => {
    const id = new CycleIdGenerator({ address, port: 1, start: 0n }).next()

    expect(CycleIdGenerator.parse(id).address).toBe(canonical)
  })

  it('sort as text as they do as numbers', () => {
    const ids = new CycleIdGenerator({ ...node, start: 255n })

    expect(CycleIdGenerator.toHex(ids.next()) < CycleIdGenerator.toHex(ids.next())).toBe(true)
  })

  it('may have 0x', () => {
    const id = new CycleIdGenerator({ address: '0.0.0.1', port: 0, start: 0n }).next()

    expect(CycleIdGenerator.toHex(id, '0x')).toBe(`0x00000001${'0'.repeat(24)}`)
  })

  it.each([
    [0, 'number'],
    [null, 'null'],
    ['0X', "'0X'"],
    [' ', "' '"],
    [true, 'boolean'],
  ])('have nothing else before the digits, as %j', (prefix, got) => {
    expect(() => CycleIdGenerator.toHex(1n, untyped(prefix))).toThrow(
      new TypeError(`Cannot use prefix: got ${got}, expected one of '', '0x'`),
    )
  })

  it('are read where other programs left out zeros', () => {
    expect(CycleIdGenerator.parse(`1${'0'.repeat(24)}`).address).toBe('0.0.0.1')
  })

  const notAnId = 'expected an id of 128 bits, or one of 232 bits that begins with 06'

  it.each([
    [-1n, RangeError, `got -1, ${notAnId}`],
    [6n << 223n, RangeError, `got ${6n << 223n}, ${notAnId}`],
    [1n << 128n, RangeError, `got ${1n << 128n}, ${notAnId}`],
    [7n << 224n, RangeError, `got ${7n << 224n}, ${notAnId}`],
    ['1'.repeat(33), RangeError, `got "${'1'.repeat(33)}", ${notAnId}`],
    ['1'.repeat(59), TypeError, `got "${'1'.repeat(59)}", expected up to 58 hexadecimal digits`],
    ['0x', TypeError, 'got "0x", expected up to 58 hexadecimal digits'],
    ['', TypeError, 'got "", expected up to 58 hexadecimal digits'],
    ['g', TypeError, 'got "g", expected up to 58 hexadecimal digits'],
    [' 1', TypeError, 'got " 1", expected up to 58 hexadecimal digits'],
    [new Uint8Array(15), RangeError, 'got 15 bytes, expected 16 or 29'],
    [new Uint8Array(29), RangeError, `got "${'0'.repeat(58)}", ${notAnId}`],
    [`0x${'0'.repeat(33)}`, RangeError, `got "0x${'0'.repeat(33)}", ${notAnId}`],
    [new Uint16Array(16), TypeError, 'got object, expected a string'],
    [5, TypeError, 'got number, expected a string'],
    [null, TypeError, 'got null, expected a string'],
  ])('%s is none', (id, kind, message) => {
    for (const read of ['parse', 'toHex', 'toBytes', 'toBigInt'] as const) {
      expect(() => CycleIdGenerator[read](untyped(id))).toThrow(
        new kind(`Cannot use id: ${message}`),
      )
    }
  })
})

describe('new CycleIdGenerator()', () => {
  const notAnAddress = 'expected an IPv4 or IPv6 address'

  it.each([
    [{ address: 'localhost' }, TypeError, `address: got "localhost", ${notAnAddress}`],
    [{ address: '10.0.0.256' }, TypeError, `address: got "10.0.0.256", ${notAnAddress}`],
    [{ address: '10.0.0' }, TypeError, `address: got "10.0.0", ${notAnAddress}`],
    [{ address: '010.0.0.1' }, TypeError, `address: got "010.0.0.1", ${notAnAddress}`],
    [{ address: 'fe80::1%eth0' }, TypeError, `address: got "fe80::1%eth0", ${notAnAddress}`],
    [{ address: '[::1]' }, TypeError, `address: got "[::1]", ${notAnAddress}`],
    [{ address: ':::' }, TypeError, `address: got ":::", ${notAnAddress}`],
    [{ address: '' }, TypeError, `address: got "", ${notAnAddress}`],
    [{ address: undefined }, TypeError, 'address: got undefined, expected a string'],
    [{ port: -1 }, RangeError, 'port: got -1, expected an integer from 0 to 65535'],
    [{ port: 65_536 }, RangeError, 'port: got 65536, expected an integer from 0 to 65535'],
    [{ port: 80.5 }, RangeError, 'port: got 80.5, expected an integer from 0 to 65535'],
    [{ port: Number.NaN }, RangeError, 'port: got NaN, expected an integer from 0 to 65535'],
    [{ port: '80' }, TypeError, 'port: got string, expected a number'],
    [{ start: -1n }, RangeError, `start: got -1, expected a bigint from 0 to ${LAST}`],
    [
      { start: LAST + 1n },
      RangeError,
      `start: got ${LAST + 1n}, expected a bigint from 0 to ${LAST}`,
    ],
    [{ start: 5 }, TypeError, 'start: got number, expected a bigint'],
    [{ atEnd: 'stop' }, TypeError, "atEnd: got 'stop', expected one of 'wrap', 'refuse'"],
    [{ atEnd: null }, TypeError, "atEnd: got null, expected one of 'wrap', 'refuse'"],
    [{ clock: {} }, TypeError, 'clock: it has no now(), expected a Clock'],
    [{ clock: null }, TypeError, 'clock: got null, expected an object'],
  ])('refuses %o', (option, kind, message) => {
    const make = () => new CycleIdGenerator(untyped({ ...node, ...option }))

    expect(make).toThrow(new kind(`Cannot use ${message}`))
  })

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['10.0.0.1', 'string'],
  ])('refuses the options %o', (options, got) => {
    expect(() => new CycleIdGenerator(untyped(options))).toThrow(
      new TypeError(`Cannot use options: got ${got}, expected an object`),
    )
  })

  it('refuses to tell what is no function', () => {
    expect(() => new CycleIdGenerator(node).on('wrap', untyped('listener'))).toThrow(
      new TypeError('Cannot use listener: got string, expected a function'),
    )
  })
})
