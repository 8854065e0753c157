import { BrokenError, ClosedError, FullError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import type { ThreadPoolOptions, WhenFull } from '@cupola/thread-pool'
import { describe, expect, it } from 'vitest'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'
import { stateOf } from '../../../test/state-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { eventLoopTurn, until } from '../../../test/until.ts'
import { Log } from './fixtures/log.ts'
import { textPool, workPool } from './fixtures/pools.ts'

/** A pool with one thread that a call holds, and so many places in the queue. */
async function heldPool(options: ThreadPoolOptions) {
  const pool = workPool({ maxThreads: 1, queueCapacity: 0, ...options })
  const gate = new ThreadGate()
  const held = pool.run('hold', [gate.buffer])
  await until(() => gate.entered === 1)
  return { pool, gate, held }
}

describe("whenFull: 'wait'", () => {
  it('accepts calls when there is a place for them, in the order they came', async () => {
    const { pool, gate, held } = await heldPool({ whenFull: 'wait' })
    const log = new Log()
    const calls = [1, 2, 3].map(async (value) => await pool.run('note', [log.buffer, value]))

    expect(pool.stats()).toMatchObject({ waiting: 3, queued: 0 })
    gate.open()
    await Promise.all([held, ...calls])

    expect(log.entries).toEqual([1, 2, 3])
    expect(pool.stats()).toMatchObject({ waiting: 0, completed: 4 })
  })

  it('rejects with the error of the function as if it had not waited', async () => {
    const { pool, gate, held } = await heldPool({ whenFull: 'wait' })

    const error = errorOf(pool.run('nothing' as 'add', [1, 2]))
    gate.open()

    await expect(error).resolves.toBeInstanceOf(TypeError)
    await held
  })

  it('lets a call that waits be given up', async () => {
    const { pool, gate, held } = await heldPool({ whenFull: 'wait' })
    const controller = new AbortController()
    const { signal } = controller
    const reason = reasonOf(pool.run('add', [1, 2], { signal }))

    controller.abort('gave up')

    await expect(reason).resolves.toBe('gave up')
    expect(pool.stats()).toMatchObject({ waiting: 0, cancelled: 0 })
    gate.open()
    await held
  })

  it('gives no place to a call whose signal aborts with the one that had it', async () => {
    const pool = workPool({ maxThreads: 1, queueCapacity: 0, whenFull: 'wait' })
    const controller = new AbortController()
    const { signal } = controller
    const gate = new ThreadGate()
    const reasons = [
      reasonOf(pool.run('hold', [gate.buffer], { signal })),
      reasonOf(pool.run('add', [1, 2], { signal })),
    ]
    const last = pool.run('add', [1, 2])
    await until(() => gate.entered === 1)

    controller.abort('both')

    await expect(Promise.all(reasons)).resolves.toEqual(['both', 'both'])
    await expect(last).resolves.toBe(3)
  })

  it('counts the wait for a place in the deadline', async () => {
    const clock = new VirtualClock()
    const { pool, gate, held } = await heldPool({ whenFull: 'wait', clock })
    const second = new ThreadGate()
    const spinning = errorOf(pool.run('spin', [second.buffer], { deadline: 500 }))
    const waiting = errorOf(pool.run('add', [1, 2], { deadline: 300 }))

    await clock.advance(300)
    await expect(waiting).resolves.toMatchObject({ code: 'ERR_TIMEOUT', timeout: 300 })
    gate.open()
    await held
    await until(() => second.entered === 1)
    await clock.advance(200)

    await expect(spinning).resolves.toMatchObject({ code: 'ERR_TIMEOUT', timeout: 500 })
  })

  it.each(['close', 'terminate'] as const)(
    'refuses those that wait when the pool is told to %s',
    async (end) => {
      const { pool, gate, held } = await heldPool({ whenFull: 'wait' })
      const over = reasonOf(held.then(() => Promise.reject(new Error('held'))))
      const error = errorOf(pool.run('add', [1, 2]))

      const ended = pool[end]()

      await expect(error).resolves.toBeInstanceOf(ClosedError)
      gate.open()
      await Promise.all([ended, over])
      expect(pool.stats()).toMatchObject({ waiting: 0 })
    },
  )

  it('lets calls in when the pool grows', async () => {
    const { pool, gate, held } = await heldPool({ whenFull: 'wait' })
    const call = pool.run('add', [1, 2])

    await pool.resize({ maxThreads: 2 })

    await expect(call).resolves.toBe(3)
    gate.open()
    await held
  })
})

describe("whenFull: 'drop-oldest'", () => {
  it('gives the place of the call made first of those not begun to the new one', async () => {
    const { pool, gate, held } = await heldPool({ whenFull: 'drop-oldest', queueCapacity: 2 })
    const first = errorOf(pool.run('add', [1, 1]))
    const others = [pool.run('add', [2, 2]), pool.run('add', [3, 3])]

    const error = await first

    expect(error).toBeInstanceOf(FullError)
    expect(error).toHaveProperty('refused', { name: 'add', args: [1, 1] })
    gate.open()
    await expect(Promise.all([held, ...others])).resolves.toEqual(['held', 4, 6])
    expect(pool.stats()).toMatchObject({ dropped: 1, completed: 3, failed: 0, cancelled: 0 })
  })

  it('drops calls that were sent to a thread but not begun', async () => {
    const { pool, gate, held } = await heldPool({ whenFull: 'drop-oldest', queueCapacity: 2 })
    const first = errorOf(pool.run('add', [1, 1]))
    const second = pool.run('add', [2, 2])
    await eventLoopTurn()

    const third = pool.run('add', [3, 3])

    await expect(first).resolves.toHaveProperty('refused', { name: 'add', args: [1, 1] })
    gate.open()
    await expect(Promise.all([held, second, third])).resolves.toEqual(['held', 4, 6])
  })
})

describe("whenFull: 'drop-newest'", () => {
  it('gives the place of the call made last of those not begun to the new one', async () => {
    const { pool, gate, held } = await heldPool({ whenFull: 'drop-newest', queueCapacity: 2 })
    const first = pool.run('add', [1, 1])
    const second = errorOf(pool.run('add', [2, 2]))
    await eventLoopTurn()
    const third = pool.run('add', [3, 3])

    await expect(second).resolves.toHaveProperty('refused', { name: 'add', args: [2, 2] })
    gate.open()
    await expect(Promise.all([held, first, third])).resolves.toEqual(['held', 2, 6])
  })
})

describe.each(['drop-oldest', 'drop-newest'] as const)("whenFull: '%s'", (whenFull) => {
  it('refuses the new call if all others have begun', async () => {
    const { pool, gate, held } = await heldPool({ whenFull })

    const error = await errorOf(pool.run('add', [1, 2]))

    expect(error).toHaveProperty('refused', { name: 'add', args: [1, 2] })
    expect(pool.stats()).toMatchObject({ dropped: 0 })
    gate.open()
    await held
  })

  it('drops nothing for a call that fails at once', async () => {
    const { pool, gate, held } = await heldPool({ whenFull, queueCapacity: 1 })
    const queued = pool.run('add', [1, 2])

    await expect(pool.run('add', [1, 2], { timeout: 0 })).rejects.toHaveProperty(
      'code',
      'ERR_TIMEOUT',
    )
    gate.open()

    await expect(queued).resolves.toBe(3)
    await held
  })

  it('drops calls with an affinity as well', async () => {
    const { pool, gate, held } = await heldPool({ whenFull, queueCapacity: 1 })
    const dropped = errorOf(pool.run('add', [1, 2], { affinity: 'a' }))

    const next = pool.run('add', [3, 4], { affinity: 'a' })
    gate.open()

    await expect(dropped).resolves.toHaveProperty('refused', { name: 'add', args: [1, 2] })
    await expect(next).resolves.toBe(7)
    await held
  })
})

describe("whenFull: 'caller-runs'", () => {
  it('runs the function on the thread that called', async () => {
    const { pool, gate, held } = await heldPool({ whenFull: 'caller-runs' })

    await expect(pool.run('whichThread', [])).resolves.toBe(0)

    gate.open()
    await held
    await expect(pool.run('whichThread', [])).resolves.not.toBe(0)
    expect(pool.stats()).toMatchObject({ completed: 3, started: 1 })
  })

  it('clones arguments and result', async () => {
    const { pool, gate, held } = await heldPool({ whenFull: 'caller-runs' })
    const value = { list: [1] }

    const call = pool.run('echo', [value])
    value.list.push(2)

    await expect(call).resolves.toEqual({ list: [1] })
    await expect(pool.run('echo', [() => {}])).rejects.toHaveProperty('name', 'DataCloneError')
    gate.open()
    await held
  })

  it('takes no place, and is neither queued nor working', async () => {
    const { pool, gate, held } = await heldPool({ whenFull: 'caller-runs' })
    const other = new ThreadGate()
    const call = pool.run('holdAsync', [other.buffer])
    await until(() => other.entered === 1)

    expect(pool.stats()).toMatchObject({ queued: 0, working: 1 })
    gate.open()
    await held
    await expect(pool.run('whichThread', [])).resolves.not.toBe(0)
    other.open()
    await expect(call).resolves.toBe('held')
  })

  it('rejects with what the function throws', async () => {
    const text = `export const hold = (gate) => { Atomics.wait(new Int32Array(gate), 0, 0) }
      export const fail = () => { throw new RangeError('too far') }`
    const pool = textPool(text, { maxThreads: 1, queueCapacity: 0, whenFull: 'caller-runs' })
    const words = new Int32Array(new SharedArrayBuffer(4))
    const held = pool.run('hold', [words.buffer])

    await expect(pool.run('fail', [])).rejects.toEqual(new RangeError('too far'))
    await expect(pool.run('nothing', [])).rejects.toThrow(
      'has no such function, expected one of "fail", "hold"',
    )

    Atomics.store(words, 0, 1)
    Atomics.notify(words, 0)
    await held
    expect(pool.stats()).toMatchObject({ completed: 1, failed: 2 })
  })

  it('says so if the module does not load there', async () => {
    const text = `import { isMainThread } from 'node:worker_threads'
      if (isMainThread) throw new Error('not here')
      export const hold = (gate) => { Atomics.wait(new Int32Array(gate), 0, 0) }`
    const pool = textPool(text, { maxThreads: 1, queueCapacity: 0, whenFull: 'caller-runs' })
    const words = new Int32Array(new SharedArrayBuffer(4))
    const held = pool.run('hold', [words.buffer])

    const error = await errorOf(pool.run('hold', [words.buffer]))

    expect(error).toBeInstanceOf(BrokenError)
    expect(error.cause).toEqual(new Error('not here'))
    Atomics.store(words, 0, 1)
    Atomics.notify(words, 0)
    await held
  })

  it.each([
    { signal: new AbortController().signal },
    { timeout: 1e6 },
    { deadline: 1e6 },
    { affinity: 'key' },
  ])('refuses a call with %j', async (options) => {
    const { pool, gate, held } = await heldPool({ whenFull: 'caller-runs' })

    await expect(pool.run('add', [1, 2], options)).rejects.toBeInstanceOf(FullError)

    gate.open()
    await held
  })

  it('is waited for by close() and given up by terminate()', async () => {
    const { pool, gate, held } = await heldPool({ whenFull: 'caller-runs' })
    const other = new ThreadGate()
    const call = reasonOf(pool.run('holdAsync', [other.buffer]))
    gate.open()
    await held
    const closed = pool.close()
    await expect(stateOf(closed)).resolves.toBe('pending')

    await expect(pool.terminate('over')).resolves.toEqual({ unbegun: [], interrupted: 1 })

    await expect(call).resolves.toBe('over')
    await closed
    other.open()
  })
})

describe('whenFull', () => {
  it('is one of five', () => {
    expect(() => workPool({ whenFull: 'drop' as WhenFull })).toThrow(TypeError)
  })
})

describe('ThreadPool.ready()', () => {
  it('resolves at once when there is a place', async () => {
    const pool = workPool()

    await expect(pool.ready({ timeout: 0 })).resolves.toBeUndefined()
  })

  it('resolves when there is one again', async () => {
    const { pool, gate, held } = await heldPool({})
    const ready = pool.ready()
    await expect(stateOf(ready)).resolves.toBe('pending')

    gate.open()
    await ready

    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
    await held
  })

  it('makes a program no faster than its pool', async () => {
    const pool = workPool({ maxThreads: 1, queueCapacity: 2 })
    const results: Promise<number>[] = []

    for (let index = 0; index < 100; index++) {
      await pool.ready()
      results.push(pool.run('add', [index, 1]))
    }

    await expect(Promise.all(results)).resolves.toHaveLength(100)
  })

  it('tells so many as there are places, and the next if those do not take them', async () => {
    const { pool, gate, held } = await heldPool({})
    const told: number[] = []
    const waits = [1, 2, 3].map(async (value) => {
      await pool.ready()
      told.push(value)
      // Whoever comes first takes the place.
      return value === 1 ? await pool.run('echo', [value]) : value
    })

    gate.open()
    await held
    await Promise.all(waits)

    expect(told).toEqual([1, 2, 3])
  })

  it('has its turn among calls that wait', async () => {
    const { pool, gate, held } = await heldPool({ whenFull: 'wait' })
    const order: string[] = []
    const notes = ['first', 'ready', 'last'].map(async (word) => {
      if (word === 'ready') await pool.ready()
      else await pool.run('echo', [word])
      order.push(word)
    })

    expect(pool.stats().waiting).toBe(3)
    gate.open()
    await Promise.all([held, ...notes])

    expect(order.indexOf('ready')).toBeLessThan(order.indexOf('last'))
  })

  it('can be given up, times out, and ends with the pool', async () => {
    const clock = new VirtualClock()
    const { pool, gate, held } = await heldPool({ clock })
    const controller = new AbortController()
    const given = reasonOf(pool.ready({ signal: controller.signal }))
    const late = errorOf(pool.ready({ timeout: 100 }))
    const closed = errorOf(pool.ready())

    controller.abort('gave up')
    await clock.advance(100)
    void pool.close()

    await expect(given).resolves.toBe('gave up')
    await expect(late).resolves.toMatchObject({ code: 'ERR_TIMEOUT', timeout: 100 })
    await expect(closed).resolves.toBeInstanceOf(ClosedError)
    gate.open()
    await held
  })
})
