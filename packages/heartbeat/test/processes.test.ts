import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { blockAgent, endAgent, stopMonitor } from './fixtures/hardships.ts'

expectNoLeaks()

describe('HeartbeatMonitor in a process that is stopped', () => {
  it('takes nobody for lost, and notices later who is', async () => {
    expect(await stopMonitor(500, 1000)).toEqual(['paused'])
  })
})

describe('HeartbeatSender in a thread of its own', () => {
  it('goes on while the main loop is blocked, which is busy, and not while it is dead', async () => {
    expect(await blockAgent(400, 1200)).toEqual(['busy', 'recovered from busy', 'lost'])
  })

  it('keeps no process alive, and is lost with it', async () => {
    expect(await endAgent('end')).toEqual(['code 0', 'lost'])
  })

  it('does not outlive a main thread that crashes', async () => {
    expect(await endAgent('crash')).toEqual(['code 1', 'lost'])
  })
})
