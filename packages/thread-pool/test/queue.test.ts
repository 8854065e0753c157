import { FullError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'
import { stateOf } from '../../../test/state-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { eventLoopTurn, until } from '../../../test/until.ts'
import { Log } from './fixtures/log.ts'
import { makeHoldShort, textPool, workPool } from './fixtures/pools.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

describe('the queue', () => {
  it('lets one thread begin calls in the order they were made', async () => {
    const pool = workPool({ maxThreads: 1 })
    const log = new Log()

    const turns = upTo(5).flatMap((turn) =>
      upTo(100).map(async (index) => {
        for (let passed = 0; passed < turn; passed++) await eventLoopTurn()
        await pool.run('note', [log.buffer, turn * 100 + index])
      }),
    )
    await Promise.all(turns)

    expect(log.entries).toEqual(upTo(500))
  })

  it('lets several threads begin calls in about that order', async () => {
    const pool = workPool({ minThreads: 2, maxThreads: 2 })
    await pool.resize({})
    const [gate, log] = [new ThreadGate(), new Log()]

    const calls = upTo(40).map(
      async (index) => await pool.run('noteAndHold', [log.buffer, index, gate.buffer]),
    )
    await until(() => log.entries.length === 2)

    expect(new Set(log.entries)).toEqual(new Set([0, 1]))
    gate.open()
    await Promise.all(calls)
  })

  it('keeps the order of calls whose thread died', async () => {
    const pool = workPool({ maxThreads: 1 })
    const controller = new AbortController()
    const [gate, log] = [new ThreadGate(), new Log()]
    const failed = errorOf(pool.run('hold', [gate.buffer], { signal: controller.signal }))
    const behind = upTo(200).map(async (value) => await pool.run('note', [log.buffer, value]))
    await until(() => gate.entered === 1)

    controller.abort()
    await Promise.all([failed, ...behind])

    expect(log.entries).toEqual(upTo(200))
  })

  it('gives the place of a running call to no other, however many behind it are given up', async () => {
    const pool = workPool({ maxThreads: 1 })
    const gate = new ThreadGate()
    const controller = new AbortController()
    const { signal } = controller
    const held = pool.run('hold', [gate.buffer])
    const given = upTo(63).map(
      async (value) => await reasonOf(pool.run('echo', [value], { signal })),
    )
    await until(() => gate.entered === 1)

    controller.abort('given up')
    const next = upTo(200).map(async (value) => await pool.run('echo', [value]))
    await eventLoopTurn()
    gate.open()

    await expect(Promise.all(given)).resolves.toEqual(upTo(63).map(() => 'given up'))
    await expect(held).resolves.toBe('held')
    await expect(Promise.all(next)).resolves.toEqual(upTo(200))
  })

  it('goes on when every call that a thread was given could not be sent', async () => {
    const pool = workPool({ maxThreads: 1 })

    const unsendable = upTo(150).map(async () => await errorOf(pool.run('echo', [() => {}])))
    const last = pool.run('add', [1, 2])

    await Promise.all(unsendable)
    await expect(last).resolves.toBe(3)
  })

  it('goes on when every call that a thread was given had an unknown name', async () => {
    const pool = textPool('export const add = (a, b) => a + b', { maxThreads: 1 })

    const unknown = upTo(150).map(async () => await errorOf(pool.run('sub', [])))
    const last = pool.run('add', [1, 2])

    await Promise.all(unknown)
    await expect(last).resolves.toBe(3)
  })
})

describe('queueCapacity', () => {
  it('refuses a call beyond it and one for each thread, and hands it back', async () => {
    const pool = workPool({ maxThreads: 2, queueCapacity: 3 })
    const gate = new ThreadGate()
    const accepted = upTo(5).map(async () => await pool.run('hold', [gate.buffer]))
    const args = [1, 2] as const

    const error = await errorOf(pool.run('add', args))

    expect(error).toBeInstanceOf(FullError)
    expect(error.message).toBe('Cannot call "add": all 5 places are taken')
    expect(error).toHaveProperty('refused', { name: 'add', args })
    expect((error as FullError<{ args: unknown }>).refused.args).toBe(args)
    gate.open()
    await Promise.all(accepted)
    expect(pool.stats()).toMatchObject({ completed: 5, failed: 0 })
  })

  it('of 0 accepts one call for each thread', async () => {
    const pool = workPool({ maxThreads: 1, queueCapacity: 0 })
    const gate = new ThreadGate()

    const held = pool.run('hold', [gate.buffer])
    await expect(pool.run('add', [1, 2])).rejects.toBeInstanceOf(FullError)
    gate.open()
    await held

    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
  })

  it('frees the place of a call that is given up', async () => {
    const pool = workPool({ maxThreads: 1, queueCapacity: 1 })
    const gate = new ThreadGate()
    const controller = new AbortController()
    const held = pool.run('hold', [gate.buffer])
    const queued = errorOf(pool.run('add', [1, 2], { signal: controller.signal }))
    await expect(pool.run('add', [3, 4])).rejects.toBeInstanceOf(FullError)

    controller.abort()
    const next = pool.run('add', [3, 4])
    gate.open()

    await expect(next).resolves.toBe(7)
    await Promise.all([held, queued])
  })

  it('follows maxThreads', async () => {
    const pool = workPool({ maxThreads: 1, queueCapacity: 0 })
    const gate = new ThreadGate()
    const held = [pool.run('hold', [gate.buffer])]

    await pool.resize({ maxThreads: 2 })
    held.push(pool.run('hold', [gate.buffer]))

    await expect(pool.run('add', [1, 2])).rejects.toBeInstanceOf(FullError)
    gate.open()
    await Promise.all(held)
  })

  it('is checked after the signal and before a timeout of 0', async () => {
    const pool = workPool({ maxThreads: 1, queueCapacity: 0 })
    const held = pool.run('add', [1, 2])

    await expect(
      pool.run('add', [1, 2], { signal: AbortSignal.abort('aborted'), timeout: 0 }),
    ).rejects.toBe('aborted')
    await expect(pool.run('add', [1, 2], { timeout: 0 })).rejects.toBeInstanceOf(FullError)
    await held
  })
})

describe('a call behind a long one', () => {
  it('goes to a thread that has nothing to do', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ minThreads: 1, maxThreads: 2, clock })
    await pool.resize({})
    await makeHoldShort(pool)
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    // All on the one thread there is, before there is another.
    const short = [1, 2, 3, 4, 5].map(async (value) => await pool.run('echo', [value]))
    await until(() => gate.entered === 1 && pool.stats().idle === 1)

    const results = Promise.all(short)
    await clock.advance(1)
    await until(() => pool.stats().queued === 0 || clock.pending > 0)
    while ((await stateOf(results)) === 'pending') await clock.advance(1)

    await expect(results).resolves.toEqual([1, 2, 3, 4, 5])
    expect(gate.entered).toBe(1)
    expect(pool.stats().working).toBe(1)
    gate.open()
    await held
  })

  it('goes to a thread that comes free later', async () => {
    const pool = workPool({ minThreads: 2, maxThreads: 2 })
    await pool.resize({})
    await makeHoldShort(pool)
    const [long, longer] = [new ThreadGate(), new ThreadGate()]
    const held = [long, longer].map(async (gate) => await pool.run('hold', [gate.buffer]))
    await until(() => long.entered + longer.entered === 2)
    const short = [1, 2, 3, 4, 5, 6].map(async (value) => await pool.run('echo', [value]))

    long.open()

    await expect(Promise.all(short)).resolves.toEqual([1, 2, 3, 4, 5, 6])
    expect(pool.stats().working).toBe(1)
    longer.open()
    await Promise.all(held)
  })

  it('stays where it is as long as the long one may turn out to be short', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ minThreads: 1, maxThreads: 2, clock, idleTimeoutMs: Infinity })
    await pool.resize({})
    await makeHoldShort(pool)
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    const short = pool.run('echo', [1])
    await until(() => gate.entered === 1 && pool.stats().idle === 1)

    await expect(stateOf(short)).resolves.toBe('pending')
    expect(clock.nextDueMs).toBe(1)
    gate.open()
    await Promise.all([held, short])
    expect(pool.stats()).toMatchObject({ completed: 52 })
  })
})
