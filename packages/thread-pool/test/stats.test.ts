import { VirtualClock } from '@cupola/core/testing'
import type { ThreadPool } from '@cupola/thread-pool'
import { describe, expect, it } from 'vitest'
import { randomFrom } from '../../../test/random.ts'
import { reasonOf } from '../../../test/reason-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { eventLoopTurn, until } from '../../../test/until.ts'
import { DEADLY, MILD, runFault } from './fixtures/faults.ts'
import type * as Faulty from './fixtures/faulty.ts'
import { poolOf, textPool, workPool } from './fixtures/pools.ts'

/** What has to be so at any moment. */
function expectConsistency(pool: Pick<ThreadPool, 'stats' | 'threadStats' | 'size'>): void {
  const stats = pool.stats()
  const { threads, starting, working, idle, queued, accepted } = stats
  expect(threads).toBe(starting + working + idle)
  const open = accepted - stats.completed - stats.failed - stats.cancelled - stats.dropped
  // Some working threads are inside calls that were given up.
  expect(open).toBeGreaterThanOrEqual(queued)
  expect(open).toBeLessThanOrEqual(queued + working)
  expect(stats.mostThreads).toBeGreaterThanOrEqual(threads)
  const each = pool.threadStats()
  expect(each).toHaveLength(threads)
  expect(each.filter(({ calls }) => calls > 0)).toHaveLength(working)
  expect(each.filter(({ state }) => state === 'starting')).toHaveLength(starting)
}

describe('ThreadPool.stats()', () => {
  it.each([1, 2])('adds up at any moment, whatever happens (seed %d)', async (seed) => {
    const random = randomFrom(seed)
    const pool = poolOf<typeof Faulty>(new URL('./fixtures/faulty.ts', import.meta.url), {
      maxThreads: 3,
      recycle: { calls: 40 },
    })
    const kinds = [...MILD, ...MILD, ...MILD, ...DEADLY]
    const open = new Set<number>()

    for (let index = 0; index < 150; index++) {
      const kind = kinds[Math.floor(random() * kinds.length)] ?? MILD[0]
      open.add(index)
      void runFault(pool, kind, index, { reason: 'over' }).finally(() => open.delete(index))
      expectConsistency(pool)
      if (random() < 0.2) {
        await eventLoopTurn()
        expectConsistency(pool)
      }
    }
    while (open.size > 0) {
      await eventLoopTurn()
      expectConsistency(pool)
    }

    expect(pool.stats().queued).toBe(0)
  })

  it('counts a call that waits behind one that was given up and has not ended', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, clock })
    const gate = new ThreadGate()
    const controller = new AbortController()
    const held = reasonOf(pool.run('hold', [gate.buffer], { signal: controller.signal }))
    await until(() => gate.entered === 1)

    const behind = pool.run('add', [1, 2])
    controller.abort()
    await held

    expect(pool.stats()).toMatchObject({ working: 1, queued: 1, cancelled: 1 })
    gate.open()
    await behind
  })

  it('counts a call that rests before another attempt as one that waits', async () => {
    const clock = new VirtualClock()
    const pool = textPool(
      `let failures = 0
       export function fail() { if (failures++ === 0) throw new Error('once') }`,
      { maxThreads: 1, clock },
    )
    const call = pool.run('fail', [], { retries: { errors: 1, delayMs: 500 } })
    await until(() => pool.stats().retried === 1)

    expect(pool.stats()).toMatchObject({ queued: 1, working: 0, failed: 0 })
    await clock.advance(500)
    await call
  })

  it('remembers the most threads that there were', async () => {
    const pool = workPool({ maxThreads: 3 })
    await pool.warmUp(3)

    await pool.resize({ maxThreads: 1 })

    expect(pool.stats()).toMatchObject({ threads: 1, mostThreads: 3 })
  })
})

describe('durations of ThreadPool.stats()', () => {
  it('are not measured unless asked for', async () => {
    const pool = workPool({ maxThreads: 1 })
    await pool.run('add', [1, 2])

    expect(pool.stats().durations).toBeUndefined()
  })

  it('begin at nothing', () => {
    const pool = workPool({ histograms: true })
    const nothing = { count: 0, meanMs: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0, maxMs: 0 }

    expect(pool.stats().durations).toEqual({ wait: nothing, run: nothing })
  })

  it('tell apart how long calls run and how long they wait', async () => {
    const pool = textPool(
      `export const block = (ms) => {
         Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
       }
       export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))`,
      { maxThreads: 1, histograms: true },
    )
    await pool.warmUp()

    await Promise.all([pool.run('block', [30]), pool.run('pause', [31]), pool.run('block', [0])])

    const { run, wait } = pool.stats().durations ?? { run: undefined, wait: undefined }
    expect(run?.count).toBe(3)
    expect(run?.p50Ms).toBeGreaterThanOrEqual(29)
    // The last waited for both.
    expect(wait?.count).toBe(3)
    expect(wait?.maxMs).toBeGreaterThanOrEqual(59)
    expect(wait?.p50Ms).toBeGreaterThanOrEqual(29)
  })

  it('count calls that throw, and not those that never ran', async () => {
    const pool = textPool(`export const fail = () => { throw new Error('failed') }`, {
      maxThreads: 1,
      histograms: true,
    })
    await reasonOf(pool.run('fail', []))

    await reasonOf(pool.run('fail', [], { signal: AbortSignal.abort() }))
    await reasonOf(pool.run('none', []))

    expect(pool.stats().durations?.run.count).toBe(1)
  })
})

describe('ThreadPool.threadStats()', () => {
  it('tells what each thread is doing and has done', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ minThreads: 1, maxThreads: 2, clock, idleTimeoutMs: Infinity })
    await pool.warmUp(1)
    const threadId = await pool.run('whichThread', [])
    await clock.advance(1000)
    const gate = new ThreadGate()
    const held = [1, 2].map(async () => await pool.run('hold', [gate.buffer]))
    await until(() => gate.entered === 2)

    const stats = pool.threadStats()

    expect(stats).toMatchObject([
      { threadId, state: 'ready', calls: 1, callsDone: 1, ageMs: 1000, heapBytes: undefined },
      { state: 'ready', calls: 1, callsDone: 0, ageMs: 0 },
    ])
    expect(stats[0]?.utilization).toBeGreaterThanOrEqual(0)
    expect(stats[0]?.utilization).toBeLessThanOrEqual(1)
    expect(Object.isFrozen(stats) && Object.isFrozen(stats[0])).toBe(true)
    gate.open()
    await Promise.all(held)
  })

  it('tells which thread is on its last call', async () => {
    const pool = workPool({ minThreads: 2, maxThreads: 2 })
    const gate = new ThreadGate()
    const held = [1, 2].map(async () => await pool.run('hold', [gate.buffer]))
    await until(() => gate.entered === 2)

    const resized = pool.resize({ minThreads: 1, maxThreads: 1 })

    expect(
      pool
        .threadStats()
        .map(({ state }) => state)
        .sort(),
    ).toEqual(['leaving', 'ready'])
    gate.open()
    await Promise.all([resized, ...held])
  })
})
