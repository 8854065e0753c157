import { VirtualClock } from '@cupola/core/testing'
import {
  HeartbeatMonitor,
  type HeartbeatMonitorOptions,
  type MonitorSnapshot,
} from '@cupola/heartbeat'
import { describe, expect, it } from 'vitest'

const DAY_MS = 86_400_000

function monitorOf(options: Partial<HeartbeatMonitorOptions> = {}) {
  const clock = new VirtualClock({ wall: 1_700_000_000_000 })
  const monitor = new HeartbeatMonitor<string>({ lostAfterMs: 1000, clock, ...options })
  return { clock, monitor, told: toldBy(monitor) }
}

function toldBy(monitor: HeartbeatMonitor<string>): string[] {
  const told: string[] = []
  for (const name of ['suspect', 'lost', 'busy', 'recovered', 'forgotten', 'activated'] as const) {
    monitor.on(name, ({ device }) => told.push(`${name} ${device.key}`))
  }
  for (const name of ['paused', 'held', 'released'] as const)
    monitor.on(name, () => told.push(name))
  return told
}

function keysOf(devices: Iterable<{ readonly key: string }>): string[] {
  return Array.from(devices, ({ key }) => key)
}

describe('HeartbeatMonitor', () => {
  it('tells suspicion at half the limit and loss at the limit', async () => {
    const { clock, monitor, told } = monitorOf()
    monitor.activate('a')

    await clock.advance(499)
    expect(told).toEqual(['activated a'])
    await clock.advance(1)
    expect(told).toEqual(['activated a', 'suspect a'])
    await clock.advance(499)
    expect(told).toHaveLength(2)
    await clock.advance(1)

    expect(told).toEqual(['activated a', 'suspect a', 'lost a'])
  })

  it('tells each loss once, to listeners and to those who ask', async () => {
    const { clock, monitor, told } = monitorOf({ keepLost: true })
    monitor.activate('a')

    await clock.advance(DAY_MS)

    expect(keysOf(monitor.takeLost())).toEqual(['a'])
    expect(monitor.takeLost()).toEqual([])
    expect(told.filter((one) => one === 'lost a')).toHaveLength(1)
  })

  it('does not mind that a listener throws', async () => {
    const { clock, monitor } = monitorOf()
    const caught: unknown[] = []
    const rethrow = (error: unknown): void => void caught.push(error)
    process.setUncaughtExceptionCaptureCallback(rethrow)
    monitor.on('lost', () => {
      throw new Error('listener')
    })
    monitor.activate('a')
    monitor.activate('b')

    await clock.advance(1000)
    process.setUncaughtExceptionCaptureCallback(null)

    expect(keysOf(monitor.lost())).toEqual(['a', 'b'])
    expect(caught).toHaveLength(2)
  })

  it('does not mind that a listener changes what is being judged', async () => {
    const { clock, monitor } = monitorOf()
    for (const key of ['a', 'b', 'c', 'd']) monitor.activate(key)
    monitor.on('suspect', ({ device }) => {
      if (device.key === 'a') monitor.forget('b')
      if (device.key === 'c') monitor.refresh('c')
    })
    monitor.on('lost', ({ device }) => {
      if (device.key === 'a') monitor.forget('a')
      monitor.activate(`after ${device.key}`)
      monitor.takeLost()
    })

    await clock.advance(1000)

    expect(keysOf(monitor.devices())).toEqual(['c', 'after a', 'after d'])
  })

  it('has no timer while there is nobody to watch', async () => {
    const { clock, monitor } = monitorOf()
    expect(clock.pending).toBe(0)
    monitor.activate('a')
    expect(clock.pending).toBe(1)

    await clock.advance(1000)

    expect(clock.pending).toBe(0)
  })

  it('tells nothing when the wall clock is set', async () => {
    const { clock, monitor, told } = monitorOf()
    monitor.activate('a')
    told.length = 0

    for (const jumpMs of [DAY_MS, -2 * DAY_MS, DAY_MS]) {
      clock.setWall(clock.wall() + jumpMs)
      await clock.advance(100)
    }

    expect(told).toEqual([])
  })

  it('describes a device as it is now', async () => {
    const { clock, monitor } = monitorOf()
    monitor.activate('a', 'in room 12')

    await clock.advance(250)

    expect(monitor.device('a')).toEqual({
      key: 'a',
      meta: 'in room 12',
      epoch: 1,
      state: 'alive',
      silentMs: 250,
      suspicion: 0.25,
      lostAfterMs: 1000,
      blockedMs: 0,
    })
    expect(monitor.device('b')).toBeUndefined()
  })

  it('counts what there is', async () => {
    const { clock, monitor } = monitorOf()
    monitor.activate('a')
    await clock.advance(500)
    monitor.activate('b')
    expect(monitor.stats()).toMatchObject({ devices: 2, alive: 1, suspect: 1, lost: 0, losses: 0 })

    await clock.advance(500)

    expect(monitor.stats()).toMatchObject({ devices: 2, alive: 0, suspect: 1, lost: 1, losses: 1 })
  })

  it('refuses everything but questions once it is closed', async () => {
    const { clock, monitor } = monitorOf()
    const session = monitor.activate('a')

    await monitor.close()

    const closed = expect.objectContaining({ code: 'ERR_CLOSED' })
    expect(() => monitor.activate('b')).toThrow(closed)
    expect(() => session.refresh()).toThrow(closed)
    expect(() => monitor.receive({ key: 'b', epoch: 1, sequence: 1 })).toThrow(closed)
    expect(() => monitor.verdicts()).toThrow(closed)
    expect(clock.pending).toBe(0)
    expect(monitor.isRegistered('a')).toBe(true)
    expect(monitor.takeLost()).toEqual([])
  })

  it.each([0, -1, Number.NaN, Infinity])('refuses a limit of %d', (lostAfterMs) => {
    expect(() => new HeartbeatMonitor({ lostAfterMs })).toThrow(RangeError)
  })
})

