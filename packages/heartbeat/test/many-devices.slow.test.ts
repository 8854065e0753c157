import { describe, expect, it } from 'vitest'
import { loseAll } from './fixtures/storm.ts'

describe('HeartbeatMonitor of a million devices', () => {
  it('is not swept away when all are lost at once: it holds, tells each once, and keeps some', () => {
    expect(loseAll(1_000_000, 100_000)).toEqual({
      held: 1,
      released: 1,
      lostWhileHeld: 0,
      lost: 1_000_000,
      forgotten: 900_000,
      kept: 100_000,
      first: 'device 900000',
      timers: 0,
    })
  })
})
