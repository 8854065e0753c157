import { BrokenError, ClosedError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { eventLoopTurn, until } from '../../../test/until.ts'
import { poolOf, workPool } from './fixtures/pools.ts'
import type * as Settings from './fixtures/settings.ts'

const MODULE = new URL('./fixtures/settings.ts', import.meta.url)

describe('ThreadPool.broadcast()', () => {
  it('calls the function on every thread and says what each made of it', async () => {
    const pool = workPool({ minThreads: 3, maxThreads: 3 })
    await pool.resize({})

    const results = await pool.broadcast('whichThread', [])

    expect(results.map(({ value }) => value)).toEqual(results.map(({ threadId }) => threadId))
    expect(new Set(results.map(({ threadId }) => threadId)).size).toBe(3)
  })

  it('starts no thread', async () => {
    const pool = workPool()

    await expect(pool.broadcast('whichThread', [])).resolves.toEqual([])

    expect(pool.stats().started).toBe(0)
  })

  it('reaches threads that are still starting', async () => {
    const pool = workPool({ minThreads: 2, maxThreads: 2 })

    await expect(pool.broadcast('whichThread', [])).resolves.toHaveLength(2)
  })

  it('waits behind what a thread has, and starts no thread for it', async () => {
    const pool = poolOf<typeof Settings>(MODULE, { minThreads: 1, maxThreads: 4 })
    await pool.resize({})
    const gate = new ThreadGate()
    const before = pool.run('holdAndGet', [gate.buffer])
    await until(() => gate.entered === 1)

    const told = pool.broadcast('set', ['new'])
    const after = pool.run('get', [])
    await until(() => pool.stats().started === 2)
    gate.open()

    await expect(before).resolves.toBe('none')
    await expect(told).resolves.toHaveLength(1)
    await after
    expect(pool.stats().started).toBe(2)
  })

  it('comes before what is called after it', async () => {
    const pool = poolOf<typeof Settings>(MODULE, { minThreads: 1, maxThreads: 1 })
    await pool.resize({})

    void pool.broadcast('set', ['new'])

    await expect(pool.run('get', [])).resolves.toBe('new')
  })

  it('waits for room on a thread that has all the calls it can be sent', async () => {
    const pool = workPool({ minThreads: 1, maxThreads: 1 })
    await pool.resize({})
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    await until(() => gate.entered === 1)

    const told = Array.from({ length: 300 }, async () => await pool.broadcast('countCalls', []))
    gate.open()

    await held
    const counts = (await Promise.all(told)).map((results) => results[0]?.value)
    expect(counts).toEqual(Array.from({ length: 300 }, (_, index) => index + 1))
  })

  it('is not lent to another thread', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ minThreads: 2, maxThreads: 2, clock })
    await pool.resize({})
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    await until(() => gate.entered === 1)

    const told = pool.broadcast('whichThread', [])
    await clock.advance(10)
    // Has the other thread look for something to do.
    await pool.run('add', [1, 2])
    await clock.advance(10)
    await pool.run('add', [1, 2])
    gate.open()

    await held
    const results = await told
    expect(results.map(({ value }) => value)).toEqual(results.map(({ threadId }) => threadId))
  })

  it('stays on its thread when a call of a higher priority overtakes it', async () => {
    const pool = workPool({ minThreads: 2, maxThreads: 2 })
    await pool.resize({})
    const gates = [new ThreadGate(), new ThreadGate()] as const
    const held = gates.map(async (gate) => await pool.run('hold', [gate.buffer]))
    await until(() => gates.every((gate) => gate.entered === 1))

    const told = pool.broadcast('whichThread', [])
    const urgent = pool.run('add', [1, 2], { priority: 100 })
    gates[0].open()
    await urgent
    // The free thread would have begun it before this.
    await pool.run('add', [1, 2])
    gates[1].open()

    await Promise.all(held)
    const results = await told
    expect(results.map(({ value }) => value)).toEqual(results.map(({ threadId }) => threadId))
  })

  it('waits for all, then throws the first failure', async () => {
    const pool = poolOf<typeof Settings>(MODULE, { minThreads: 2, maxThreads: 2 })
    await pool.resize({})

    await expect(pool.broadcast('fail', [])).rejects.toThrow(new RangeError('no'))

    expect(pool.stats()).toMatchObject({ failed: 2, idle: 2 })
  })

  it('fails with a BrokenError where a thread dies of it', async () => {
    const pool = poolOf<typeof Settings>(MODULE, { minThreads: 1, maxThreads: 1 })
    await pool.resize({})

    expect(await errorOf(pool.broadcast('exit', []))).toBeInstanceOf(BrokenError)
  })

  it('fails with a BrokenError where a thread dies before its turn', async () => {
    const pool = poolOf<typeof Settings>(MODULE, { minThreads: 1, maxThreads: 1 })
    await pool.resize({})
    const gate = new ThreadGate()
    const exiting = errorOf(pool.run('holdAndExit', [gate.buffer]))
    await until(() => gate.entered === 1)

    const told = errorOf(pool.broadcast('get', []))
    await eventLoopTurn()
    gate.open()

    expect(await exiting).toBeInstanceOf(BrokenError)
    expect(await told).toBeInstanceOf(BrokenError)
  })

  it('leaves out a thread that is asked to end before its turn', async () => {
    const pool = poolOf<typeof Settings>(MODULE, { minThreads: 2, maxThreads: 2 })
    await pool.resize({})
    const gates = [new ThreadGate(), new ThreadGate()]
    const held = gates.map(async (gate) => await pool.run('holdAndGet', [gate.buffer]))
    await until(() => gates.every((gate) => gate.entered === 1))

    const told = pool.broadcast('set', ['new'])
    const resized = pool.resize({ minThreads: 0, maxThreads: 1 })
    for (const gate of gates) gate.open()

    await resized
    await Promise.all(held)
    await expect(told).resolves.toHaveLength(1)
  })

  it('rejects with the reason of a signal and takes back what has not begun', async () => {
    const pool = poolOf<typeof Settings>(MODULE, { minThreads: 1, maxThreads: 1 })
    await pool.resize({})
    const gate = new ThreadGate()
    const held = pool.run('holdAndGet', [gate.buffer])
    await until(() => gate.entered === 1)
    const controller = new AbortController()
    const told = pool.broadcast('set', ['new'], { signal: controller.signal })

    controller.abort('enough')

    await expect(told).rejects.toBe('enough')
    gate.open()
    await held
    await expect(pool.run('get', [])).resolves.toBe('none')
  })

  it('rejects with the reason of terminate(), which does not list it', async () => {
    const pool = poolOf<typeof Settings>(MODULE, { minThreads: 1, maxThreads: 1 })
    const told = reasonOf(pool.broadcast('get', []))

    const report = await pool.terminate('all over')

    await expect(told).resolves.toBe('all over')
    expect(report.unbegun).toEqual([])
  })

  it('is finished by close()', async () => {
    const pool = poolOf<typeof Settings>(MODULE, { minThreads: 1, maxThreads: 1 })
    const told = pool.broadcast('get', [])

    await pool.close()

    await expect(told).resolves.toHaveLength(1)
    await expect(pool.broadcast('get', [])).rejects.toBeInstanceOf(ClosedError)
  })

  it('rejects arguments that cannot be cloned', async () => {
    const pool = workPool()

    const reason = await reasonOf(pool.broadcast('echo', [() => {}]))

    expect(reason).toMatchObject({ name: 'DataCloneError' })
  })
})