describe('HeartbeatMonitor.refresh()', () => {
  it('keeps a device alive for another limit', async () => {
    const { clock, monitor } = monitorOf()
    const session = monitor.activate('a')
    await clock.advance(900)

    expect(session.refresh()).toBe('ok')

    await clock.advance(999)
    expect(monitor.takeLost()).toEqual([])
    await clock.advance(1)
    expect(keysOf(monitor.takeLost())).toEqual(['a'])
  })

  it('says that nobody has the key', () => {
    const { monitor } = monitorOf()

    expect(monitor.refresh('a')).toBe('unknown')
    expect(monitor.isRegistered('a')).toBe(false)
  })

  it('does not let a session of before revive the one that followed it', async () => {
    const { clock, monitor } = monitorOf({ keepLost: true })
    const before = monitor.activate('a')
    const now = monitor.activate('a')
    await clock.advance(900)

    expect(before.refresh()).toBe('stale')
    await clock.advance(100)

    expect(keysOf(monitor.takeLost())).toEqual(['a'])
    expect(before.refresh()).toBe('stale')
    expect(monitor.device('a')?.state).toBe('lost')
    expect(now.refresh()).toBe('recovered')
  })

  it('does not let a session of a forgotten device pass for a new one', () => {
    const { monitor } = monitorOf()
    const before = monitor.activate('a')
    monitor.forget('a')
    expect(before.refresh()).toBe('unknown')

    const after = monitor.activate('a')

    expect(before.refresh()).toBe('stale')
    expect(monitor.refresh({ ...after })).toBe('ok')
  })

  it('does not mistake a session of another monitor, or of a device that had its place, for one of its own', () => {
    const { monitor } = monitorOf()
    const { monitor: other } = monitorOf()
    const before = monitor.activate('a')
    const foreign = other.activate('b')
    monitor.forget('a')
    monitor.activate('c')

    expect(monitor.refresh(before)).toBe('unknown')
    expect(monitor.refresh(foreign)).toBe('unknown')
    monitor.receive({ key: 'b', epoch: 1, sequence: 1 })
    expect(monitor.refresh(foreign)).toBe('ok')
  })

  it('recovers a device that was lost, and withdraws the loss that nobody took', async () => {
    const { clock, monitor, told } = monitorOf()
    monitor.activate('a')
    await clock.advance(1000)

    expect(monitor.refresh('a')).toBe('recovered')

    expect(monitor.takeLost()).toEqual([])
    expect(told.at(-1)).toBe('recovered a')
    await clock.advance(1000)
    expect(keysOf(monitor.takeLost())).toEqual(['a'])
  })

  it('remembers what the last beat said', () => {
    const { monitor } = monitorOf()
    const session = monitor.activate('a', 'first')

    session.refresh('second')
    session.refresh()

    expect(monitor.device('a')?.meta).toBe('second')
  })
})

