import { describe, expect, it } from 'vitest'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import { workPool } from './fixtures/pools.ts'

describe('growth', () => {
  it('goes as far as there are calls', async () => {
    const pool = workPool({ maxThreads: 4 })
    const gate = new ThreadGate()

    const held = [pool.run('hold', [gate.buffer]), pool.run('hold', [gate.buffer])]
    await until(() => gate.entered === 2)

    expect(pool.stats()).toMatchObject({ started: 2, working: 2, queued: 0 })
    gate.open()
    await Promise.all(held)
  })

  it('stops at maxThreads', async () => {
    const pool = workPool({ maxThreads: 2 })
    const gate = new ThreadGate()

    const held = Array.from({ length: 20 }, async () => await pool.run('hold', [gate.buffer]))
    await until(() => gate.entered === 2)

    expect(pool.stats()).toMatchObject({ started: 2, threads: 2, queued: 18 })
    gate.open()
    await Promise.all(held)
  })

  it('starts no second thread for calls one after the other', async () => {
    const pool = workPool({ maxThreads: 4 })

    for (let count = 0; count < 10; count++) await pool.run('add', [count, 1])

    expect(pool.stats()).toMatchObject({ started: 1, completed: 10 })
  })
})
