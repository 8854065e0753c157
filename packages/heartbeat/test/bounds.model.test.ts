import { describe, expect, it } from 'vitest'
import { printedSeed, randomFrom } from '../../../test/random.ts'
import { Schedule } from './fixtures/schedules.ts'

describe('HeartbeatMonitor', () => {
  it('tells every loss from the limit on, and within a sweep of it', () => {
    const random = randomFrom(printedSeed('detection bounds'))
    let losses = 0

    for (let count = 0; count < 1000; count++) {
      const schedule = new Schedule(random)
      schedule.run(60)
      losses += schedule.losses
    }

    expect(losses).toBeGreaterThan(3000)
  })
})
