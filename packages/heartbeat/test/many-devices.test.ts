import { VirtualClock } from '@cupola/core/testing'
import { HeartbeatMonitor, phiAccrual, type Session } from '@cupola/heartbeat'
import { describe, expect, it } from 'vitest'
import { printedSeed, randomFrom } from '../../../test/random.ts'
import { StepClock } from '../../../test/step-clock.ts'
import { loseAll } from './fixtures/storm.ts'

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

  it('forgets the oldest of them first, counted from when each was forgotten last', () => {
    const monitor = new HeartbeatMonitor({ lostAfterMs: 1000, clock: new VirtualClock() })
    const beatOf = (index: number, sequence = 1) => ({ key: `${index}`, epoch: 1, sequence })
    const comeAndGo = (index: number, sequence?: number): void => {
      expect(monitor.receive(beatOf(index, sequence))).toBe('registered')
      monitor.forget(`${index}`)
    }
    for (let index = 0; index < 10_000; index++) comeAndGo(index)

    for (let index = 0; index < 10_000; index += 2) comeAndGo(index, 2)
    for (let index = 0; index < 5000; index++) comeAndGo(10_000 + index)

    expect(monitor.receive(beatOf(0, 2))).toBe('replayed')
    expect(monitor.receive(beatOf(9998, 2))).toBe('replayed')
    for (const index of [1, 5001, 9999]) expect(monitor.receive(beatOf(index))).toBe('registered')
  })

  it('lets no beat of an old session pass, in whatever order beats come', () => {
    const random = randomFrom(printedSeed('sessions'))
    const pick = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1))
    const clock = new StepClock()
    const monitor = new HeartbeatMonitor({
      lostAfterMs: 50,
      keepLost: true,
      massLoss: false,
      clock,
    })
    const last = new Map<string, { epoch: number; sequence: number }>()

    for (let step = 0; step < 30_000; step++) {
      const beat = { key: `device ${pick(1, 4)}`, epoch: pick(1, 300), sequence: pick(1, 8) }
      const known = last.get(beat.key)
      // Most beats are of about the session that there is.
      if (known !== undefined && random() < 0.9) beat.epoch = Math.max(1, known.epoch + pick(-2, 1))
      if (known !== undefined && random() < 0.6) beat.sequence = known.sequence + pick(-1, 2)
      const { state } = monitor.device(beat.key) ?? {}

      const outcome = monitor.receive(beat)

      const isFormer = known !== undefined && beat.epoch < known.epoch
      const isSame = known !== undefined && beat.epoch === known.epoch
      if (beat.sequence < 1) expect(outcome).toBe('malformed')
      else if (isFormer) expect(outcome).toBe('stale')
      else if (isSame && beat.sequence <= known.sequence) expect(outcome).toBe('replayed')
      else if (isSame && state === 'lost') expect(outcome).toBe('recovered')
      else if (isSame && state !== undefined) expect(outcome).toBe('ok')
      else expect(outcome).toBe('registered')
      if (['ok', 'recovered', 'registered'].includes(outcome)) last.set(beat.key, beat)
      else expect(monitor.device(beat.key)?.state).toBe(state)
      if (random() < 0.1) monitor.forget(beat.key)
      clock.advance(pick(0, 30))
    }

    expect(monitor.stats().losses).toBeGreaterThan(100)
  })

  it('is not swept away when all are lost at once: it holds, tells each once, and keeps some', () => {
    expect(loseAll(50_000, 1000)).toEqual({
      held: 1,
      released: 1,
      lostWhileHeld: 0,
      lost: 50_000,
      forgotten: 49_000,
      kept: 1000,
      first: 'device 49000',
      timers: 0,
    })
  })

  it('keeps verdicts in order for a slow reader, however many there are', async () => {
    const clock = new StepClock()
    const monitor = new HeartbeatMonitor({ lostAfterMs: 1000, massLoss: false, clock })
    const verdicts = monitor.verdicts({ capacity: Infinity })
    for (let index = 0; index < 50_000; index++) monitor.activate(`${index}`)
    clock.advance(600)
    let count = 0
    for await (const { device } of verdicts) {
      if (device.key !== `${count++}`) throw new Error(`${device.key} comes after ${count - 2}`)
      if (count === 30_000) monitor.activate('another')
      if (count === 50_000) break
    }

    expect(count).toBe(50_000)
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
