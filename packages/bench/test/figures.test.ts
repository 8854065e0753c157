import { describe, expect, it } from 'vitest'
import { figureText, listText, sizeText } from '../src/figures.ts'

describe('figureText', () => {
  it.each([
    [0, '0'],
    [0.1234, '0.123'],
    [1.5, '1.50'],
    [12.34, '12.3'],
    [123.4, '123'],
    [999.4, '999'],
    [999.6, '1.00 k'],
    [1234, '1.23 k'],
    [12_345_678, '12.3 M'],
    [2.5e9, '2.50 G'],
    [Number.NaN, ''],
  ])('writes %d as "%s"', (value, text) => {
    expect(figureText(value)).toBe(text)
  })
})

describe('sizeText', () => {
  it.each([
    [1, '1 byte'],
    [1000, '1000 bytes'],
    [4096, '4 KiB'],
    [135_168, '132 KiB'],
    [1_048_576, '1 MiB'],
    [1_052_672, '1028 KiB'],
  ])('writes %d as "%s"', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text)
  })
})

describe('listText', () => {
  it.each([
    [[], ''],
    [['a'], 'a'],
    [['a', 'b'], 'a and b'],
    [['a', 'b', 'c'], 'a, b and c'],
  ])('joins %j', (words, text) => {
    expect(listText(words)).toBe(text)
  })
})
