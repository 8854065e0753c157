import type { Clock, Timer } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { HeartbeatMonitor, type HeartbeatMonitorOptions, phiAccrual } from '@cupola/heartbeat'
import { describe, expect, it } from 'vitest'

/** A clock on which the monitor's process can be stopped: time goes on, and timers are late. */
class StoppableClock implements Clock {
  readonly #inner = new VirtualClock()
  #stoppedMs = 0

  now(): number {
    return this.#inner.now() + this.#stoppedMs
  }

  wall(): number {
    return this.#inner.wall() + this.#stoppedMs
  }

  setTimer(fn: () => void, delayMs: number): Timer {
    return this.#inner.setTimer(fn, delayMs)
  }

  advance(ms: number): Promise<void> {
    return this.#inner.advance(ms)
  }

  stop(ms: number): void {
    this.#stoppedMs += ms
  }
}

function monitorOf(options: Partial<HeartbeatMonitorOptions> = {}) {
  const clock = new StoppableClock()
  const monitor = new HeartbeatMonitor({ lostAfterMs: 1000, sweepMs: 10, clock, ...options })
  const told: string[] = []
  for (const name of ['suspect', 'lost', 'recovered'] as const) {
    monitor.on(name, ({ device }) => told.push(`${name} ${device.key}`))
  }
  monitor.on('paused', ({ forMs }) => told.push(`paused ${forMs}`))
  monitor.on('held', ({ suspects, forMs }) => told.push(`held ${suspects} for ${forMs}`))
  monitor.on('released', () => told.push('released'))
  return { clock, monitor, told }
}

describe('HeartbeatMonitor that stood still itself', () => {
  it('takes nobody for lost until a whole limit has passed', async () => {
    const { clock, monitor, told } = monitorOf()
    monitor.activate('a')
    await clock.advance(400)

    clock.stop(30_000)
    await clock.advance(1000)
    expect(told).toEqual(['paused 30000', 'suspect a'])
    await clock.advance(20)

    expect(told).toEqual(['paused 30000', 'suspect a', 'lost a'])
    expect(monitor.stats().pauses).toBe(1)
  })

  it('says so to one who asks before the timer has fired', async () => {
    const { clock, monitor, told } = monitorOf()
    monitor.activate('a')
    await clock.advance(400)

    clock.stop(30_000)

    expect(monitor.takeLost()).toEqual([])
    expect(told).toEqual(['paused 29990'])
  })

  it('judges as of when it meant to, if it is only a bit late', async () => {
    const { clock, monitor, told } = monitorOf()
    monitor.activate('a')
    await clock.advance(900)

    clock.stop(200)
    await clock.advance(9)
    expect(monitor.takeLost()).toEqual([])
    monitor.refresh('a')
    await clock.advance(900)

    expect(told).toEqual(['suspect a', 'recovered a', 'suspect a'])
  })

  it('does not learn the gap', async () => {
    const { clock, monitor } = monitorOf({ detector: phiAccrual() })
    const session = monitor.activate('a', undefined, { periodMs: 100 })
    const limitMs = monitor.device('a')?.lostAfterMs

    clock.stop(50_000)
    await clock.advance(10)
    session.refresh()

    expect(monitor.device('a')?.lostAfterMs).toBe(limitMs)
  })

  it('lets the user decide how late is too late', async () => {
    const { clock, monitor } = monitorOf({ pauseToleranceMs: Infinity })
    monitor.activate('a')
    await clock.advance(400)

    clock.stop(30_000)
    await clock.advance(20)

    expect(monitor.takeLost().map(({ key }) => key)).toEqual(['a'])
  })
})

describe('HeartbeatMonitor of many who fall silent together', () => {
  const HOLD_MS = 60_000

  async function afterSilenceOf(count: number, options: Partial<HeartbeatMonitorOptions> = {}) {
    const all = monitorOf(options)
    for (let index = 0; index < 20; index++) all.monitor.activate(`${index}`)
    await all.clock.advance(400)
    for (let index = count; index < 20; index++) all.monitor.refresh(`${index}`)
    await all.clock.advance(400)
    for (let index = count; index < 20; index++) all.monitor.refresh(`${index}`)
    all.told.length = 0
    await all.clock.advance(200)
    return all
  }

  it('holds its verdicts for a bounded time', async () => {
    const { clock, monitor, told } = await afterSilenceOf(20)
    expect(told).toEqual(['held 20 for 60000'])
    expect(monitor.stats()).toMatchObject({ verdicts: 'holding', suspect: 20, lost: 0 })

    await clock.advance(HOLD_MS - 1)
    expect(monitor.stats().lost).toBe(0)
    await clock.advance(1)

    expect(told[1]).toBe('released')
    expect(monitor.stats()).toMatchObject({ verdicts: 'telling', lost: 20 })
  })

  it('tells nothing of those that come back meanwhile', async () => {
    const { clock, monitor, told } = await afterSilenceOf(20)

    await clock.advance(5000)
    for (const { key } of monitor.devices()) monitor.refresh(key)
    await clock.advance(10)

    expect(told.filter((one) => one.startsWith('lost'))).toEqual([])
    expect(told.at(-1)).toBe('released')
    expect(monitor.stats()).toMatchObject({ verdicts: 'telling', alive: 20 })
  })

  it('tells at once of the few that are left silent when the others are back', async () => {
    const { clock, monitor, told } = await afterSilenceOf(20)

    for (let index = 1; index < 20; index++) monitor.refresh(`${index}`)
    await clock.advance(10)

    expect(told.slice(-2)).toEqual(['released', 'lost 0'])
    expect(monitor.stats()).toMatchObject({ alive: 19, lost: 1 })
  })

  it('does not hold for a few', async () => {
    const { monitor } = await afterSilenceOf(9)

    expect(monitor.stats()).toMatchObject({ verdicts: 'telling', lost: 9, alive: 11 })
  })

  it('holds from the share on that it is told', async () => {
    const massLoss = { share: 0.5, atLeast: 2, holdMs: 100 }

    expect((await afterSilenceOf(9, { massLoss })).monitor.stats().lost).toBe(9)
    expect((await afterSilenceOf(10, { massLoss })).monitor.stats().lost).toBe(0)
  })

  it('does not compare with what once was: the next silence is judged by those that are left', async () => {
    const { clock, monitor, told } = await afterSilenceOf(19)
    await clock.advance(HOLD_MS)
    monitor.refresh('19')
    told.length = 0

    await clock.advance(1000)

    expect(told).toEqual(['suspect 19', 'lost 19'])
  })

  it('holds each device for no longer than one hold', async () => {
    const { clock, monitor } = await afterSilenceOf(20)
    await clock.advance(HOLD_MS / 2)
    monitor.activate('late')

    await clock.advance(HOLD_MS / 2)

    expect(monitor.device('late')?.state).toBe('lost')
  })

  it('believes everything if it is told to', async () => {
    const { monitor } = await afterSilenceOf(20, { massLoss: false })

    expect(monitor.stats()).toMatchObject({ verdicts: 'telling', lost: 20 })
  })

  it.each([{ share: 0 }, { share: 1.1 }, { atLeast: 0 }, { holdMs: -1 }])(
    'refuses %j',
    (massLoss) => {
      expect(() => monitorOf({ massLoss })).toThrow(RangeError)
    },
  )
})