describe('HeartbeatMonitor.receive()', () => {
  const beat = { key: 'a', epoch: 5, sequence: 1 }

  it('registers a device and takes its beats', () => {
    const { monitor } = monitorOf()

    expect(monitor.receive(beat)).toBe('registered')
    expect(monitor.receive({ ...beat, sequence: 2, meta: 'hot' })).toBe('ok')

    expect(monitor.device('a')).toMatchObject({ epoch: 5, meta: 'hot' })
  })

  it('registers nobody if it must not', () => {
    const { monitor } = monitorOf()

    expect(monitor.receive(beat, false)).toBe('unknown')
  })

  it('registers no more than there is room for', () => {
    const { monitor } = monitorOf({ maxDevices: 1 })
    monitor.activate('b')

    expect(monitor.receive(beat)).toBe('full')
  })

  it('refuses numbers that have been, also of devices it has forgotten', () => {
    const { monitor } = monitorOf()
    monitor.receive({ ...beat, sequence: 7 })

    expect(monitor.receive({ ...beat, sequence: 7 })).toBe('replayed')
    expect(monitor.receive({ ...beat, sequence: 6 })).toBe('replayed')
    monitor.forget('a')

    expect(monitor.receive({ ...beat, sequence: 7 })).toBe('replayed')
    expect(monitor.receive({ ...beat, epoch: 4, sequence: 9 })).toBe('stale')
    expect(monitor.receive({ ...beat, sequence: 8 })).toBe('registered')
  })

  it('lets a later session follow, and refuses the one before', () => {
    const { monitor } = monitorOf()
    monitor.receive(beat)

    expect(monitor.receive({ ...beat, epoch: 6 })).toBe('registered')
    expect(monitor.receive({ ...beat, sequence: 2 })).toBe('stale')
  })

  it('tells a device that beats but does not turn from one that is dead', async () => {
    const { clock, monitor, told } = monitorOf()
    monitor.receive(beat)
    told.length = 0
    for (let sequence = 2; sequence < 62; sequence++) {
      await clock.advance(300)
      monitor.receive({ ...beat, sequence, blockedMs: sequence * 300 })
    }

    expect(monitor.device('a')).toMatchObject({ state: 'busy', blockedMs: 18_300 })
    expect(told).toEqual(['busy a'])
    monitor.receive({ ...beat, sequence: 62, blockedMs: 0 })

    expect(told).toEqual(['busy a', 'recovered a'])
    expect(monitor.stats()).toMatchObject({ alive: 1, busy: 0 })
  })
})

describe('HeartbeatMonitor.takeLost()', () => {
  it('forgets what it hands out, unless it is to be kept', async () => {
    const { clock, monitor, told } = monitorOf()
    monitor.activate('a')
    await clock.advance(1000)
    expect(monitor.isRegistered('a', { includeLost: true })).toBe(true)

    monitor.takeLost()

    expect(monitor.isRegistered('a', { includeLost: true })).toBe(false)
    expect(told.at(-1)).toBe('forgotten a')
  })

  it('keeps the lost apart from those that are registered', async () => {
    const { clock, monitor } = monitorOf({ keepLost: true })
    monitor.activate('a')
    await clock.advance(1000)

    monitor.takeLost()

    expect(keysOf(monitor.lost())).toEqual(['a'])
    expect(monitor.isRegistered('a')).toBe(false)
    expect(monitor.isRegistered('a', { includeLost: true })).toBe(true)
  })

  it('forgets the first that was lost when too many are', async () => {
    const { clock, monitor } = monitorOf({ maxLost: 2 })
    for (const key of ['a', 'b', 'c']) {
      monitor.activate(key)
      await clock.advance(100)
    }

    await clock.advance(1000)

    expect(keysOf(monitor.takeLost())).toEqual(['b', 'c'])
  })
})

