import { VirtualClock } from '@cupola/core/testing'
import type { ThreadPoolOptions } from '@cupola/thread-pool'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../../../test/reason-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { eventLoopTurn, until } from '../../../test/until.ts'
import { Log } from './fixtures/log.ts'
import { workPool } from './fixtures/pools.ts'

/** A pool with one thread, which is kept busy until `goOn`. */
async function heldPool(options?: ThreadPoolOptions) {
  const pool = workPool({ maxThreads: 1, ...options })
  const [gate, log] = [new ThreadGate(), new Log()]
  const calls: Promise<unknown>[] = [pool.run('hold', [gate.buffer])]
  await until(() => gate.entered === 1)
  return {
    pool,
    note(value: number, priority?: number): void {
      calls.push(pool.run('note', [log.buffer, value], { priority }))
    },
    async goOn(): Promise<number[]> {
      // What was made in this turn is in its place at the end of it.
      await eventLoopTurn()
      gate.open()
      await Promise.all(calls)
      return log.entries
    },
  }
}

describe('priority', () => {
  it('lets the highest begin first, and those of one in the order they were made', async () => {
    const { note, goOn } = await heldPool()

    for (const value of [11, 21, 22, 12, 1, 2]) note(value, Math.floor(value / 10))

    await expect(goOn()).resolves.toEqual([21, 22, 11, 12, 1, 2])
  })

  it('is 0 by default: below it a call waits for those without any', async () => {
    const { note, goOn } = await heldPool()

    note(-1, -1)
    note(0)
    note(1, 1)

    await expect(goOn()).resolves.toEqual([1, 0, -1])
  })

  it('goes before calls that were sent to a thread ahead of it', async () => {
    const { note, goOn } = await heldPool()
    for (let value = 0; value < 100; value++) note(value)
    await eventLoopTurn()

    note(100, 1)

    const [first, ...others] = await goOn()
    expect(first).toBe(100)
    expect(others).toEqual(Array.from({ length: 100 }, (_, index) => index))
  })

  it('grows by one in every ageingMs', async () => {
    const clock = new VirtualClock()
    const { note, goOn } = await heldPool({ clock, ageingMs: 100 })
    note(0)
    await clock.advance(99)
    note(1, 1)
    await clock.advance(1)
    note(2, 1)

    await expect(goOn()).resolves.toEqual([1, 0, 2])
  })

  it('does not grow with an ageingMs of Infinity', async () => {
    const clock = new VirtualClock()
    const { note, goOn } = await heldPool({ clock, ageingMs: Infinity })
    note(0)
    await clock.advance(1e9)
    note(-1, -1)
    note(1, 1)
    note(2, 2)

    await expect(goOn()).resolves.toEqual([2, 1, 0, -1])
  })

  it('is kept by calls whose thread dies before it begins them', async () => {
    const pool = workPool({ maxThreads: 1 })
    const controller = new AbortController()
    const [gate, log] = [new ThreadGate(), new Log()]
    const held = errorOf(pool.run('hold', [gate.buffer], { signal: controller.signal }))
    const notes = [0, 2, 1, 2, 0].map(
      async (priority) => await pool.run('note', [log.buffer, priority], { priority }),
    )
    await until(() => gate.entered === 1)

    controller.abort()
    await Promise.all([held, ...notes])

    expect(log.entries).toEqual([2, 2, 1, 0, 0])
  })

  it.each([-101, 101, 0.5, NaN, Infinity])('of %d is out of range', async (priority) => {
    const pool = workPool()

    await expect(pool.run('add', [1, 2], { priority })).rejects.toThrow(RangeError)
  })

  it.each([0, -1, 0.5, NaN])('cannot grow in %d ms', (ageingMs) => {
    expect(() => workPool({ ageingMs })).toThrow(RangeError)
  })
})
