// As in the other file of this name, with more that may happen.
import { describe, expect, it } from 'vitest'
import { explore } from '../../../test/shared-memory/explorer.ts'
import { Shop } from './fixtures/shop.ts'

describe('SharedCondition, in every interleaving with its mutex', () => {
  it.each([
    ['one of those who wait', { mortals: [0], preemptions: 2 }],
    ['any of those who wait', { mortals: [0, 1], preemptions: 2 }],
  ])('notifies another in the stead of %s that dies', (_, bounds) => {
    const shop = new Shop()
    const threads = [shop.taker, shop.taker, shop.giver]

    const { states, endings } = explore({
      ...shop.lots,
      ...bounds,
      threads,
      deaths: 1,
      check: shop.check,
    })
    expect(states).toBeGreaterThan(100_000)
    console.log(`${states} states, ${endings} endings`)
  })
})
