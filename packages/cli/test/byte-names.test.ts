import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesOf, nameOf, printable, textOf } from '../src/digest/byte-names.ts'

const ODD = [
  0x0a, 0x0d, 0x5c, 0xc3, 0xa9, 0xe2, 0x80, 0xa8, 0xf0, 0x9f, 0x90, 0x80, 0xff, 0xed, 0xa0,
]
const oddBytes = fc.array(fc.constantFrom(...ODD), { maxLength: 12 })

describe('nameOf()', () => {
  it('loses no byte of any name', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(bytesOf(nameOf(Buffer.from(bytes))).equals(bytes)).toBe(true)
      }),
    ))

  it('loses no byte of names made of pieces of characters', () =>
    fc.assert(
      fc.property(oddBytes, (bytes) => {
        expect([...bytesOf(nameOf(Buffer.from(bytes)))]).toEqual(bytes)
      }),
      { numRuns: 1000 },
    ))

  it('leaves ordinary text as it is, emoji with all their halves', () => {
    expect(nameOf(Buffer.from('né 🐀 a\\b'))).toBe('né 🐀 a\\b')
  })

  it('leaves nothing in a name that the dot of a regular expression does not match', () =>
    fc.assert(
      fc.property(oddBytes, (bytes) => {
        expect(nameOf(Buffer.from(bytes))).toMatch(/^.*$/)
      }),
    ))

  it('survives a structured clone', () => {
    const name = nameOf(Buffer.from([0x61, 0xff, 0x0a, 0xfe]))

    expect(structuredClone(name)).toBe(name)
  })
})

describe('textOf()', () => {
  it('gives text back and replaces what is none', () => {
    expect(textOf(nameOf(Buffer.from('a\nb')))).toBe('a\nb')
    expect(textOf(nameOf(Buffer.from([0x61, 0xff])))).toBe('a\uFFFD')
  })
})

describe('printable()', () => {
  it.each([
    ['a\nb\rc\td', 'a\\nb\\rc\\td'],
    ['\u001B[31mred', '\\x1b[31mred'],
    ['\u009Bcontrol', '\\x9bcontrol'],
    ['abc\u202Efdp', 'abc\\u202efdp'],
    ['né 🐀', 'né 🐀'],
  ])('makes %j safe', (name, safe) => {
    expect(printable(name)).toBe(safe)
    expect(printable(nameOf(Buffer.from(name)))).toBe(safe)
  })

  it('shows bytes that are not UTF-8', () => {
    expect(printable(nameOf(Buffer.from([0x61, 0xff])))).toBe('a\\xff')
  })
})
