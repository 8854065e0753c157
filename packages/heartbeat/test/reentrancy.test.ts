import { VirtualClock } from '@cupola/core/testing'
import { HeartbeatMonitor, type HeartbeatMonitorOptions, missedBeats } from '@cupola/heartbeat'
import { describe, expect, it } from 'vitest'

function monitorOf(options: Partial<HeartbeatMonitorOptions> = {}) {
  const clock = new VirtualClock()
  const monitor = new HeartbeatMonitor<string>({
    lostAfterMs: 1000,
    massLoss: false,
    clock,
    ...options,
  })
  return { clock, monitor }
}

/** Counts agree with what there is, and every device is found under its own key. */
function expectSound(monitor: HeartbeatMonitor<string>): void {
  const devices = [...monitor.devices()]
  const counted = (state: string) => devices.filter((device) => device.state === state).length
  expect(monitor.stats()).toMatchObject({
    devices: devices.length,
    alive: counted('alive'),
    busy: counted('busy'),
    suspect: counted('suspect'),
    lost: counted('lost'),
  })
  for (const { key } of devices) expect(monitor.device(key)?.key).toBe(key)
}

describe('HeartbeatMonitor with listeners that call it', () => {
  it('hands out each lost device once when a listener forgets and activates others meanwhile', async () => {
    const { clock, monitor } = monitorOf()
    for (const key of ['a', 'b', 'c']) monitor.activate(key)
    await clock.advance(1100)
    const inside: string[] = []
    monitor.on('forgotten', ({ device }) => {
      if (device.key !== 'a') return
      inside.push(...monitor.takeLost().map(({ key }) => key))
      monitor.forget('b')
      monitor.activate('d')
      monitor.activate('e')
    })

    expect(monitor.takeLost().map(({ key }) => key)).toEqual(['a', 'b', 'c'])

    expect(inside).toEqual([])
    expectSound(monitor)
    expect([...monitor.devices()].map(({ key }) => key)).toEqual(['d', 'e'])
    monitor.activate('f')
    monitor.activate('g')
    expectSound(monitor)
    await clock.advance(1100)
    expect(monitor.takeLost().map(({ key }) => key)).toEqual(['d', 'e', 'f', 'g'])
  })

  it('keeps beats apart when a listener gives the row of a recovered device to another', async () => {
    const { clock, monitor } = monitorOf({ keepLost: true })
    monitor.receive({ key: 'a', epoch: 1, sequence: 1 })
    await clock.advance(1100)
    monitor.on('recovered', () => {
      monitor.forget('a')
      monitor.receive({ key: 'b', epoch: 1, sequence: 1 })
    })

    monitor.receive({ key: 'a', epoch: 1, sequence: 7, blockedMs: 900 })

    expect(monitor.device('b')).toMatchObject({ state: 'alive', blockedMs: 0 })
    expectSound(monitor)
    expect(monitor.receive({ key: 'b', epoch: 1, sequence: 2 })).toBe('ok')
    expect(monitor.receive({ key: 'a', epoch: 1, sequence: 7 })).toBe('replayed')
  })

  it('tells of a later session only what is of it when a listener forgets it at once', async () => {
    const { clock, monitor } = monitorOf({ keepLost: true })
    monitor.activate('a')
    await clock.advance(1100)
    const told: string[] = []
    monitor.on('activated', ({ device }) => told.push(device.key))
    monitor.on('recovered', () => {
      monitor.forget('a')
      monitor.activate('b')
    })

    const session = monitor.activate('a')

    expect(told).toEqual(['b'])
    expect(session.epoch).toBe(2)
    expect(session.refresh()).toBe('unknown')
    expectSound(monitor)
  })

  it('survives limits that change while it looks at devices that go', async () => {
    const { clock, monitor } = monitorOf()
    for (const key of ['a', 'b', 'c', 'd']) monitor.activate(key)
    monitor.setLostAfter('a', 1000)
    monitor.setLostAfter('b', 1000)
    monitor.on('suspect', ({ device }) => {
      monitor.forget(device.key)
      monitor.activate(`${device.key}+`, undefined, { lostAfterMs: 300 })
      monitor.forget(`${device.key}+`)
      monitor.setLostAfter(900)
      monitor.takeLost()
    })

    await clock.advance(600)
    for (const key of ['p', 'q', 'r', 's', 't', 'u']) {
      monitor.activate(key, undefined, { lostAfterMs: 5000 + key.charCodeAt(0) })
    }
    expectSound(monitor)

    await clock.advance(10_000)
    expect(monitor.takeLost()).toEqual([])
    expect(monitor.stats().devices).toBe(0)
  })

  it('spares those whose limit a listener raises while they are being judged', async () => {
    const { clock, monitor } = monitorOf()
    for (const key of ['a', 'b', 'c']) monitor.activate(key)
    monitor.on('lost', () => monitor.setLostAfter(5000))

    await clock.advance(1000)
    expect(monitor.lost().map(({ key }) => key)).toEqual(['a'])
    await clock.advance(4000)

    expect(monitor.lost().map(({ key }) => key)).toEqual(['a', 'b', 'c'])
    expectSound(monitor)
  })

  it('judges by the limit that a listener lowers while it looks, at its next look', async () => {
    const { clock, monitor } = monitorOf({ sweepMs: 100 })
    monitor.activate('a', undefined, { lostAfterMs: 400 })
    monitor.activate('b', undefined, { lostAfterMs: 5000 })
    monitor.on('lost', ({ device }) => {
      if (device.key === 'a') monitor.setLostAfter('b', 300)
    })

    await clock.advance(400)
    expect(monitor.device('b')?.state).toBe('alive')
    await clock.advance(100)

    expect(monitor.device('b')?.state).toBe('lost')
  })

  it('takes a device back that a listener gives up and activates again', async () => {
    const { clock, monitor } = monitorOf()
    for (const key of ['a', 'b']) monitor.activate(key)
    const told: string[] = []
    monitor.on('lost', ({ device: { key, epoch } }) => {
      told.push(`${key} ${epoch}`)
      monitor.forget(key)
      monitor.activate(key)
    })

    await clock.advance(2000)

    expect(told).toEqual(['a 1', 'b 2', 'a 3', 'b 4'])
    expect(monitor.takeLost()).toEqual([])
    expect(monitor.stats()).toMatchObject({ devices: 2, alive: 2, losses: 4 })
    expectSound(monitor)
  })

  it('is closed by a listener, and ends the sweep that is under way', async () => {
    const { clock, monitor } = monitorOf()
    for (const key of ['a', 'b']) monitor.activate(key)
    let told = 0
    monitor.on('lost', () => {
      told++
      void monitor.close()
    })

    await clock.advance(5000)

    expect(told).toBe(2)
    expect(clock.pending).toBe(0)
  })
})

