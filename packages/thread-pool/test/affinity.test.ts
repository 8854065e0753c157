import type { ThreadPool } from '@cupola/thread-pool'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../../../test/reason-of.ts'
import { stateOf } from '../../../test/state-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { eventLoopTurn, until } from '../../../test/until.ts'
import { Log } from './fixtures/log.ts'
import { workPool } from './fixtures/pools.ts'
import type * as Work from './fixtures/work.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

async function threadsOf(
  pool: ThreadPool<typeof Work>,
  affinity: string | number,
  count: number,
): Promise<number[]> {
  const calls = upTo(count).map(async () => await pool.run('whichThread', [], { affinity }))
  return [...new Set(await Promise.all(calls))]
}

describe('affinity', () => {
  it('runs the calls of one key on one thread, now and later', async () => {
    const pool = workPool({ minThreads: 2, maxThreads: 2 })

    const threads = await threadsOf(pool, 'a', 300)
    await Promise.all(upTo(100).map(async () => await pool.run('whichThread', [])))

    expect(threads).toHaveLength(1)
    await expect(threadsOf(pool, 'a', 1)).resolves.toEqual(threads)
  })

  it('spreads keys over the threads there will be', async () => {
    const pool = workPool({ maxThreads: 2 })

    const threads = await Promise.all(
      ['a', 'b', 1, 2].map(async (key) => await threadsOf(pool, key, 10)),
    )

    expect(new Set(threads.flat()).size).toBe(2)
    expect(threads.map((each) => each.length)).toEqual([1, 1, 1, 1])
  })

  it('tells 1 from "1"', async () => {
    const pool = workPool({ minThreads: 2, maxThreads: 2 })
    await pool.resize({})

    const [[one], [text]] = await Promise.all([threadsOf(pool, 1, 5), threadsOf(pool, '1', 5)])

    expect(one).not.toBe(text)
  })

  it('begins the calls of a key in order', async () => {
    const pool = workPool({ minThreads: 2, maxThreads: 2 })
    const log = new Log()

    await Promise.all(
      upTo(500).map(async (value) => {
        if (value % 3 === 0) await pool.run('echo', [value])
        else await pool.run('note', [log.buffer, value], { affinity: 'a' })
      }),
    )

    const expected = upTo(500).filter((value) => value % 3 !== 0)
    expect(log.entries).toEqual(expected)
  })

  it('keeps calls behind a long one of their key, while others go on elsewhere', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ minThreads: 2, maxThreads: 2, clock })
    await pool.resize({})
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer], { affinity: 'a' })
    await until(() => gate.entered === 1)
    const behind = pool.run('add', [1, 2], { affinity: 'a' })
    const free = upTo(200).map(async (value) => await pool.run('echo', [value]))

    await clock.advance(5)
    await Promise.all(free)
    await clock.advance(5)

    await expect(stateOf(behind)).resolves.toBe('pending')
    gate.open()
    await expect(Promise.all([held, behind])).resolves.toEqual(['held', 3])
  })

  it('finds a new thread for a key whose thread dies, and keeps the order', async () => {
    const pool = workPool({ minThreads: 2, maxThreads: 2 })
    const controller = new AbortController()
    const [gate, log] = [new ThreadGate(), new Log()]
    const { signal } = controller
    const failed = errorOf(pool.run('hold', [gate.buffer], { affinity: 'a', signal }))
    await until(() => gate.entered === 1)
    const notes = upTo(200).map(
      async (value) => await pool.run('note', [log.buffer, value], { affinity: 'a' }),
    )
    await eventLoopTurn()

    controller.abort()
    await Promise.all([failed, ...notes])

    expect(log.entries).toEqual(upTo(200))
    await expect(threadsOf(pool, 'a', 10)).resolves.toHaveLength(1)
  })

  it('moves the keys of a thread that leaves, but none behind a call that runs there', async () => {
    const pool = workPool({ minThreads: 2, maxThreads: 2 })
    await pool.resize({})
    const [gates, log] = [[new ThreadGate(), new ThreadGate()], new Log()]
    const held = gates.map(
      async (gate, key) => await pool.run('hold', [gate.buffer], { affinity: key }),
    )
    await until(() => gates.every((gate) => gate.entered === 1))
    const behind = [0, 1].map(
      async (key) => await pool.run('note', [log.buffer, key], { affinity: key }),
    )
    await eventLoopTurn()

    const resized = pool.resize({ minThreads: 1, maxThreads: 1 })
    const later = [0, 1].map(
      async (key) => await pool.run('note', [log.buffer, key + 2], { affinity: key }),
    )
    // Of two that are as busy, the first to be started leaves, which has key 0.
    gates[1]?.open()
    await Promise.all([held[1], behind[1], later[1]])
    await until(() => pool.stats().working === 1)
    expect(log.entries).toEqual([1, 3])
    gates[0]?.open()
    await Promise.all([...held, ...behind, ...later, resized])

    expect(log.entries).toEqual([1, 3, 0, 2])
  })

  it('lets a call with transfer keep its place among those of its key', async () => {
    const pool = workPool({ minThreads: 1, maxThreads: 1 })
    const [gate, log] = [new ThreadGate(), new Log()]
    const affinity = 'a'
    const held = pool.run('hold', [gate.buffer], { affinity })
    const buffer = new ArrayBuffer(8)
    const notes = [
      pool.run('note', [log.buffer, 1], { affinity }),
      pool.run('sizeOf', [buffer], { affinity, transfer: [buffer] }),
      pool.run('note', [log.buffer, 2], { affinity }),
    ]
    await until(() => gate.entered === 1)

    gate.open()

    await expect(Promise.all([held, ...notes])).resolves.toEqual(['held', 1, 8, 2])
    expect(log.entries).toEqual([1, 2])
  })

  it('does not hold up a long queue of others', async () => {
    const pool = workPool({ minThreads: 2, maxThreads: 2 })
    await pool.resize({})
    const gate = new ThreadGate()
    const affinity = 'a'
    const held = pool.run('hold', [gate.buffer], { affinity })
    const bound = upTo(1000).map(async (value) => await pool.run('echo', [value], { affinity }))

    const free = upTo(1000).map(async (value) => await pool.run('echo', [value]))
    await until(() => gate.entered === 1)
    gate.open()

    await expect(Promise.all(free)).resolves.toEqual(upTo(1000))
    await expect(Promise.all(bound)).resolves.toEqual(upTo(1000))
    await held
  })

  it('can be given up while it waits', async () => {
    const pool = workPool({ maxThreads: 1 })
    const gate = new ThreadGate()
    const controller = new AbortController()
    const options = { affinity: 'a', signal: controller.signal }
    const held = pool.run('hold', [gate.buffer])
    await until(() => gate.entered === 1)
    const failed = upTo(200).map(async () => await errorOf(pool.run('add', [1, 2], options)))

    controller.abort()
    await Promise.all(failed)
    gate.open()

    await held
    expect(pool.stats()).toMatchObject({ completed: 1, cancelled: 200 })
  })

  it('is handed back by terminate(), in order with the others', async () => {
    const pool = workPool({ maxThreads: 1 })
    const gate = new ThreadGate()
    const held = errorOf(pool.run('hold', [gate.buffer]))
    await until(() => gate.entered === 1)
    const failed = upTo(100).map(
      async (value) =>
        await errorOf(pool.run('echo', [value], { affinity: value % 2 ? 'odd' : undefined })),
    )
    await eventLoopTurn()

    const { unbegun, interrupted } = await pool.terminate()

    expect(unbegun.map(({ args }) => args[0])).toEqual(upTo(100))
    expect(interrupted).toBe(1)
    await Promise.all([held, ...failed])
  })

  it.each([null, {}, Symbol('key'), true])('is a string or a number, not %s', async (affinity) => {
    const pool = workPool()

    await expect(pool.run('add', [1, 2], { affinity: affinity as never })).rejects.toThrow(
      TypeError,
    )
  })
})
