import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { printedSeed, randomFrom } from '../../../test/random.ts'
import { fuzz, total } from './fixtures/fuzz.ts'

expectNoLeaks()

/** All that a receiver may find wrong with a datagram, without a secret and with one. */
const REFUSALS = [
  { isSigned: false, reasons: 'malformed oversized replayed stale unverifiable version' },
  { isSigned: true, reasons: 'forged oversized replayed stale unsigned version' },
]

describe('receiveBeats() over udp', () => {
  it.each(REFUSALS)(
    'counts every datagram of 2,000 that are mostly broken, and throws at none: $reasons',
    async ({ isSigned, reasons }) => {
      const random = randomFrom(printedSeed('fuzz'))

      const { stats, keys } = await fuzz(random, 2_000, isSigned)

      expect(total(stats)).toBe(2_000)
      expect(stats.accepted).toBeGreaterThan(5)
      expect(Object.keys(stats.refused).toSorted().join(' ')).toBe(reasons)
      expect(keys.length).toBeGreaterThan(2)
    },
  )
})