describe('HeartbeatMonitor of devices without an end', () => {
  it('keeps apart those whose limit is endless', async () => {
    const { clock, monitor } = monitorOf({ detector: missedBeats(3) })
    for (const key of ['a', 'b']) monitor.activate(key, undefined, { periodMs: 1e308 })
    monitor.setLostAfter(900)
    await clock.advance(600)
    for (const key of ['c', 'd', 'e']) monitor.activate(key)
    expectSound(monitor)

    await clock.advance(5000)

    expect(monitor.takeLost().map(({ key }) => key)).toEqual(['c', 'd', 'e'])
    expect([...monitor.devices()].map(({ key }) => key)).toEqual(['a', 'b'])
    expectSound(monitor)
  })

  it('looks after the others when a judge of somebody else yields no number', async () => {
    const judge = { suspectAfterMs: NaN, lostAfterMs: NaN, suspicion: () => 0 }
    const { clock, monitor } = monitorOf({
      detector: {
        judge: ({ lostAfterMs }) =>
          lostAfterMs === 7 ? judge : { ...judge, suspectAfterMs: 500, lostAfterMs: 1000 },
      },
    })
    monitor.activate('a', undefined, { lostAfterMs: 7 })
    monitor.activate('b')

    await clock.advance(1100)

    expect(monitor.takeLost().map(({ key }) => key)).toEqual(['b'])
  })

  it('refuses to hold verdicts for ever', () => {
    expect(() => monitorOf({ massLoss: { holdMs: Infinity } })).toThrow(RangeError)
  })
})
