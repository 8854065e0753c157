import { TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../../../test/reason-of.ts'
import { stateOf } from '../../../test/state-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { eventLoopTurn, until } from '../../../test/until.ts'
import { textPool, workPool } from './fixtures/pools.ts'
import { advanceUntil } from './fixtures/advance-until.ts'

/** On a clock that is moved while a real thread is interrupted. */
const A_LONG_TIME_MS = 1e9

describe('a timeout', () => {
  it('ends a call when it has run for so long, no millisecond before', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, clock })
    const gate = new ThreadGate()
    const call = pool.run('hold', [gate.buffer], { timeout: 500 })
    const failed = errorOf(call)
    await until(() => clock.nextDueMs === 500)

    await clock.advance(499)
    await expect(stateOf(call)).resolves.toBe('pending')
    await clock.advance(1)

    await expect(failed).resolves.toEqual(new TimeoutError('finish the call of "hold"', 500))
    expect(pool.stats()).toMatchObject({ cancelled: 1, failed: 0, crashed: 0 })
  })

  it('ends a call that awaits for ever, with its thread', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, clock })
    const gate = new ThreadGate()
    const failed = errorOf(pool.run('awaitForEver', [gate.buffer], { timeout: 500 }))
    await until(() => clock.nextDueMs === 500)

    await clock.advance(500)
    await expect(failed).resolves.toBeInstanceOf(TimeoutError)
    await advanceUntil(clock, () => pool.stats().interrupted.thread === 1)

    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
    expect(pool.stats()).toMatchObject({ started: 2 })
  })

  it('does not count the time a call waits for a thread', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, clock })
    const [first, second] = [new ThreadGate(), new ThreadGate()]
    const held = pool.run('hold', [first.buffer])
    const timed = pool.run('hold', [second.buffer], { timeout: 500 })
    await until(() => first.entered === 1)

    await clock.advance(10_000)
    await expect(stateOf(timed)).resolves.toBe('pending')
    first.open()
    await held
    await until(() => clock.nextDueMs === 500)
    second.open()

    await expect(timed).resolves.toBe('held')
  })

  it('leaves no timer behind when the call returns, throws, or is given up', async () => {
    const clock = new VirtualClock()
    const pool = workPool({
      maxThreads: 1,
      clock,
      idleTimeoutMs: Infinity,
      interruption: { executionMs: A_LONG_TIME_MS },
    })
    const controller = new AbortController()
    const gate = new ThreadGate()
    const { signal } = controller

    await pool.run('add', [1, 2], { timeout: 500 })
    await errorOf(pool.run('echo', [() => {}], { timeout: 500 }))
    const call = errorOf(pool.run('hold', [gate.buffer], { timeout: 500, signal }))
    await until(() => gate.entered === 1)
    controller.abort()
    await call
    await advanceUntil(clock, () => pool.stats().interrupted.execution === 1)

    expect(clock.pending).toBe(0)
  })

  it('leaves no timer behind when the thread dies', async () => {
    const clock = new VirtualClock()
    const pool = textPool('export function exit() { process.exit(3) }', {
      clock,
      idleTimeoutMs: Infinity,
    })

    await errorOf(pool.run('exit', [], { timeout: 500 }))

    expect(clock.pending).toBe(0)
  })

  it('of 0 fails at once and starts nothing', async () => {
    const pool = workPool()

    await expect(errorOf(pool.run('add', [1, 2], { timeout: 0 }))).resolves.toEqual(
      new TimeoutError('finish the call of "add"', 0),
    )
    expect(pool.stats()).toMatchObject({ started: 0, queued: 0, cancelled: 0 })
  })

  it.each([
    { timeout: Infinity },
    { timeout: undefined },
    { timeout: 2 ** 31 },
    { timeout: 1e300 },
  ])('of $timeout lets a call finish', async ({ timeout }) => {
    const pool = workPool()

    await expect(pool.run('add', [1, 2], { timeout })).resolves.toBe(3)
  })

  it.each([{ timeout: Infinity }, { timeout: undefined }])(
    'of $timeout sets no timer',
    async ({ timeout }) => {
      const clock = new VirtualClock()
      const pool = workPool({ clock, maxThreads: 1, idleTimeoutMs: Infinity })
      const gate = new ThreadGate()
      const held = pool.run('hold', [gate.buffer], { timeout })
      await until(() => gate.entered === 1)
      await eventLoopTurn()

      expect(clock.pending).toBe(0)
      gate.open()
      await held
    },
  )

  it('longer than the longest of setTimeout does not end a call early', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, clock, idleTimeoutMs: Infinity })
    const gate = new ThreadGate()
    const call = pool.run('hold', [gate.buffer], { timeout: 2 ** 31 })
    const failed = errorOf(call)
    await until(() => clock.nextDueMs === 2 ** 31)

    await clock.advance(2 ** 31 - 1)
    await expect(stateOf(call)).resolves.toBe('pending')
    await clock.advance(1)

    await expect(failed).resolves.toMatchObject({ code: 'ERR_TIMEOUT', timeout: 2 ** 31 })
  })

  it('spares the calls of the same turn', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, clock, interruption: { executionMs: A_LONG_TIME_MS } })
    const gate = new ThreadGate()
    const quick = Array.from({ length: 20 }, async (_, index) => await pool.run('add', [index, 0]))
    const failed = errorOf(pool.run('hold', [gate.buffer], { timeout: 500 }))
    const after = Array.from({ length: 20 }, async (_, index) => await pool.run('add', [index, 0]))
    await until(() => clock.nextDueMs === 500)

    await clock.advance(500)
    await expect(failed).resolves.toBeInstanceOf(TimeoutError)
    await advanceUntil(clock, () => pool.stats().queued === 0)

    await expect(Promise.all([...quick, ...after])).resolves.toHaveLength(40)
    expect(pool.stats()).toMatchObject({ completed: 40, cancelled: 1, failed: 0 })
  })
})
