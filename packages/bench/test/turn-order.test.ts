import { describe, expect, it } from 'vitest'
import { turnOrder } from '../src/turn-order.ts'

describe('turnOrder', () => {
  it.each([
    ['an even number', ['a', 'b', 'c', 'd'], 4, 1],
    ['an odd number', ['a', 'b', 'c', 'd', 'e'], 10, 2],
  ])('lets each follow each other one equally often: %s', (_, names, rounds, often) => {
    const pairs = Array.from({ length: rounds }, (__, round) => turnOrder(names, round))
      .flatMap((order) => order.slice(1).map((name, turn) => `${order[turn]}${name}`))
      .sort()

    const all = names.flatMap((one) =>
      names.filter((other) => other !== one).flatMap((other) => Array(often).fill(one + other)),
    )
    expect(pairs).toEqual(all.sort())
  })

  it('gives everybody one turn in each round, and begins with another each time', () => {
    const orders = [0, 1, 2].map((round) => turnOrder(['a', 'b', 'c'], round))

    expect(orders.map((order) => [...order].sort().join(''))).toEqual(['abc', 'abc', 'abc'])
    expect(orders.map(([first]) => first)).toEqual(['a', 'b', 'c'])
  })
})
