import { describe, expect, it } from 'vitest'
import { textPool, workPool } from './fixtures/pools.ts'

describe('many calls', () => {
  const CALLS = 100_000

  it('of one pool, 100,000 of them, settle once each, with what is theirs', async () => {
    const pool = workPool({ maxThreads: 2 })
    const settled = new Uint8Array(CALLS)
    let wrong = 0

    await Promise.all(
      Array.from({ length: CALLS }, async (_, index) => {
        const result = await pool.run('echo', [index])
        settled[index] = (settled[index] ?? 0) + 1
        if (result !== index) wrong++
      }),
    )

    expect(wrong).toBe(0)
    expect(settled.every((times) => times === 1)).toBe(true)
    expect(pool.stats()).toMatchObject({ completed: CALLS, failed: 0, cancelled: 0, queued: 0 })
  })

  it('of one signal are given up all together', async () => {
    const pool = textPool('await new Promise(() => setInterval(() => {}, 1000))')
    const controller = new AbortController()
    const { signal } = controller
    const calls = Array.from({ length: 2000 }, () => pool.run('work', [], { signal }))

    controller.abort('all of them')

    const outcomes = await Promise.allSettled(calls)
    expect(
      outcomes.every((each) => each.status === 'rejected' && each.reason === 'all of them'),
    ).toBe(true)
    expect(pool.stats()).toMatchObject({ cancelled: 2000, queued: 0 })
  })
})
