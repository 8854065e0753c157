import { availableParallelism } from 'node:os'
import { BrokenError, ClosedError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { ThreadPool } from '@cupola/thread-pool'
import { describe, expect, it } from 'vitest'
import { liveThreads } from '../../../test/live-threads.ts'
import { errorOf } from '../../../test/reason-of.ts'
import { stateOf } from '../../../test/state-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { eventLoopTurn, until } from '../../../test/until.ts'
import { Log } from './fixtures/log.ts'
import { textPool, workPool } from './fixtures/pools.ts'

describe('new ThreadPool()', () => {
  const create = (options: unknown) => () =>
    new ThreadPool('./work.js', options as ConstructorParameters<typeof ThreadPool>[1])

  it.each([
    { maxThreads: 0 },
    { maxThreads: -1 },
    { maxThreads: 1.5 },
    { maxThreads: Number.NaN },
    { maxThreads: Infinity },
    { maxThreads: 1025 },
    { minThreads: -1 },
    { minThreads: 0.5 },
    { minThreads: Number.NaN },
    { minThreads: Infinity },
    { minThreads: 3, maxThreads: 2 },
    { idleTimeoutMs: -1 },
    { idleTimeoutMs: Number.NaN },
    { queueCapacity: -1 },
    { queueCapacity: 1.5 },
    { queueCapacity: Number.NaN },
  ])('throws a RangeError that names the option for %o', (options) => {
    const name = Object.keys(options)[0]

    expect(create(options)).toThrow(RangeError)
    expect(create(options)).toThrow(`Cannot use ${name}: `)
  })

  it.each([
    { maxThreads: '2' },
    { minThreads: '1' },
    { idleTimeoutMs: '5' },
    { queueCapacity: null },
    { errorClasses: Error },
    { errorClasses: ['Error'] },
  ])('throws a TypeError that names the option for %o', (options) => {
    const name = Object.keys(options)[0]

    expect(create(options)).toThrow(TypeError)
    expect(create(options)).toThrow(`Cannot use ${name}: `)
  })

  it.each([{ module: 7 }, { module: undefined }, { module: {} }])(
    'throws a TypeError for the module $module',
    ({ module }) => {
      expect(() => new ThreadPool(module as never)).toThrow(TypeError)
    },
  )

  it('leaves one core to the main thread', () => {
    expect(workPool().size).toEqual({
      minThreads: 0,
      maxThreads: Math.max(availableParallelism() - 1, 1),
    })
  })

  it('allows as many threads as it is told to keep', () => {
    expect(workPool({ minThreads: 6 }).size).toEqual({ minThreads: 6, maxThreads: 6 })
  })

  it('takes the options as they are now', async () => {
    const options = { maxThreads: 1 }
    const pool = workPool(options)

    options.maxThreads = 9

    expect(pool.size.maxThreads).toBe(1)
  })

  it('starts no thread until there is a call', async () => {
    const pool = workPool({ maxThreads: 4 })

    await eventLoopTurn()

    expect(pool.stats()).toMatchObject({ started: 0, threads: 0 })
  })

  it('starts minThreads threads at once', async () => {
    const pool = workPool({ minThreads: 2, maxThreads: 4 })
    expect(pool.stats()).toMatchObject({ threads: 2, starting: 2 })

    await until(() => pool.stats().idle === 2)

    expect(pool.stats()).toMatchObject({ threads: 2, starting: 0, started: 2 })
  })

  it('hands workerOptions to every thread', async () => {
    const pool = textPool(
      `import { workerData } from 'node:worker_threads'
       export const look = () => [workerData, process.env.COLOR, process.argv.at(-1)]`,
      { workerOptions: { workerData: 7, env: { COLOR: 'red' }, argv: ['--here'] } },
    )

    await expect(pool.run('look', [])).resolves.toEqual([7, 'red', '--here'])
  })
})

describe('growth', () => {
  it('goes as far as there are calls', async () => {
    const pool = workPool({ maxThreads: 4 })
    const gate = new ThreadGate()

    const held = [pool.run('hold', [gate.buffer]), pool.run('hold', [gate.buffer])]
    await until(() => gate.entered === 2)

    expect(pool.stats()).toMatchObject({ started: 2, working: 2, queued: 0 })
    gate.open()
    await Promise.all(held)
  })

  it('stops at maxThreads', async () => {
    const pool = workPool({ maxThreads: 2 })
    const gate = new ThreadGate()

    const held = Array.from({ length: 20 }, async () => await pool.run('hold', [gate.buffer]))
    await until(() => gate.entered === 2)

    expect(pool.stats()).toMatchObject({ started: 2, threads: 2, queued: 18 })
    gate.open()
    await Promise.all(held)
  })

  it('starts no second thread for calls one after the other', async () => {
    const pool = workPool({ maxThreads: 4 })

    for (let count = 0; count < 10; count++) await pool.run('add', [count, 1])

    expect(pool.stats()).toMatchObject({ started: 1, completed: 10 })
  })
})

describe('idleTimeoutMs', () => {
  it('ends a thread that has had no call for so long, no millisecond before', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, idleTimeoutMs: 1000, clock })
    await pool.run('add', [1, 2])

    await clock.advance(999)
    expect(pool.stats().threads).toBe(1)
    await clock.advance(1)

    expect(pool.stats().threads).toBe(0)
    await until(() => liveThreads() === 0)
    expect(pool.stats()).toMatchObject({ crashed: 0, lost: 0 })
  })

  it('counts from the last call', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, idleTimeoutMs: 1000, clock })
    await pool.run('add', [1, 2])

    await clock.advance(600)
    await pool.run('add', [1, 2])
    await clock.advance(600)
    expect(pool.stats().threads).toBe(1)
    await clock.advance(400)

    expect(pool.stats().threads).toBe(0)
  })

  it('does not end a thread that is busy for longer', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, idleTimeoutMs: 1000, clock })
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    await until(() => gate.entered === 1)

    await clock.advance(5000)
    expect(pool.stats().threads).toBe(1)
    gate.open()
    await held
    await clock.advance(1000)

    expect(pool.stats().threads).toBe(0)
  })

  it('leaves minThreads threads', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ minThreads: 1, maxThreads: 3, idleTimeoutMs: 1000, clock })
    const gate = new ThreadGate()
    await pool.resize({ minThreads: 3 })
    const held = [1, 2, 3].map(async () => await pool.run('hold', [gate.buffer]))
    await until(() => gate.entered === 3)
    await pool.resize({ minThreads: 1 })
    gate.open()
    await Promise.all(held)

    await clock.advance(10_000)

    expect(pool.stats()).toMatchObject({ threads: 1, idle: 1, started: 3 })
    expect(clock.pending).toBe(0)
  })

  it('counts also after minThreads was lowered', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ minThreads: 2, maxThreads: 2, idleTimeoutMs: 1000, clock })
    await until(() => pool.stats().idle === 2)

    await pool.resize({ minThreads: 0 })
    await clock.advance(1000)

    expect(pool.stats().threads).toBe(0)
  })

  it('of 0 ends a thread as soon as it has nothing to do, and lets it do its calls', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, idleTimeoutMs: 0, clock })

    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
    await clock.advance(0)

    expect(pool.stats().threads).toBe(0)
  })

  it('of 0 sets no timer while all threads are busy', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, idleTimeoutMs: 0, clock })
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    await until(() => gate.entered === 1)

    await clock.advance(10)

    expect(clock.pending).toBe(0)
    gate.open()
    await held
  })

  it('of Infinity keeps threads for ever', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, idleTimeoutMs: Infinity, clock })
    await pool.run('add', [1, 2])

    await clock.advance(1e12)

    expect(pool.stats().threads).toBe(1)
  })
})