describe('HeartbeatMonitor.setLostAfter()', () => {
  it('changes the limit of all that have none of their own', async () => {
    const { clock, monitor } = monitorOf()
    monitor.activate('a')
    monitor.activate('b', undefined, { lostAfterMs: 800 })

    monitor.setLostAfter(2000)

    await clock.advance(1000)
    expect(keysOf(monitor.takeLost())).toEqual(['b'])
    await clock.advance(1000)
    expect(keysOf(monitor.takeLost())).toEqual(['a'])
  })

  it('may shorten the limit below the silence there is', async () => {
    const { clock, monitor } = monitorOf()
    monitor.activate('a')
    await clock.advance(450)

    monitor.setLostAfter(400)

    expect(keysOf(monitor.takeLost())).toEqual(['a'])
  })

  it('changes the limit of one, which its next beats keep', async () => {
    const { clock, monitor } = monitorOf()
    monitor.activate('a')
    monitor.activate('b')
    await clock.advance(100)

    expect(monitor.setLostAfter('a', 300)).toBe(true)
    expect(monitor.setLostAfter('c', 300)).toBe(false)

    await clock.advance(100)
    monitor.refresh('a')
    await clock.advance(299)
    expect(monitor.takeLost()).toEqual([])
    await clock.advance(1)
    expect(keysOf(monitor.takeLost())).toEqual(['a'])
  })

  it('counts the silence of one that is suspect on', async () => {
    const { clock, monitor, told } = monitorOf()
    monitor.activate('a')
    await clock.advance(600)

    monitor.setLostAfter('a', 2000)

    await clock.advance(1399)
    expect(monitor.takeLost()).toEqual([])
    await clock.advance(1)
    expect(keysOf(monitor.takeLost())).toEqual(['a'])
    expect(told.filter((one) => one === 'suspect a')).toHaveLength(1)
  })
})

