// A condition and its mutex, in every interleaving of a few threads of which one may die.
import { describe, expect, it } from 'vitest'
import { explore, Violation } from '../../../test/shared-memory/explorer.ts'
import { RETURN } from '../src/condition-rule.ts'
import { Shop } from './fixtures/shop.ts'

describe('SharedCondition, in every interleaving with its mutex', () => {
  const bounds = { deaths: 1, mortals: [0], preemptions: 1 }

  it('notifies another in the stead of one that dies before it has the mutex back', () => {
    const shop = new Shop()
    const threads = [shop.taker, shop.taker, shop.giver]

    const { states } = explore({ ...shop.lots, ...bounds, threads, check: shop.check })
    expect(states).toBeGreaterThan(10_000)
  })

  it('does not, where a notification is forgotten with the dead (the explorer finds it)', () => {
    const shop = new Shop((rule) => ({
      ...rule,
      bury(lot, seat) {
        lot.setDetail(seat, RETURN, 0)
        rule.bury(lot, seat)
      },
    }))
    const threads = [shop.taker, shop.taker, shop.giver]

    expect(() => explore({ ...shop.lots, ...bounds, threads })).toThrow(Violation)
  })
})