describe('ThreadPool.resize()', () => {
  it('resolves when minThreads threads are ready', async () => {
    const pool = workPool({ maxThreads: 1 })

    await pool.resize({ minThreads: 2, maxThreads: 2 })

    expect(pool.size).toEqual({ minThreads: 2, maxThreads: 2 })
    expect(pool.stats()).toMatchObject({ threads: 2, idle: 2, starting: 0 })
  })

  it('keeps the limits that are left out', async () => {
    const pool = workPool({ minThreads: 1, maxThreads: 3 })

    await pool.resize({ maxThreads: 2 })
    expect(pool.size).toEqual({ minThreads: 1, maxThreads: 2 })
    await pool.resize({ minThreads: 0 })

    expect(pool.size).toEqual({ minThreads: 0, maxThreads: 2 })
  })

  it('lets waiting calls have the new threads at once', async () => {
    const pool = workPool({ maxThreads: 1 })
    const gate = new ThreadGate()
    const held = [1, 2, 3].map(async () => await pool.run('hold', [gate.buffer]))
    await until(() => gate.entered === 1)

    await pool.resize({ maxThreads: 3, minThreads: 3 })

    await until(() => gate.entered === 3)
    expect(pool.stats()).toMatchObject({ working: 3, queued: 0 })
    gate.open()
    await Promise.all(held)
  })

  it('ends idle threads at once', async () => {
    const pool = workPool({ minThreads: 3, maxThreads: 3 })
    await until(() => pool.stats().idle === 3)

    await pool.resize({ minThreads: 1, maxThreads: 1 })

    expect(pool.stats()).toMatchObject({ threads: 1, idle: 1, crashed: 0 })
    await until(() => liveThreads() === 1)
  })

  it('ends a busy thread after its running call, whatever waits in the queue', async () => {
    const pool = workPool({ maxThreads: 2 })
    const gates = [new ThreadGate(), new ThreadGate()]
    const log = new Log()
    const [first, second] = gates.map(async (gate) => await pool.run('hold', [gate.buffer]))
    await until(() => gates.every((gate) => gate.entered === 1))
    const queued = Array.from(
      { length: 300 },
      async (_, index) => await pool.run('note', [log.buffer, index]),
    )

    const resized = pool.resize({ maxThreads: 1 })
    expect(pool.stats().queued).toBe(300)
    for (const gate of gates) gate.open()
    await Promise.all([first, second, resized])

    expect(pool.stats().threads).toBe(1)
    await Promise.all(queued)
    expect(pool.stats()).toMatchObject({ completed: 302, started: 2, crashed: 0 })
  })

  it('gives the calls behind a running one to another thread', async () => {
    const pool = workPool({ maxThreads: 2 })
    const gates = [new ThreadGate(), new ThreadGate()]
    const held = gates.map(async (gate) => await pool.run('hold', [gate.buffer]))
    await until(() => gates.every((gate) => gate.entered === 1))
    const behind = [1, 2, 3, 4].map(async (value) => await pool.run('echo', [value]))

    const resized = pool.resize({ maxThreads: 1 })
    await until(() => pool.stats().queued === 4)
    // One of the two is on the thread that stays, which has the four behind it.
    for (const gate of gates) gate.open()

    await expect(Promise.all(behind)).resolves.toEqual([1, 2, 3, 4])
    await Promise.all([resized, ...held])
    expect(pool.stats()).toMatchObject({ started: 2, threads: 1 })
  })

  it('keeps a thread that was to leave when there is room again', async () => {
    const pool = workPool({ maxThreads: 2 })
    const gate = new ThreadGate()
    const held = [1, 2].map(async () => await pool.run('hold', [gate.buffer]))
    await until(() => gate.entered === 2)

    const down = pool.resize({ maxThreads: 1 })
    const up = pool.resize({ minThreads: 2, maxThreads: 2 })
    await Promise.all([down, up])

    expect(pool.stats()).toMatchObject({ started: 2, threads: 2, working: 2 })
    gate.open()
    await Promise.all(held)
    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
    expect(pool.stats()).toMatchObject({ started: 2 })
  })

  it('waits for the running call when there are too many threads', async () => {
    const pool = workPool({ maxThreads: 2 })
    const gate = new ThreadGate()
    const held = [1, 2].map(async () => await pool.run('hold', [gate.buffer]))
    await until(() => gate.entered === 2)

    const resized = pool.resize({ maxThreads: 1 })

    await expect(stateOf(resized)).resolves.toBe('pending')
    gate.open()
    await Promise.all([resized, ...held])
    expect(pool.stats().threads).toBe(1)
  })

  it.each([
    { maxThreads: 0 },
    { minThreads: 5 },
    { minThreads: -1 },
    { maxThreads: Number.NaN },
    { maxThreads: 1.5 },
  ])('rejects %o with a RangeError and changes nothing', async (size) => {
    const pool = workPool({ minThreads: 0, maxThreads: 4 })

    await expect(pool.resize(size)).rejects.toBeInstanceOf(RangeError)

    expect(pool.size).toEqual({ minThreads: 0, maxThreads: 4 })
  })

  it('rejects what is no number with a TypeError', async () => {
    const pool = workPool()

    await expect(pool.resize({ maxThreads: '2' as never })).rejects.toBeInstanceOf(TypeError)
    await expect(pool.resize(null as never)).rejects.toBeInstanceOf(TypeError)
  })

  it('rejects with a BrokenError when threads cannot be started', async () => {
    const pool = textPool('throw new Error("no")')

    await expect(pool.resize({ minThreads: 1, maxThreads: 1 })).rejects.toBeInstanceOf(BrokenError)
  })

  it('rejects with a ClosedError after close()', async () => {
    const pool = workPool()
    await pool.close()

    await expect(pool.resize({ minThreads: 1 })).rejects.toBeInstanceOf(ClosedError)
  })

  it('rejects with a ClosedError when the pool ends before the size is reached', async () => {
    const pool = textPool('await new Promise(() => setInterval(() => {}, 1000))')

    const resized = errorOf(pool.resize({ minThreads: 1, maxThreads: 1 }))
    await pool.terminate()

    await expect(resized).resolves.toBeInstanceOf(ClosedError)
  })

  it('may be called while the pool is closing, and is refused', async () => {
    const pool = workPool({ maxThreads: 1 })
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    await until(() => gate.entered === 1)

    const closed = pool.close()
    await expect(pool.resize({ maxThreads: 2 })).rejects.toBeInstanceOf(ClosedError)
    gate.open()

    await Promise.all([held, closed])
  })
})

