import { VirtualClock } from '@cupola/core/testing'
import { ThreadPool, type ThreadPoolEvents } from '@cupola/thread-pool'
import { describe, expect, it } from 'vitest'
import { liveThreads } from '../../../test/live-threads.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import { textPool, workPool } from './fixtures/pools.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

describe('recycle.calls', () => {
  it('lets no thread do more calls, however many are made at once', async () => {
    const pool = workPool({ maxThreads: 2, recycle: { calls: 20 } })

    const threads = await Promise.all(upTo(200).map(async () => await pool.run('whichThread', [])))

    const counts = new Map<number, number>()
    for (const thread of threads) counts.set(thread, (counts.get(thread) ?? 0) + 1)
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(20)
    expect(counts.size).toBeGreaterThanOrEqual(10)
    expect(pool.stats()).toMatchObject({ completed: 200, failed: 0, crashed: 0 })
  })

  it('of 1 gives each call a thread of its own', async () => {
    const pool = workPool({ maxThreads: 2, recycle: { calls: 1 } })

    const counts = await Promise.all(upTo(6).map(async () => await pool.run('countCalls', [])))

    expect(counts).toEqual([1, 1, 1, 1, 1, 1])
    expect(pool.stats()).toMatchObject({ recycled: 6, started: 6, crashed: 0 })
  })

  it('tells of each thread that goes, before it has ended', async () => {
    const pool = workPool({ maxThreads: 1, recycle: { calls: 3 } })
    const told: string[] = []
    pool.on('recycle', ({ reason }) => told.push(reason))
    pool.on('threadExit', ({ error }) => told.push(`exit ${error}`))

    for (const value of upTo(3)) await pool.run('echo', [value])

    await until(() => told.length === 2)
    expect(told).toEqual(['calls', 'exit undefined'])
  })

  it('replaces one thread after the other, each when its successor is ready', async () => {
    const pool = workPool({ minThreads: 2, maxThreads: 2, recycle: { calls: 1000 } })
    await pool.warmUp()
    const ready: number[] = []
    pool.on('recycle', () => ready.push(pool.stats().threads - pool.stats().starting))

    while (pool.stats().started === 2) {
      await Promise.all(upTo(10).map(async (value) => await pool.run('echo', [value])))
    }
    await until(() => pool.stats().recycled >= 1)

    // The one that goes and two others.
    expect(ready.filter((count) => count === 3)).toEqual(ready)
    await until(() => pool.stats().starting === 0)
    expect(pool.stats().idle).toBeGreaterThanOrEqual(2)
  })

  it('counts the calls of a thread that lives on after an interruption', async () => {
    const pool = workPool({ maxThreads: 1, recycle: { calls: 2 } })
    const gate = new ThreadGate()
    const controller = new AbortController()
    const call = pool.run('hold', [gate.buffer], { signal: controller.signal }).catch(String)
    await until(() => gate.entered === 1)
    controller.abort('enough')
    await call

    await pool.run('echo', [1])
    await pool.run('echo', [2])

    expect(pool.stats()).toMatchObject({ started: 2, recycled: 1 })
  })
})

