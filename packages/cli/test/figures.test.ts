import { describe, expect, it } from 'vitest'
import { bytesText, countText, durationText, plural } from '../src/digest/figures.ts'

describe('countText()', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1234567, '1,234,567'],
  ])('writes %d as %s', (count, text) => {
    expect(countText(count)).toBe(text)
  })
})

describe('plural()', () => {
  it('counts one and many', () => {
    expect(plural(1, 'file')).toBe('1 file')
    expect(plural(2, 'copy', 'copies')).toBe('2 copies')
  })
})

describe('bytesText()', () => {
  it.each([
    [0, '0 bytes'],
    [0.4, '0 bytes'],
    [1, '1 byte'],
    [335.27, '335 bytes'],
    [999.9, '1.00 kB'],
    [1000, '1.00 kB'],
    [123_456, '123 kB'],
    [999_600, '1.00 MB'],
    [2_211_855_648, '2.21 GB'],
  ])('writes %d as %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text)
  })
})

describe('durationText()', () => {
  it.each([
    [0, '0.00 s'],
    [9_990, '9.99 s'],
    [9_996, '10 s'],
    [59_600, '1 min 0 s'],
    [185_000, '3 min 5 s'],
    [7_500_000, '2 h 5 min'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(durationText(ms)).toBe(text)
  })
})
