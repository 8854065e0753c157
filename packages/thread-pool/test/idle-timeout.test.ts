import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { liveThreads } from '../../../test/live-threads.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import { workPool } from './fixtures/pools.ts'

describe('idleTimeoutMs', () => {
  it('ends a thread that has had no call for so long, no millisecond before', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, idleTimeoutMs: 1000, clock })
    await pool.run('add', [1, 2])

    await clock.advance(999)
    expect(pool.stats().threads).toBe(1)
    await clock.advance(1)

    expect(pool.stats().threads).toBe(0)
    await until(() => liveThreads() === 0)
    expect(pool.stats()).toMatchObject({ crashed: 0, lost: 0 })
  })

  it('counts from the last call', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, idleTimeoutMs: 1000, clock })
    await pool.run('add', [1, 2])

    await clock.advance(600)
    await pool.run('add', [1, 2])
    await clock.advance(600)
    expect(pool.stats().threads).toBe(1)
    await clock.advance(400)

    expect(pool.stats().threads).toBe(0)
  })

  it('does not end a thread that is busy for longer', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, idleTimeoutMs: 1000, clock })
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    await until(() => gate.entered === 1)

    await clock.advance(5000)
    expect(pool.stats().threads).toBe(1)
    gate.open()
    await held
    await clock.advance(1000)

    expect(pool.stats().threads).toBe(0)
  })

  it('leaves minThreads threads', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ minThreads: 1, maxThreads: 3, idleTimeoutMs: 1000, clock })
    const gate = new ThreadGate()
    await pool.resize({ minThreads: 3 })
    const held = [1, 2, 3].map(async () => await pool.run('hold', [gate.buffer]))
    await until(() => gate.entered === 3)
    await pool.resize({ minThreads: 1 })
    gate.open()
    await Promise.all(held)

    await clock.advance(10_000)

    expect(pool.stats()).toMatchObject({ threads: 1, idle: 1, started: 3 })
    expect(clock.pending).toBe(0)
  })

  it('counts also after minThreads was lowered', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ minThreads: 2, maxThreads: 2, idleTimeoutMs: 1000, clock })
    await until(() => pool.stats().idle === 2)

    await pool.resize({ minThreads: 0 })
    await clock.advance(1000)

    expect(pool.stats().threads).toBe(0)
  })

  it('of 0 ends a thread as soon as it has nothing to do, and lets it do its calls', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, idleTimeoutMs: 0, clock })

    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
    await clock.advance(0)

    expect(pool.stats().threads).toBe(0)
  })

  it('of 0 sets no timer while all threads are busy', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, idleTimeoutMs: 0, clock })
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    await until(() => gate.entered === 1)

    await clock.advance(10)

    expect(clock.pending).toBe(0)
    gate.open()
    await held
  })

  it('of Infinity keeps threads for ever', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, idleTimeoutMs: Infinity, clock })
    await pool.run('add', [1, 2])

    await clock.advance(1e12)

    expect(pool.stats().threads).toBe(1)
  })
})

describe('ThreadPool.resize({ idleTimeoutMs })', () => {
  it('counts from the last call, at once', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, idleTimeoutMs: 100_000, clock })
    await pool.run('add', [1, 2])
    await clock.advance(600)

    await pool.resize({ idleTimeoutMs: 1000 })
    await clock.advance(399)
    expect(pool.stats().threads).toBe(1)
    await clock.advance(1)

    expect(pool.stats().threads).toBe(0)
  })

  it('can be longer than it was', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, idleTimeoutMs: 1000, clock })
    await pool.run('add', [1, 2])

    await pool.resize({ idleTimeoutMs: Infinity })
    await clock.advance(1e9)

    expect(pool.stats().threads).toBe(1)
  })

  it.each([-1, Number.NaN])('rejects %d with a RangeError', async (idleTimeoutMs) => {
    await expect(workPool().resize({ idleTimeoutMs })).rejects.toBeInstanceOf(RangeError)
  })
})