describe('recycle.ageMs', () => {
  it('replaces an old thread that the pool keeps, with no gap', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ minThreads: 1, maxThreads: 1, recycle: { ageMs: 1000 }, clock })
    await pool.warmUp()
    const before = await pool.run('whichThread', [])
    const ready: number[] = []
    pool.on('recycle', () => ready.push(pool.stats().idle))

    await clock.advance(799)
    expect(pool.stats()).toMatchObject({ started: 1, recycled: 0 })
    await clock.advance(201)
    await until(() => pool.stats().recycled === 1)

    expect(ready).toEqual([2])
    await expect(pool.run('whichThread', [])).resolves.not.toBe(before)
    expect(pool.stats()).toMatchObject({ started: 2, threads: 1 })
  })

  it('ends an old thread that need not be there, without a successor', async () => {
    const clock = new VirtualClock()
    const pool = workPool({
      maxThreads: 1,
      idleTimeoutMs: Infinity,
      recycle: { ageMs: 1000 },
      clock,
    })
    await pool.run('add', [1, 2])

    await clock.advance(1000)

    await until(() => liveThreads() === 0)
    expect(pool.stats()).toMatchObject({ started: 1, recycled: 1, threads: 0 })
  })

  it('lets a running call end first, and other calls need not wait for it', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, recycle: { ageMs: 1000 }, clock })
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    await until(() => gate.entered === 1)

    await clock.advance(1000)
    await until(() => pool.stats().recycled === 1)

    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
    gate.open()
    await expect(held).resolves.toBe('held')
    await until(() => pool.stats().threads === 1)
  })

  it('leaves no timer behind', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ minThreads: 1, maxThreads: 1, recycle: { ageMs: 1000 }, clock })
    await pool.warmUp()

    await pool.close()

    expect(clock.pending).toBe(0)
  })
})

describe('recycle.heapBytes', () => {
  const LEAKY = `
    const kept = []
    export function leak(megabytes) {
      for (let index = 0; index < megabytes; index++) kept.push(new Array(131_072).fill(index))
    }
    export const kept_ = () => kept.length`

  it('replaces a thread whose heap holds too much', async () => {
    const clock = new VirtualClock()
    const recycle = { heapBytes: 40_000_000 }
    const pool = textPool(LEAKY, { maxThreads: 1, recycle, clock })
    const reasons: ThreadPoolEvents['recycle']['reason'][] = []
    pool.on('recycle', ({ reason }) => reasons.push(reason))
    await pool.run('leak', [50])

    await clock.advance(1000)
    await pool.run('leak', [0])
    await until(() => reasons.length === 1)

    expect(reasons).toEqual(['heap'])
    await expect(pool.run('kept_', [])).resolves.toBe(0)
  })

  it('keeps one that holds less, and tells what it holds', async () => {
    const clock = new VirtualClock()
    const recycle = { heapBytes: 500_000_000 }
    const pool = textPool(LEAKY, { maxThreads: 1, recycle, clock })
    await pool.run('leak', [10])

    await clock.advance(1000)
    await pool.run('leak', [0])
    await until(() => pool.threadStats()[0]?.heapBytes !== undefined)

    expect(pool.threadStats()[0]?.heapBytes).toBeGreaterThan(10 * 131_072 * 4)
    await expect(pool.run('kept_', [])).resolves.toBe(10)
    expect(pool.stats()).toMatchObject({ recycled: 0 })
  })
})

describe('recycle', () => {
  it('goes on when a successor dies before it is ready', async () => {
    const starts = new Int32Array(new SharedArrayBuffer(4))
    const clock = new VirtualClock()
    const pool = textPool(
      `import { workerData } from 'node:worker_threads'
       if (Atomics.add(workerData, 0, 1) === 1) throw new Error('the second one fails')
       export const add = (a, b) => a + b`,
      {
        minThreads: 1,
        maxThreads: 1,
        recycle: { ageMs: 1000 },
        workerOptions: { workerData: starts },
        clock,
      },
    )
    await pool.warmUp()

    await clock.advance(1000)
    await until(() => pool.stats().crashed === 1)
    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
    await clock.advance(100)
    await until(() => pool.stats().recycled === 1)

    expect(pool.stats()).toMatchObject({ started: 3, threads: 1 })
  })

  it.each([
    { calls: 0 },
    { calls: 1.5 },
    { calls: Number.NaN },
    { ageMs: -1 },
    { ageMs: Number.NaN },
    { heapBytes: 0 },
  ])('of %o is refused with a RangeError', (recycle) => {
    expect(() => new ThreadPool('./work.js', { recycle })).toThrow(RangeError)
  })

  it('that is no object is refused with a TypeError', () => {
    expect(() => new ThreadPool('./work.js', { recycle: 10 as never })).toThrow(TypeError)
  })
})
