import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packTable, unpackTable } from '../src/table.ts'

const EIGHT = 8

describe('packTable', () => {
  it('names the properties once', () => {
    const points = Array.from({ length: EIGHT }, (_, x) => ({ x, y: null }))

    expect(packTable(points)).toEqual({
      names: ['x', 'y'],
      cells: points.flatMap(({ x, y }) => [x, y]),
    })
  })

  it.each<{ what: string; last: unknown }>([
    { what: 'another name', last: { x: 1, z: 2 } },
    { what: 'another order', last: { y: 1, x: 2 } },
    { what: 'a name too few', last: { x: 1 } },
    { what: 'a name too many', last: { x: 1, y: 2, z: 3 } },
    { what: 'an object in it', last: { x: 1, y: {} } },
    { what: 'a function in it', last: { x: 1, y: () => {} } },
    { what: 'a symbol in it', last: { x: 1, y: Symbol('y') } },
    { what: 'a class', last: Object.assign(new Date(0), { x: 1, y: 2 }) },
    { what: 'no prototype', last: Object.assign(Object.create(null), { x: 1, y: 2 }) },
    { what: 'a proxy', last: new Proxy({ x: 1, y: 2 }, {}) },
    { what: 'elements', last: [1, 2] },
    { what: 'nothing', last: null },
  ])('leaves values alone of which one has $what', ({ last }) => {
    const values = [...Array.from({ length: EIGHT }, () => ({ x: 1, y: 2 })), last]

    expect(packTable(values)).toBe(values)
    expect(packTable(values.toReversed())).toHaveLength(values.length)
  })

  it.each([{}, JSON.parse('{"__proto__": 1}') as unknown])(
    'leaves values alone that no table can hold: %j',
    (value) => {
      const values = Array.from({ length: EIGHT }, () => value)

      expect(packTable(values)).toBe(values)
    },
  )

  it('leaves values alone if every object has inherited a property', () => {
    const values = Array.from({ length: EIGHT }, () => ({ x: 1 }))
    // oxlint-disable-next-line eslint/no-extend-native -- what others do is what this is about
    Object.defineProperty(Object.prototype, 'y', { value: 2, enumerable: true, configurable: true })
    const packed = packTable(values)
    Reflect.deleteProperty(Object.prototype, 'y')

    expect(packed).toBe(values)
  })

  it('asks no trap of a proxy', () => {
    const values = Array.from({ length: EIGHT }, () => {
      const fail = () => expect.unreachable()
      return new Proxy({ x: 1 }, { getPrototypeOf: fail, ownKeys: fail, get: fail })
    })

    expect(packTable(values)).toBe(values)
  })
})

describe('unpackTable', () => {
  it('gives what cloning the values gives, whatever they are', () => {
    const name = fc.constantFrom('x', 'y', '0', '', '__proto__', 'toString')
    const cell = fc.oneof(
      fc.double(),
      fc.string(),
      fc.constantFrom(0, -0, null, undefined, true, []),
    )
    const alike = fc.dictionary(name, cell).chain((first) => {
      const cells = fc.tuple(...Object.keys(first).map(() => cell))
      const other = cells.map((row) =>
        Object.fromEntries(Object.keys(first).map((key, column) => [key, row[column]])),
      )
      return fc.array(other, { minLength: EIGHT })
    })
    const various = fc.array(fc.dictionary(name, cell), { minLength: EIGHT })

    fc.assert(
      fc.property(fc.oneof(alike, various), (values) => {
        const arrived = unpackTable(structuredClone(packTable(values)))

        expect(arrived).toStrictEqual(structuredClone(values))
      }),
    )
  })
})
