import { BrokenError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import type { ThreadPoolEvents } from '@cupola/thread-pool'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../../../test/reason-of.ts'
import { stateOf } from '../../../test/state-of.ts'
import { until } from '../../../test/until.ts'
import { textPool } from './fixtures/pools.ts'

/** Loads, or does not, as the word says. */
const FICKLE = `
  import { workerData } from 'node:worker_threads'
  if (Atomics.load(workerData, 0) === 1) throw new Error('not now')
  export const add = (a, b) => a + b
  export const exit = () => process.exit(1)`

function fickle() {
  const refuses = new Int32Array(new SharedArrayBuffer(4))
  const clock = new VirtualClock()
  const pool = textPool(FICKLE, { maxThreads: 1, clock, workerOptions: { workerData: refuses } })
  return { pool, clock, refuse: (isSo: boolean) => Atomics.store(refuses, 0, isSo ? 1 : 0) }
}

describe('a pool whose module has loaded before', () => {
  it('tries again after a pause, and the calls wait for it', async () => {
    const { pool, clock, refuse } = fickle()
    await errorOf(pool.run('exit', []))
    refuse(true)
    const sum = pool.run('add', [1, 2])
    await until(() => pool.stats().crashed === 2)

    await expect(stateOf(sum)).resolves.toBe('pending')
    refuse(false)
    expect(clock.nextDueMs).toBe(100)
    await clock.advance(100)

    await expect(sum).resolves.toBe(3)
    expect(pool.stats()).toMatchObject({ started: 3, crashed: 2 })
  })

  it('waits for twice as long after the second failure, and gives up at the third', async () => {
    const { pool, clock, refuse } = fickle()
    await errorOf(pool.run('exit', []))
    refuse(true)
    const call = errorOf(pool.run('add', [1, 2]))

    await until(() => pool.stats().crashed === 2)
    await clock.advance(100)
    await until(() => pool.stats().crashed === 3)
    expect(clock.nextDueMs).toBe(200)
    await clock.advance(200)

    const error = await call
    expect(error).toBeInstanceOf(BrokenError)
    expect(error.message).toMatch(
      /^Cannot call "add": its threads end before they begin a call; of/,
    )
    expect(error.cause).toHaveProperty('message', 'not now')
    expect(pool.stats()).toMatchObject({ started: 4, crashed: 4, threads: 0 })
  })

  it('forgets earlier failures when a new thread has done a call', async () => {
    const { pool, clock, refuse } = fickle()
    await errorOf(pool.run('exit', []))

    for (let crashed = 2; crashed <= 8; crashed += 2) {
      refuse(true)
      const sum = pool.run('add', [1, 2])
      await until(() => pool.stats().crashed === crashed)
      refuse(false)
      await clock.advance(100)
      await expect(sum).resolves.toBe(3)
      await errorOf(pool.run('exit', []))
    }

    expect(pool.stats()).toMatchObject({ completed: 4, crashed: 9 })
  })

  it('takes many threads that fail at once for one failure', async () => {
    const refuses = new Int32Array(new SharedArrayBuffer(4))
    const clock = new VirtualClock()
    const pool = textPool(FICKLE, { maxThreads: 4, clock, workerOptions: { workerData: refuses } })
    await errorOf(pool.run('exit', []))
    Atomics.store(refuses, 0, 1)

    const sums = [1, 2, 3, 4].map(async (value) => await pool.run('add', [value, 0]))
    await until(() => pool.stats().crashed === 5)
    Atomics.store(refuses, 0, 0)
    await clock.advance(100)

    await expect(Promise.all(sums)).resolves.toEqual([1, 2, 3, 4])
  })

  it('leaves no timer behind when it is closed during a pause', async () => {
    const { pool, clock, refuse } = fickle()
    await errorOf(pool.run('exit', []))
    refuse(true)
    const call = errorOf(pool.run('add', [1, 2]))
    await until(() => pool.stats().crashed === 2)

    await pool.terminate()

    await expect(call).resolves.toHaveProperty('code', 'ERR_CLOSED')
    expect(clock.pending).toBe(0)
  })
})

describe('a broken pool', () => {
  const failures = () => {
    const { pool, ...rest } = fickle()
    const told: ThreadPoolEvents['broken'][] = []
    pool.on('broken', (event) => told.push(event))
    return { pool, told, ...rest }
  }

  it('tells its listeners once, with the reason', async () => {
    const { pool, told, refuse } = failures()
    refuse(true)

    await errorOf(pool.run('add', [1, 2]))
    await errorOf(pool.run('add', [1, 2]))

    expect(told).toHaveLength(1)
    expect(told[0]?.error).toBeInstanceOf(BrokenError)
    expect(told[0]?.error.message).toMatch(/^Cannot start threads: its worker module .* not load$/)
    expect(told[0]?.error.cause).toHaveProperty('message', 'not now')
  })

  it('tries again when it is resized', async () => {
    const { pool, refuse } = failures()
    refuse(true)
    await errorOf(pool.run('add', [1, 2]))

    refuse(false)
    await pool.resize({})

    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
    expect(pool.stats()).toMatchObject({ started: 2 })
  })

  it('is broken again when that fails', async () => {
    const { pool, told, refuse } = failures()
    refuse(true)
    await errorOf(pool.run('add', [1, 2]))

    await expect(pool.resize({ minThreads: 1 })).rejects.toBeInstanceOf(BrokenError)

    await expect(pool.run('add', [1, 2])).rejects.toBeInstanceOf(BrokenError)
    expect(told).toHaveLength(2)
  })

  it('can be closed', async () => {
    const { pool, refuse } = failures()
    refuse(true)
    await errorOf(pool.run('add', [1, 2]))

    await expect(pool.tryClose({ timeout: 60_000 })).resolves.toBe(true)
  })
})
