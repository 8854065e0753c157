import { Latch } from '@cupola/sync'
import { describe, expect, it } from 'vitest'

describe('Latch', () => {
  it.each([-1, 1.5, Infinity, Number.NaN])('refuses a count of %s', (count) => {
    expect(() => new Latch(count)).toThrow(RangeError)
  })

  it.each([0, -1, 1.5, Number.NaN])('refuses to be counted down by %s', (count) => {
    expect(() => new Latch(3).countDown(count)).toThrow(RangeError)
  })

  it('is open from the start at 0', async () => {
    await expect(new Latch(0).wait({ timeout: 0 })).resolves.toBeUndefined()
  })

  it('stays open, however often it is counted down', async () => {
    const latch = new Latch(2)

    latch.countDown(5)
    latch.countDown()

    expect(latch.stats()).toEqual({ remaining: 0, waiting: 0 })
    await latch.wait({ timeout: 0 })
  })
})
