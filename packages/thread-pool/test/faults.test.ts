import { expect, describe, it } from 'vitest'
import { faultRun } from './fixtures/fault-run.ts'

const CALLS = 1200

describe('a pool under random faults', () => {
  const seed = Math.floor(Math.random() * 2 ** 32)

  it(`settles each of ${CALLS} calls as it has to (seed ${seed})`, async () => {
    const { wrong, settled, stats } = await faultRun(seed, CALLS)

    expect(wrong).toEqual([])
    expect(settled).toBe(CALLS)
    expect(stats.completed + stats.failed + stats.cancelled).toBe(CALLS)
    expect(stats).toMatchObject({ threads: 0, queued: 0, lost: 0 })
  })
})