describe('ThreadPool.warmUp()', () => {
  it('starts maxThreads threads, all at once, and resolves when they are ready', async () => {
    const pool = workPool({ maxThreads: 3 })

    const warm = pool.warmUp()
    expect(pool.stats()).toMatchObject({ threads: 3, starting: 3 })
    await warm

    expect(pool.stats()).toMatchObject({ threads: 3, idle: 3, started: 3 })
  })

  it('counts the threads that there are', async () => {
    const pool = workPool({ maxThreads: 3 })
    await pool.run('add', [1, 2])

    await pool.warmUp(2)

    expect(pool.stats()).toMatchObject({ threads: 2, started: 2 })
  })

  it('resolves at once when there are enough', async () => {
    const pool = workPool({ maxThreads: 2 })
    await pool.warmUp(2)

    await expect(stateOf(pool.warmUp(1))).resolves.toBe('fulfilled')
    await expect(stateOf(workPool().warmUp(0))).resolves.toBe('fulfilled')
  })

  it('keeps the threads for idleTimeoutMs from when all are ready, even if that is 0', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 3, idleTimeoutMs: 0, clock })

    await pool.warmUp()
    expect(pool.stats().threads).toBe(3)
    await clock.advance(0)

    expect(pool.stats().threads).toBe(0)
  })

  it('replaces a thread that dies before all are ready', async () => {
    const starts = new Int32Array(new SharedArrayBuffer(4))
    const clock = new VirtualClock()
    const pool = textPool(
      `import { workerData } from 'node:worker_threads'
       if (Atomics.add(workerData, 0, 1) === 1) throw new Error('the second one fails')
       export const add = (a, b) => a + b`,
      { maxThreads: 2, workerOptions: { workerData: starts }, clock },
    )
    await pool.warmUp(1)

    const warm = pool.warmUp(2)
    await until(() => pool.stats().crashed === 1)
    await clock.advance(100)
    await warm

    expect(pool.stats()).toMatchObject({ idle: 2, started: 3 })
  })

  it('is content with fewer when maxThreads is lowered meanwhile', async () => {
    const pool = workPool({ maxThreads: 3 })
    const warm = pool.warmUp(3)

    await pool.resize({ maxThreads: 1 })
    await warm

    expect(pool.stats().threads).toBe(1)
  })

  it.each([-1, 4, 1.5, Number.NaN, Infinity])('rejects %d with a RangeError', async (threads) => {
    const pool = workPool({ maxThreads: 3 })

    await expect(pool.warmUp(threads)).rejects.toBeInstanceOf(RangeError)
  })

  it('rejects with a BrokenError when threads cannot be started', async () => {
    const pool = textPool('throw new Error("no")', { maxThreads: 2 })

    await expect(pool.warmUp()).rejects.toBeInstanceOf(BrokenError)
  })

  it('rejects with a ClosedError when the pool is closed, before or meanwhile', async () => {
    const pool = textPool('await new Promise(() => setInterval(() => {}, 1000))')

    const warm = errorOf(pool.warmUp(1))
    await pool.terminate()

    await expect(warm).resolves.toBeInstanceOf(ClosedError)
    await expect(pool.warmUp(1)).rejects.toBeInstanceOf(ClosedError)
  })
})

describe('ThreadPool.resize({ idleTimeoutMs })', () => {
  it('counts from the last call, at once', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, idleTimeoutMs: 100_000, clock })
    await pool.run('add', [1, 2])
    await clock.advance(600)

    await pool.resize({ idleTimeoutMs: 1000 })
    await clock.advance(399)
    expect(pool.stats().threads).toBe(1)
    await clock.advance(1)

    expect(pool.stats().threads).toBe(0)
  })

  it('can be longer than it was', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ maxThreads: 1, idleTimeoutMs: 1000, clock })
    await pool.run('add', [1, 2])

    await pool.resize({ idleTimeoutMs: Infinity })
    await clock.advance(1e9)

    expect(pool.stats().threads).toBe(1)
  })

  it.each([-1, Number.NaN])('rejects %d with a RangeError', async (idleTimeoutMs) => {
    await expect(workPool().resize({ idleTimeoutMs })).rejects.toBeInstanceOf(RangeError)
  })
})
