import { VirtualClock } from '@cupola/core/testing'
import { HeartbeatMonitor, phiAccrual, type Session } from '@cupola/heartbeat'
import { describe, expect, it } from 'vitest'
import { printedSeed, randomFrom } from '../../../test/random.ts'
import { StepClock } from '../../../test/step-clock.ts'

const DEVICES = 5000

describe('HeartbeatMonitor of many devices', () => {
  it('loses exactly those that did not beat, in the order of their last beats', () => {
    const random = randomFrom(printedSeed('many devices'))
    const clock = new StepClock()
    const monitor = new HeartbeatMonitor({ lostAfterMs: 100_000, massLoss: false, clock })
    const beats = new Map<string, number>()
    const sessions = new Map<string, Session>()
    for (let step = 0; step < 20 * DEVICES; step++) {
      const key = `device ${Math.floor(random() * DEVICES)}`
      const choice = random()
      clock.advance(1)
      if (choice < 0.1 && monitor.forget(key)) beats.delete(key)
      else if (sessions.get(key)?.refresh() === 'ok') beats.set(key, clock.now())
      else sessions.set(key, monitor.activate(key))
      if (monitor.isRegistered(key)) beats.set(key, clock.now())
      else sessions.delete(key)
    }

    clock.advance(95_000)
    const horizon = clock.now() - 100_000
    const expected = [...beats].filter(([, beat]) => beat <= horizon)

    expect(monitor.stats().devices).toBe(beats.size)
    expect(monitor.takeLost().map(({ key }) => key)).toEqual(
      expected.sort(([, one], [, other]) => one - other).map(([key]) => key),
    )
    expect(expected.length).toBeGreaterThan(100)
  })

  it('remembers the last ten thousand sessions that it forgot', () => {
    const monitor = new HeartbeatMonitor({ lostAfterMs: 1000, clock: new VirtualClock() })
    const beatOf = (index: number) => ({ key: `${index}`, epoch: 1, sequence: 1 })
    for (let index = 0; index <= 10_000; index++) {
      monitor.receive(beatOf(index))
      monitor.forget(`${index}`)
    }

    expect(monitor.receive(beatOf(1))).toBe('replayed')
    expect(monitor.receive(beatOf(0))).toBe('registered')
  })

  it('learns of busy devices too', async () => {
    const clock = new VirtualClock()
    const monitor = new HeartbeatMonitor({
      lostAfterMs: 3000,
      detector: phiAccrual({ window: 4 }),
      clock,
    })
    for (let sequence = 1; sequence <= 6; sequence++) {
      monitor.receive({ key: 'a', epoch: 1, sequence, periodMs: 1000, blockedMs: 5000 })
      await clock.advance(500)
    }

    expect(monitor.device('a')).toMatchObject({ state: 'busy', blockedMs: 5000 })
    expect(monitor.device('a')?.lostAfterMs).toBeLessThan(1100)
  })

  it('keeps what it has learned of a device while that is lost, and drops what is forgotten', async () => {
    const clock = new VirtualClock()
    const monitor = new HeartbeatMonitor({ lostAfterMs: 3000, detector: phiAccrual(), clock })
    for (const key of ['a', 'b', 'c']) monitor.activate(key)
    await clock.advance(10_000)
    monitor.forget('a')
    monitor.setLostAfter('b', 500)
    expect(monitor.refresh('b')).toBe('recovered')
    expect(monitor.refresh('c')).toBe('recovered')

    await clock.advance(700)
    monitor.setLostAfter(1000)
    await clock.advance(10_000)

    expect(monitor.takeLost().map(({ key }) => key)).toEqual(['b', 'c'])
    expect(clock.pending).toBe(0)
  })
})
