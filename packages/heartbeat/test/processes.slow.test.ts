import { describe, expect, it } from 'vitest'
import { blockAgent, stopMonitor } from './fixtures/hardships.ts'

describe('HeartbeatMonitor in a process that is stopped for 30 s', () => {
  it('takes nobody for lost, and notices later who is', async () => {
    expect(await stopMonitor(5000, 30_000)).toEqual(['paused'])
  })
})

describe('HeartbeatSender in a thread of its own', () => {
  it('goes on while the main loop is blocked for 60 s, which is busy', async () => {
    expect(await blockAgent(5000, 60_000)).toEqual(['busy', 'recovered from busy', 'lost'])
  })
})
