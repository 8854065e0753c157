import { BrokenError } from '@cupola/core'
import type { ThreadPool } from '@cupola/thread-pool'
import { describe, expect, it } from 'vitest'
import { liveThreads } from '../../../test/live-threads.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import type * as Faulty from './fixtures/faulty.ts'
import { poolOf } from './fixtures/pools.ts'

const ROUNDS = 1000
const CALLS_A_ROUND = 1000

/** What a leak of a few bytes for each call, or of a kilobyte for each thread, would exceed. */
const MOST_GROWTH_BYTES = 4_000_000

describe('a pool after 1,000,000 calls, 1,000 crashes and 1,000 interrupts', () => {
  it('has settled each call once, and holds no more than at the start', async () => {
    const pool = poolOf<typeof Faulty>(new URL('./fixtures/faulty.ts', import.meta.url), {
      minThreads: 2,
      maxThreads: 2,
      interruption: { checkpointMs: 0 },
    })
    const endings = { returned: 0, crashed: 0, interrupted: 0, wrong: 0 }
    for (let round = 0; round < 20; round++) await runRound(pool, { ...endings })
    await pool.resize({})
    const before = { threads: liveThreads(), heap: heapUsed(), stats: pool.stats() }

    for (let round = 0; round < ROUNDS; round++) await runRound(pool, endings)
    await pool.resize({})

    const { stats } = before
    const after = pool.stats()
    expect(endings).toEqual({
      returned: ROUNDS * CALLS_A_ROUND,
      crashed: ROUNDS,
      interrupted: ROUNDS,
      wrong: 0,
    })
    expect(after.completed - stats.completed).toBe(ROUNDS * CALLS_A_ROUND)
    expect(after.crashed - stats.crashed).toBe(ROUNDS)
    expect(after.interrupted.execution - stats.interrupted.execution).toBe(ROUNDS)
    expect(after).toMatchObject({ threads: 2, working: 0, queued: 0, lost: 0 })
    await until(() => liveThreads() === before.threads)
    expect(heapUsed() - before.heap).toBeLessThan(MOST_GROWTH_BYTES)
  })
})

type Endings = Record<'returned' | 'crashed' | 'interrupted' | 'wrong', number>

async function runRound(pool: ThreadPool<typeof Faulty>, endings: Endings): Promise<void> {
  const gate = new ThreadGate()
  const controller = new AbortController()
  const calls = Array.from({ length: CALLS_A_ROUND }, async (_, index) => {
    if ((await pool.run('succeed', [index])) === index) endings.returned++
    else endings.wrong++
  })
  const crash = pool.run('die', []).catch((error: unknown) => {
    if (error instanceof BrokenError) endings.crashed++
    else endings.wrong++
  })
  const interrupt = pool
    .run('spin', [0, gate.buffer], { signal: controller.signal })
    .catch((reason: unknown) => {
      if (reason === 'enough') endings.interrupted++
      else endings.wrong++
    })
  await until(() => gate.entered > 0)
  controller.abort('enough')
  await Promise.all([...calls, crash, interrupt])
  await until(() => pool.stats().working === 0)
}

function heapUsed(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}
