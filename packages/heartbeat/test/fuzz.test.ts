import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { printedSeed, randomFrom } from '../../../test/random.ts'
import { fuzz, total } from './fixtures/fuzz.ts'

expectNoLeaks()

describe('receiveBeats() over udp', () => {
  it('counts every datagram of 4,000 that are mostly broken, and throws at none', async () => {
    const random = randomFrom(printedSeed('fuzz'))

    for (let round = 0; round < 2; round++) {
      const { stats } = await fuzz(random, 2000)

      expect(total(stats)).toBe(2000)
      expect(Object.keys(stats.refused).length).toBeGreaterThan(2)
    }
  })
})