describe('HeartbeatMonitor.snapshot()', () => {
  async function copyOf(snapshot: MonitorSnapshot<string>) {
    const other = monitorOf({ keepLost: true })
    await other.clock.advance(5)
    other.monitor.restore(JSON.parse(JSON.stringify(snapshot)))
    return other
  }

  it('can be restored, and gives everybody a whole limit', async () => {
    const { clock, monitor } = monitorOf()
    monitor.activate('a', 'meta')
    await clock.advance(900)

    const copy = await copyOf(monitor.snapshot())

    await copy.clock.advance(999)
    expect(copy.monitor.takeLost()).toEqual([])
    expect(copy.monitor.device('a')).toMatchObject({ meta: 'meta', epoch: 1 })
    await copy.clock.advance(101)
    expect(keysOf(copy.monitor.takeLost())).toEqual(['a'])
  })

  it('keeps who was lost, and who was taken', async () => {
    const { clock, monitor } = monitorOf({ keepLost: true })
    monitor.activate('a')
    await clock.advance(1000)
    monitor.takeLost()
    monitor.activate('b')
    await clock.advance(1000)

    const copy = await copyOf(monitor.snapshot())

    expect(keysOf(copy.monitor.lost())).toEqual(['a', 'b'])
    expect(keysOf(copy.monitor.takeLost())).toEqual(['b'])
    expect(copy.monitor.refresh('a')).toBe('recovered')
  })

  it('keeps sessions and numbers, so that none of before passes for a new one', async () => {
    const { monitor } = monitorOf()
    monitor.receive({ key: 'a', epoch: 5, sequence: 9, periodMs: 100 })
    const session = monitor.activate('b', undefined, { lostAfterMs: 50 })

    const { monitor: copy } = await copyOf(monitor.snapshot())

    expect(copy.receive({ key: 'a', epoch: 5, sequence: 9 })).toBe('replayed')
    expect(copy.device('b')?.lostAfterMs).toBe(50)
    expect(copy.activate('b').epoch).toBeGreaterThan(session.epoch)
    expect(copy.refresh(session)).toBe('stale')
  })

  it('may have sessions as high as there can be, and more may follow', async () => {
    const { monitor } = monitorOf()
    monitor.receive({ key: 'a', epoch: 2 ** 52, sequence: 1 })
    const last = monitor.activate('a')

    const { monitor: copy } = await copyOf(monitor.snapshot())
    const next = copy.activate('a')

    expect(next.epoch).toBe(last.epoch + 1)
    expect(copy.refresh(last)).toBe('stale')
    expect(copy.activate('a').epoch).toBe(next.epoch + 1)
  })

  it('does not bring back who was forgotten since', () => {
    const { monitor } = monitorOf()
    monitor.receive({ key: 'a', epoch: 3, sequence: 1 })
    const snapshot = monitor.snapshot()
    monitor.receive({ key: 'a', epoch: 4, sequence: 1 })
    monitor.forget('a')

    monitor.restore(snapshot)

    expect(monitor.isRegistered('a')).toBe(false)
    expect(monitor.receive({ key: 'a', epoch: 4, sequence: 1 })).toBe('replayed')
  })

  it('brings back no more lost devices than may be remembered', async () => {
    const { clock, monitor } = monitorOf({ massLoss: false })
    for (let index = 0; index < 5; index++) monitor.activate(`${index}`)
    await clock.advance(1000)
    const snapshot = monitor.snapshot()
    const { monitor: copy, clock: copyClock } = monitorOf({ maxLost: 2 })

    copy.restore(snapshot)

    expect(keysOf(copy.lost())).toEqual(['3', '4'])
    expect(copyClock.pending).toBe(0)
  })

  it('takes the first of two devices that have one key', () => {
    const { monitor } = monitorOf()
    const device = { key: 'a', epoch: 1, sequence: 1 }

    monitor.restore({
      version: 1,
      epoch: 1,
      devices: [
        { ...device, meta: 'one' },
        { ...device, meta: 'two' },
      ],
    })

    expect([...monitor.devices()]).toMatchObject([{ key: 'a', meta: 'one' }])
  })

  const GARBAGE = [null, true, 'x', '', -1, 0.5, NaN, Infinity, 2 ** 53 - 1, {}, [], [null], 1n]
  const FIELDS = {
    version: GARBAGE,
    epoch: GARBAGE,
    devices: [...GARBAGE.filter((value) => !Array.isArray(value)), [null], [[]], ['x'], [{}]],
    'devices.0.key': [...GARBAGE.filter((value) => value !== 'x'), undefined],
    'devices.0.epoch': [...GARBAGE, undefined],
    'devices.0.sequence': [...GARBAGE.filter((value) => value !== 2 ** 53 - 1), undefined],
    'devices.0.lostAfterMs': [...GARBAGE.filter((value) => !isAboveZero(value)), 0],
    'devices.0.periodMs': [...GARBAGE.filter((value) => !isAboveZero(value)), 0],
    'devices.0.lost': GARBAGE,
    'devices.0.lost.silentMs': [...GARBAGE.filter((value) => !isAboveZero(value)), undefined],
    'devices.0.lost.taken': [...GARBAGE.filter((value) => value !== true), undefined],
  }

  function isAboveZero(value: unknown): boolean {
    return typeof value === 'number' && value > 0 && value < Infinity
  }

  it.each(Object.entries(FIELDS))('is refused with garbage as its %s', (path, values) => {
    const names = path.split('.')
    const last = names.pop() ?? ''
    for (const value of values) {
      const { monitor, clock } = monitorOf()
      const lost = { silentMs: 5, taken: true }
      const device = { key: 'a', epoch: 1, sequence: 1, lostAfterMs: 1, periodMs: 1, lost }
      const snapshot: MonitorSnapshot<string> = {
        version: 1,
        epoch: 1,
        devices: [device, { ...device, key: 'b' }],
      }
      const holder = names.reduce<object>((whole, name) => Reflect.get(whole, name), snapshot)
      Reflect.set(holder, last, value)

      expect(() => monitor.restore(snapshot)).toThrow(/^Cannot use snapshot: /)
      expect(monitor.stats().devices).toBe(0)
      expect(clock.pending).toBe(0)
    }
  })

  it.each([
    [{ version: 2 }, 'its version is 2, expected 1'],
    [{ version: 'x' }, 'its version is string, expected 1'],
    [{ version: 1, epoch: -1 }, 'its epoch is -1'],
    [{ version: 1, epoch: 1, devices: {} }, 'it has no list of devices'],
    [
      { version: 1, epoch: 1, devices: [{ key: 'a', epoch: 1, sequence: 1 }, 5] },
      'number 1 of it is no device',
    ],
  ])('is refused with the reason: %j', (snapshot, problem) => {
    const { monitor } = monitorOf()

    expect(() => monitor.restore(snapshot as never)).toThrow(
      new TypeError(`Cannot use snapshot: ${problem}`),
    )
  })
})