describe('ThreadPool.broadcast(), replayed', () => {
  it('reaches threads that start later, before they take calls', async () => {
    const pool = poolOf<typeof Settings>(MODULE, { maxThreads: 2 })

    await pool.broadcast('set', ['new'], { replay: true })

    await expect(pool.run('get', [])).resolves.toBe('new')
  })

  it('reaches each thread once', async () => {
    const pool = poolOf<typeof Settings>(MODULE, { minThreads: 1, maxThreads: 1 })

    await expect(pool.broadcast('append', ['a'], { replay: true })).resolves.toHaveLength(1)

    await expect(pool.run('get', [])).resolves.toBe('nonea')
  })

  it('keeps the last of each function, in the order of the last', async () => {
    const pool = poolOf<typeof Settings>(MODULE)

    await pool.broadcast('append', ['a'], { replay: true })
    await pool.broadcast('set', ['x'], { replay: true })
    await pool.broadcast('append', ['b'], { replay: true })

    await expect(pool.run('get', [])).resolves.toBe('xb')
  })

  it('reaches the replacement of a thread that died', async () => {
    const pool = poolOf<typeof Settings>(MODULE, { minThreads: 1, maxThreads: 1 })
    await pool.broadcast('set', ['new'], { replay: true })
    await errorOf(pool.run('exit', []))

    await expect(pool.run('get', [])).resolves.toBe('new')
  })

  it('is not done without being asked for', async () => {
    const pool = poolOf<typeof Settings>(MODULE)

    await pool.broadcast('set', ['new'])

    await expect(pool.run('get', [])).resolves.toBe('none')
  })

  it('has copied its arguments', async () => {
    const pool = poolOf<typeof Settings>(MODULE)
    const list = ['a']
    await pool.broadcast('setList', [list], { replay: true })

    list.push('b')

    await expect(pool.run('get', [])).resolves.toBe('a')
  })
})
