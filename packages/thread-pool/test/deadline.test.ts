import { TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../../../test/reason-of.ts'
import { stateOf } from '../../../test/state-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import { workPool } from './fixtures/pools.ts'

describe('a deadline', () => {
  it('takes a call back that waits, no millisecond early, and nothing of it runs', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, clock })
    const [gate, other] = [new ThreadGate(), new ThreadGate()]
    const held = pool.run('hold', [gate.buffer])
    await until(() => gate.entered === 1)
    const call = pool.run('hold', [other.buffer], { deadline: 500 })
    const failed = errorOf(call)

    await clock.advance(499)
    await expect(stateOf(call)).resolves.toBe('pending')
    await clock.advance(1)

    await expect(failed).resolves.toEqual(new TimeoutError('finish the call of "hold"', 500))
    gate.open()
    await held
    expect(other.entered).toBe(0)
    expect(pool.stats()).toMatchObject({ completed: 1, cancelled: 1, started: 1 })
  })

  it('ends a call that runs, counting from when it was made', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, clock })
    const [first, second] = [new ThreadGate(), new ThreadGate()]
    const held = pool.run('hold', [first.buffer])
    const failed = errorOf(pool.run('spin', [second.buffer], { deadline: 500, timeout: 400 }))
    await until(() => first.entered === 1)
    await clock.advance(450)
    first.open()
    await held
    await until(() => second.entered === 1)

    await clock.advance(50)

    await expect(failed).resolves.toMatchObject({ code: 'ERR_TIMEOUT', timeout: 500 })
    // Until the code has been ended by force.
    await clock.advance(10_000)
    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
  })

  it('of 0 fails at once and starts nothing', async () => {
    const pool = workPool()

    await expect(pool.run('add', [1, 2], { deadline: 0 })).rejects.toEqual(
      new TimeoutError('finish the call of "add"', 0),
    )
    expect(pool.stats()).toMatchObject({ started: 0, cancelled: 0 })
  })

  it('leaves no timer behind when the call returns', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ clock, maxThreads: 1, idleTimeoutMs: Infinity })

    await pool.run('add', [1, 2], { deadline: 500 })

    expect(clock.pending).toBe(0)
  })

  it.each([-1, NaN])('of %d is out of range', async (deadline) => {
    const pool = workPool()

    await expect(pool.run('add', [1, 2], { deadline })).rejects.toThrow(RangeError)
  })
})
