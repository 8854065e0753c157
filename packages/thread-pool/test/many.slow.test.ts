import { describe, expect, it } from 'vitest'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import { textPool, workPool } from './fixtures/pools.ts'

describe('32 threads', () => {
  it('of one pool run a call each', async () => {
    const pool = workPool({ maxThreads: 32 })
    const gate = new ThreadGate()

    const held = Array.from({ length: 32 }, async () => await pool.run('hold', [gate.buffer]))
    await until(() => gate.entered === 32)
    gate.open()

    await Promise.all(held)
    expect(pool.stats()).toMatchObject({ started: 32, completed: 32, crashed: 0 })
  })
})

describe('300,000 calls', () => {
  const CALLS = 300_000

  it('that wait are given up one by one, each in a step or two', async () => {
    const pool = textPool('await new Promise(() => setInterval(() => {}, 1000))')
    const controllers = Array.from({ length: CALLS }, () => new AbortController())
    const calls = controllers.map(({ signal }) => pool.run('work', [], { signal }))
    const outcomes = Promise.allSettled(calls)

    // From the middle of the queue outwards.
    for (const [index, controller] of controllers.entries()) {
      if (index % 2 === 1) controller.abort(index)
    }
    for (const [index, controller] of controllers.entries()) controller.abort(index)

    const wrong = (await outcomes).filter(
      (each, index) => each.status === 'fulfilled' || each.reason !== index,
    )
    expect(wrong).toEqual([])
    expect(pool.stats()).toMatchObject({ cancelled: CALLS, queued: 0 })
  })
})
