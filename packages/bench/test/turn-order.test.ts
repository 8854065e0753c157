import { describe, expect, it } from 'vitest'
import { turnOrder } from '../src/turn-order.ts'

describe('turnOrder', () => {
  it.each([
    ['an even number', ['a', 'b', 'c', 'd'], 4, 1],
    ['an odd number', ['a', 'b', 'c', 'd', 'e'], 10, 2],
  ])('lets each follow each other one equally often: %s', (_, names, rounds, often) => {
    const inOrder = (one: string, other: string) => one.localeCompare(other)
    const pairs = Array.from({ length: rounds }, (__, round) => turnOrder(names, round))
      .flatMap((order) => order.slice(1).map((name, turn) => `${order[turn]}${name}`))
      .sort(inOrder)

    const all = names.flatMap((one) =>
      names
        .filter((other) => other !== one)
        .flatMap((other) => Array.from({ length: often }, () => one + other)),
    )
    expect(pairs).toEqual(all.sort(inOrder))
  })

  it('gives everybody one turn in each round, and begins with another each time', () => {
    const orders = [0, 1, 2].map((round) => turnOrder(['a', 'b', 'c'], round))

    expect(orders.map((order) => [...order].sort().join(''))).toEqual(['abc', 'abc', 'abc'])
    expect(orders.map(([first]) => first)).toEqual(['a', 'b', 'c'])
  })
})
