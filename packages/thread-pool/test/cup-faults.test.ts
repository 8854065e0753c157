// Where the pool that this one takes up, `ThreadPool` of Baidu's CUP, was seen to go wrong when it
// was run. Each of its faults is a fact here.
import { AsyncLocalStorage } from 'node:async_hooks'
import { ClosedError } from '@cupola/core'
import { ThreadPool } from '@cupola/thread-pool'
import { describe, expect, it } from 'vitest'
import { liveThreads } from '../../../test/live-threads.ts'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { eventLoopTurn, until } from '../../../test/until.ts'
import { textPool, workPool } from './fixtures/pools.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

describe('a call', () => {
  it('gives its caller what the function returns, and nothing else', async () => {
    const pool = workPool({ maxThreads: 2 })

    await expect(Promise.all(upTo(5).map((n) => pool.run('add', [n, n])))).resolves.toEqual([
      0, 2, 4, 6, 8,
    ])
  })

  it('gives its caller what the function throws, and nothing else', async () => {
    const pool = textPool(`export const fail = (why) => { throw new RangeError(why) }`)

    await expect(pool.run('fail', ['why'])).rejects.toEqual(new RangeError('why'))
  })

  it('that ends its thread leaves no thread in the counts that is not there', async () => {
    const pool = textPool(
      'export const exit = () => process.exit(0); export const add = (a, b) => a + b',
      { maxThreads: 2 },
    )

    for (let exits = 0; exits < 4; exits++) await errorOf(pool.run('exit', []))

    expect(pool.stats()).toMatchObject({ working: 0, queued: 0, failed: 4 })
    await expect(
      Promise.all(upTo(20).map(async (n) => await pool.run('add', [n, 0]))),
    ).resolves.toEqual(upTo(20))
    await pool.close()
    expect(pool.stats()).toMatchObject({ threads: 0, lost: 0 })
  })

  it('sees the context of its caller, whatever other calls there are at the same time', async () => {
    const storage = new AsyncLocalStorage<{ readonly call: number }>()
    const pool = workPool({ maxThreads: 2 })

    const seen = await Promise.all(
      upTo(50).map(
        async (call) =>
          await storage.run({ call }, async () => {
            await pool.run('add', [call, 0])
            return storage.getStore()?.call
          }),
      ),
    )

    expect(seen).toEqual(upTo(50))
  })
})

describe('a call that comes too late', () => {
  it('rejects with a ClosedError, and is not dropped', async () => {
    const pool = workPool()
    await pool.close()

    await expect(pool.run('add', [1, 2])).rejects.toBeInstanceOf(ClosedError)
  })

  it('rejects as well when it follows from a call that is being finished', async () => {
    const pool = workPool({ maxThreads: 1 })
    const gate = new ThreadGate()
    const next = pool.run('hold', [gate.buffer]).then(() => pool.run('add', [1, 2]))
    await until(() => gate.entered === 1)

    const closed = pool.close()
    gate.open()

    await expect(errorOf(next)).resolves.toBeInstanceOf(ClosedError)
    await closed
  })
})

describe('ending the pool', () => {
  it('by terminate() takes no time when it has done nothing yet, or has nothing to do', async () => {
    const unused = workPool()
    const idle = workPool({ maxThreads: 2 })
    await idle.warmUp()

    await unused.terminate()
    await idle.terminate()

    expect(liveThreads()).toBe(0)
    expect(idle.stats()).toMatchObject({ threads: 0, lost: 0 })
  })

  it('by terminate() ends code that catches everything and never ends', async () => {
    const pool = workPool({ maxThreads: 1 })
    const gate = new ThreadGate()
    const spinning = reasonOf(pool.run('spin', [gate.buffer]))
    await until(() => gate.entered === 1)

    await pool.terminate('enough')

    await expect(spinning).resolves.toBe('enough')
    expect(liveThreads()).toBe(0)
  })

  it('by terminate() refuses further calls from that moment on', async () => {
    const pool = workPool({ maxThreads: 1 })
    await pool.run('add', [1, 2])

    const terminated = pool.terminate()
    const late = errorOf(pool.run('add', [1, 2]))

    await expect(late).resolves.toBeInstanceOf(ClosedError)
    await terminated
  })

  it('by tryClose({ timeout: 0 }) waits for no thread, however many there are', async () => {
    const pool = workPool({ maxThreads: 3 })
    const gate = new ThreadGate()
    const held = upTo(3).map(async () => await pool.run('hold', [gate.buffer]))
    await until(() => gate.entered === 3)

    await expect(pool.tryClose({ timeout: 0 })).resolves.toBe(false)

    gate.open()
    await Promise.all(held)
    await expect(pool.tryClose()).resolves.toBe(true)
  })

  it('is possible from what follows one of its own calls', async () => {
    const pool = workPool({ maxThreads: 1 })

    const ended = pool.run('add', [1, 2]).then(async (sum) => {
      await pool.close()
      return sum
    })

    await expect(ended).resolves.toBe(3)
  })

  it('is for good: resize() starts no threads afterwards', async () => {
    const pool = workPool()
    await pool.close()

    await expect(pool.resize({ minThreads: 1 })).rejects.toBeInstanceOf(ClosedError)

    expect(pool.stats()).toMatchObject({ started: 0, threads: 0 })
  })
})

describe('the size', () => {
  it('shrinks although calls wait, and what makes it shrink does not count as a call', async () => {
    const pool = workPool({ maxThreads: 2 })
    const gates = [new ThreadGate(), new ThreadGate()]
    const held = gates.map(async (gate) => await pool.run('hold', [gate.buffer]))
    await until(() => gates.every((gate) => gate.entered === 1))
    const last = new ThreadGate()
    const waiting = upTo(5).map(async () => await pool.run('hold', [last.buffer]))
    await eventLoopTurn()

    const resized = pool.resize({ maxThreads: 1 })
    expect(pool.stats().queued).toBe(5)
    for (const gate of gates) gate.open()
    await resized

    expect(pool.stats().threads).toBe(1)
    expect(pool.stats().completed).toBeLessThan(7)
    last.open()
    await Promise.all([...held, ...waiting])
  })

  it('can be 0 until there is a call', async () => {
    const pool = workPool({ minThreads: 1, maxThreads: 1, idleTimeoutMs: 0 })

    await pool.resize({ minThreads: 0 })
    await until(() => pool.stats().threads === 0)

    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
  })

  it('that makes no sense is refused by an error of its own kind, never by an assertion', () => {
    expect(() => new ThreadPool('./work.js', { minThreads: 5, maxThreads: 4 })).toThrow(RangeError)
  })
})
