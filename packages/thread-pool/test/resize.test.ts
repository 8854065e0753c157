import { BrokenError, ClosedError } from '@cupola/core'
import { describe, expect, it } from 'vitest'
import { liveThreads } from '../../../test/live-threads.ts'
import { errorOf } from '../../../test/reason-of.ts'
import { stateOf } from '../../../test/state-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import { Log } from './fixtures/log.ts'
import { textPool, workPool } from './fixtures/pools.ts'

describe('ThreadPool.resize()', () => {
  it('resolves when minThreads threads are ready', async () => {
    const pool = workPool({ maxThreads: 1 })

    await pool.resize({ minThreads: 2, maxThreads: 2 })

    expect(pool.size).toEqual({ minThreads: 2, maxThreads: 2 })
    expect(pool.stats()).toMatchObject({ threads: 2, idle: 2, starting: 0 })
  })

  it('keeps the limits that are left out', async () => {
    const pool = workPool({ minThreads: 1, maxThreads: 3 })

    await pool.resize({ maxThreads: 2 })
    expect(pool.size).toEqual({ minThreads: 1, maxThreads: 2 })
    await pool.resize({ minThreads: 0 })

    expect(pool.size).toEqual({ minThreads: 0, maxThreads: 2 })
  })

  it('lets waiting calls have the new threads at once', async () => {
    const pool = workPool({ maxThreads: 1 })
    const gate = new ThreadGate()
    const held = [1, 2, 3].map(async () => await pool.run('hold', [gate.buffer]))
    await until(() => gate.entered === 1)

    await pool.resize({ maxThreads: 3, minThreads: 3 })

    await until(() => gate.entered === 3)
    expect(pool.stats()).toMatchObject({ working: 3, queued: 0 })
    gate.open()
    await Promise.all(held)
  })

  it('ends idle threads at once', async () => {
    const pool = workPool({ minThreads: 3, maxThreads: 3 })
    await until(() => pool.stats().idle === 3)

    await pool.resize({ minThreads: 1, maxThreads: 1 })

    expect(pool.stats()).toMatchObject({ threads: 1, idle: 1, crashed: 0 })
    await until(() => liveThreads() === 1)
  })

  it('ends a busy thread after its running call, whatever waits in the queue', async () => {
    const pool = workPool({ maxThreads: 2 })
    const gates = [new ThreadGate(), new ThreadGate()]
    const log = new Log()
    const [first, second] = gates.map(async (gate) => await pool.run('hold', [gate.buffer]))
    await until(() => gates.every((gate) => gate.entered === 1))
    const queued = Array.from(
      { length: 300 },
      async (_, index) => await pool.run('note', [log.buffer, index]),
    )

    const resized = pool.resize({ maxThreads: 1 })
    expect(pool.stats().queued).toBe(300)
    for (const gate of gates) gate.open()
    await Promise.all([first, second, resized])

    expect(pool.stats().threads).toBe(1)
    await Promise.all(queued)
    expect(pool.stats()).toMatchObject({ completed: 302, started: 2, crashed: 0 })
  })

  it('gives the calls behind a running one to another thread', async () => {
    const pool = workPool({ maxThreads: 2 })
    const gates = [new ThreadGate(), new ThreadGate()]
    const held = gates.map(async (gate) => await pool.run('hold', [gate.buffer]))
    await until(() => gates.every((gate) => gate.entered === 1))
    const behind = [1, 2, 3, 4].map(async (value) => await pool.run('echo', [value]))

    const resized = pool.resize({ maxThreads: 1 })
    await until(() => pool.stats().queued === 4)
    // One of the two is on the thread that stays, which has the four behind it.
    for (const gate of gates) gate.open()

    await expect(Promise.all(behind)).resolves.toEqual([1, 2, 3, 4])
    await Promise.all([resized, ...held])
    expect(pool.stats()).toMatchObject({ started: 2, threads: 1 })
  })

  it('keeps a thread that was to leave when there is room again', async () => {
    const pool = workPool({ maxThreads: 2 })
    const gate = new ThreadGate()
    const held = [1, 2].map(async () => await pool.run('hold', [gate.buffer]))
    await until(() => gate.entered === 2)

    const down = pool.resize({ maxThreads: 1 })
    const up = pool.resize({ minThreads: 2, maxThreads: 2 })
    await Promise.all([down, up])

    expect(pool.stats()).toMatchObject({ started: 2, threads: 2, working: 2 })
    gate.open()
    await Promise.all(held)
    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
    expect(pool.stats()).toMatchObject({ started: 2 })
  })

  it('waits for the running call when there are too many threads', async () => {
    const pool = workPool({ maxThreads: 2 })
    const gate = new ThreadGate()
    const held = [1, 2].map(async () => await pool.run('hold', [gate.buffer]))
    await until(() => gate.entered === 2)

    const resized = pool.resize({ maxThreads: 1 })

    await expect(stateOf(resized)).resolves.toBe('pending')
    gate.open()
    await Promise.all([resized, ...held])
    expect(pool.stats().threads).toBe(1)
  })

  it.each([
    { maxThreads: 0 },
    { minThreads: 5 },
    { minThreads: -1 },
    { maxThreads: Number.NaN },
    { maxThreads: 1.5 },
  ])('rejects %o with a RangeError and changes nothing', async (size) => {
    const pool = workPool({ minThreads: 0, maxThreads: 4 })

    await expect(pool.resize(size)).rejects.toBeInstanceOf(RangeError)

    expect(pool.size).toEqual({ minThreads: 0, maxThreads: 4 })
  })

  it('rejects what is no number with a TypeError', async () => {
    const pool = workPool()

    await expect(pool.resize({ maxThreads: '2' as never })).rejects.toBeInstanceOf(TypeError)
    await expect(pool.resize(null as never)).rejects.toBeInstanceOf(TypeError)
  })

  it('rejects with a BrokenError when threads cannot be started', async () => {
    const pool = textPool('throw new Error("no")')

    await expect(pool.resize({ minThreads: 1, maxThreads: 1 })).rejects.toBeInstanceOf(BrokenError)
  })

  it('rejects with a ClosedError after close()', async () => {
    const pool = workPool()
    await pool.close()

    await expect(pool.resize({ minThreads: 1 })).rejects.toBeInstanceOf(ClosedError)
  })

  it('rejects with a ClosedError when the pool ends before the size is reached', async () => {
    const pool = textPool('await new Promise(() => setInterval(() => {}, 1000))')

    const resized = errorOf(pool.resize({ minThreads: 1, maxThreads: 1 }))
    await pool.terminate()

    await expect(resized).resolves.toBeInstanceOf(ClosedError)
  })

  it('may be called while the pool is closing, and is refused', async () => {
    const pool = workPool({ maxThreads: 1 })
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    await until(() => gate.entered === 1)

    const closed = pool.close()
    await expect(pool.resize({ maxThreads: 2 })).rejects.toBeInstanceOf(ClosedError)
    gate.open()

    await Promise.all([held, closed])
  })
})
