import { describe, expect, it } from 'vitest'
import { printedSeed, randomFrom } from '../../../test/random.ts'
import { fuzz, total } from './fixtures/fuzz.ts'

describe('receiveBeats() over udp', () => {
  it('counts every datagram of 100,000 that are mostly broken, and throws at none', async () => {
    const random = randomFrom(printedSeed('fuzz'))

    for (let round = 0; round < 10; round++) {
      const { stats } = await fuzz(random, 10_000)

      console.log(stats)
      expect(total(stats)).toBe(10_000)
    }
  })
})
