import { describe, expect, it } from 'vitest'
import { printedSeed, randomFrom } from '../../../test/random.ts'
import { Schedule } from './fixtures/schedules.ts'

describe('HeartbeatMonitor', () => {
  it('tells every loss from the limit on, and within a sweep of it, in 10,000 schedules', () => {
    const random = randomFrom(printedSeed('detection bounds'))
    let losses = 0

    for (let count = 0; count < 10_000; count++) {
      const schedule = new Schedule(random)
      schedule.run(200)
      losses += schedule.losses
    }

    console.log(`${losses} losses, each in its bounds`)
    expect(losses).toBeGreaterThan(100_000)
  })
})
