import { BrokenError, ClosedError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../../../test/reason-of.ts'
import { stateOf } from '../../../test/state-of.ts'
import { until } from '../../../test/until.ts'
import { textPool, workPool } from './fixtures/pools.ts'

describe('ThreadPool.warmUp()', () => {
  it('starts maxThreads threads, all at once, and resolves when they are ready', async () => {
    const pool = workPool({ maxThreads: 3 })

    const warm = pool.warmUp()
    expect(pool.stats()).toMatchObject({ threads: 3, starting: 3 })
    await warm

    expect(pool.stats()).toMatchObject({ threads: 3, idle: 3, started: 3 })
  })

  it('counts the threads that there are', async () => {
    const pool = workPool({ maxThreads: 3 })
    await pool.run('add', [1, 2])

    await pool.warmUp(2)

    expect(pool.stats()).toMatchObject({ threads: 2, started: 2 })
  })

  it('resolves at once when there are enough', async () => {
    const pool = workPool({ maxThreads: 2 })
    await pool.warmUp(2)

    await expect(stateOf(pool.warmUp(1))).resolves.toBe('fulfilled')
    await expect(stateOf(workPool().warmUp(0))).resolves.toBe('fulfilled')
  })

  it('keeps the threads for idleTimeoutMs from when all are ready, even if that is 0', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 3, idleTimeoutMs: 0, clock })

    await pool.warmUp()
    expect(pool.stats().threads).toBe(3)
    await clock.advance(0)

    expect(pool.stats().threads).toBe(0)
  })

  it('replaces a thread that dies before all are ready', async () => {
    const starts = new Int32Array(new SharedArrayBuffer(4))
    const clock = new VirtualClock()
    const pool = textPool(
      `import { workerData } from 'node:worker_threads'
       if (Atomics.add(workerData, 0, 1) === 1) throw new Error('the second one fails')
       export const add = (a, b) => a + b`,
      { maxThreads: 2, workerOptions: { workerData: starts }, clock },
    )
    await pool.warmUp(1)

    const warm = pool.warmUp(2)
    await until(() => pool.stats().crashed === 1)
    await clock.advance(100)
    await warm

    expect(pool.stats()).toMatchObject({ idle: 2, started: 3 })
  })

  it('is content with fewer when maxThreads is lowered meanwhile', async () => {
    const pool = workPool({ maxThreads: 3 })
    const warm = pool.warmUp(3)

    await pool.resize({ maxThreads: 1 })
    await warm

    expect(pool.stats().threads).toBe(1)
  })

  it.each([-1, 4, 1.5, Number.NaN, Infinity])('rejects %d with a RangeError', async (threads) => {
    const pool = workPool({ maxThreads: 3 })

    await expect(pool.warmUp(threads)).rejects.toBeInstanceOf(RangeError)
  })

  it('rejects with a BrokenError when threads cannot be started', async () => {
    const pool = textPool('throw new Error("no")', { maxThreads: 2 })

    await expect(pool.warmUp()).rejects.toBeInstanceOf(BrokenError)
  })

  it('rejects with a ClosedError when the pool is closed, before or meanwhile', async () => {
    const pool = textPool('await new Promise(() => setInterval(() => {}, 1000))')

    const warm = errorOf(pool.warmUp(1))
    await pool.terminate()

    await expect(warm).resolves.toBeInstanceOf(ClosedError)
    await expect(pool.warmUp(1)).rejects.toBeInstanceOf(ClosedError)
  })
})
