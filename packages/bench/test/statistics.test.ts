import { describe, expect, it } from 'vitest'
import { isClearlyAbove, spreadOf } from '../src/statistics.ts'

describe('spreadOf', () => {
  it('gives the middle of an odd number of rounds, and their ends', () => {
    expect(spreadOf([5, 1, 9])).toEqual({ median: 5, low: 1, high: 9, rounds: [5, 1, 9] })
  })

  it('gives the mean of the two in the middle of an even number', () => {
    expect(spreadOf([4, 10, 1, 2]).median).toBe(3)
  })

  it('sorts by size, not as text', () => {
    expect(spreadOf([10, 9, 100]).median).toBe(10)
  })

  it('has nothing to say of no rounds', () => {
    expect(spreadOf([])).toEqual({
      median: Number.NaN,
      low: Number.NaN,
      high: Number.NaN,
      rounds: [],
    })
  })
})

describe('isClearlyAbove', () => {
  it.each([
    ['every round is above', [5, 6], [3, 4], true],
    ['the ends touch', [4, 6], [3, 4], false],
    ['the rounds overlap', [3, 9], [2, 4], false],
    ['it is below', [1, 2], [3, 4], false],
  ])('tells whether %s', (_, one, other, expected) => {
    expect(isClearlyAbove(spreadOf(one), spreadOf(other))).toBe(expected)
  })
})
