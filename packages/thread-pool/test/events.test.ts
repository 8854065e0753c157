import { AsyncLocalStorage } from 'node:async_hooks'
import { ClosedError } from '@cupola/core'
import type { ThreadPoolEvents } from '@cupola/thread-pool'
import { describe, expect, it } from 'vitest'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'
import { runProgram } from '../../../test/run-program.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { eventLoopTurn, until } from '../../../test/until.ts'
import { textPool, workPool } from './fixtures/pools.ts'

/** Returns, then dies at once. */
const LAST_WORDS = `
  export function returnAndExit(entered) {
    Atomics.store(entered, 0, 1)
    Atomics.wait(entered, 0, 1, 50)
    process.on('exit', () => {
      Atomics.store(entered, 0, 2)
      Atomics.notify(entered, 0)
    })
    setImmediate(() => process.exit(1))
    return 'last words'
  }`

describe('ThreadPool.on()', () => {
  it('tells of each thread when it is ready and when it has ended', async () => {
    const pool = workPool({ maxThreads: 1 })
    const told: string[] = []
    let started: number | undefined
    pool.on('threadStart', ({ threadId }) => {
      started = threadId
      told.push('start')
    })
    pool.on('threadExit', ({ threadId, error }) =>
      told.push(`exit ${threadId === started} ${error}`),
    )

    const threadId = await pool.run('whichThread', [])
    await pool.close()

    expect(started).toBe(threadId)
    expect(told).toEqual(['start', 'exit true undefined'])
  })

  it('tells of a terminated thread once, without an error', async () => {
    const pool = workPool({ maxThreads: 1 })
    const exits: ThreadPoolEvents['threadExit'][] = []
    pool.on('threadExit', (event) => exits.push(event))
    await pool.run('add', [1, 2])

    await pool.terminate()

    expect(exits).toMatchObject([{ error: undefined }])
  })

  it('tells of a thread once when it dies before its last answer has been read', async () => {
    const pool = textPool(LAST_WORDS, { maxThreads: 1 })
    const exits: ThreadPoolEvents['threadExit'][] = []
    pool.on('threadExit', (event) => exits.push(event))
    pool.on('idle', () => void pool.terminate())
    const entered = new Int32Array(new SharedArrayBuffer(4))
    const last = pool.run('returnAndExit', [entered])
    await until(() => entered[0] === 1)

    // Hears nothing until the thread is over.
    Atomics.wait(entered, 0, 1)
    Atomics.wait(entered, 0, 2, 50)

    await expect(last).resolves.toBe('last words')
    await pool.terminate()
    expect(exits).toHaveLength(1)
    expect(pool.stats()).toMatchObject({ completed: 1, failed: 0, started: 1 })
  })

  it('tells when the last open call has settled', async () => {
    const pool = workPool({ maxThreads: 2 })
    const told: number[] = []
    pool.on('idle', ({ completed }) => told.push(completed))

    await Promise.all([pool.run('add', [1, 2]), pool.run('addLater', [1, 2])])
    await pool.run('add', [1, 2])

    expect(told).toEqual([2, 3])
  })

  it('stops when disposed, and when its signal aborts', async () => {
    const pool = workPool()
    const controller = new AbortController()
    const told: string[] = []
    const listening = pool.on('idle', () => told.push('disposed'))
    pool.on('idle', () => told.push('aborted'), { signal: controller.signal })

    await pool.run('add', [1, 2])
    listening[Symbol.dispose]()
    controller.abort()
    await pool.run('add', [1, 2])

    expect(told).toEqual(['disposed', 'aborted'])
  })

  it('throws a TypeError for a listener that is none', () => {
    const pool = workPool()

    expect(() => pool.on('idle', 'listener' as never)).toThrow(TypeError)
  })

  it('makes what a listener throws an uncaught exception, and goes on', async () => {
    const program = new URL('fixtures/throwing-listener-program.ts', import.meta.url)

    const { stdout, stderr, code } = await runProgram(program)

    expect({ stdout, stderr, code }).toEqual({
      stdout: 'uncaught: threadStart\nuncaught: idle\nresult: 3\nuncaught: threadExit\nclosed\n',
      stderr: '',
      code: 0,
    })
  })
})

describe('a listener', () => {
  it('may call a function when a thread has died', async () => {
    const pool = textPool(
      'export const exit = () => process.exit(1); export const add = (a, b) => a + b',
      { maxThreads: 1 },
    )
    const sums: unknown[] = []
    pool.on('threadExit', ({ error }) => {
      if (error !== undefined) sums.push(pool.run('add', [1, 2]))
    })

    await errorOf(pool.run('exit', []))
    await until(() => sums.length === 1)

    await expect(Promise.all(sums)).resolves.toEqual([3])
  })

  it('may end the pool when a thread has died: calls that had not begun fail for its reason', async () => {
    const pool = textPool(
      'export const exit = () => process.exit(1); export const add = (a, b) => a + b',
      { maxThreads: 1 },
    )
    pool.on('threadExit', () => void pool.terminate('a thread died'))

    const died = errorOf(pool.run('exit', []))
    const behind = [1, 2, 3].map(async (value) => await reasonOf(pool.run('add', [value, 0])))

    await expect(died).resolves.toHaveProperty('code', 'ERR_BROKEN')
    await expect(Promise.all(behind)).resolves.toEqual(Array.from(behind, () => 'a thread died'))
  })

  it('may end the pool when a thread is killed for a call', async () => {
    const pool = workPool({ maxThreads: 1, interruption: { replaceThread: true } })
    const controller = new AbortController()
    const gate = new ThreadGate()
    pool.on('threadExit', () => void pool.terminate('a thread was killed'))
    const held = reasonOf(pool.run('hold', [gate.buffer], { signal: controller.signal }))
    const behind = [1, 2, 3].map(async (value) => await reasonOf(pool.run('add', [value, 0])))
    await until(() => gate.entered === 1)

    controller.abort('given up')

    await expect(held).resolves.toBe('given up')
    await expect(Promise.all(behind)).resolves.toEqual(
      Array.from(behind, () => 'a thread was killed'),
    )
  })

  it('may end the pool when a thread leaves', async () => {
    const pool = workPool({ minThreads: 2, maxThreads: 2 })
    await pool.resize({})
    const gates = [new ThreadGate(), new ThreadGate()] as const
    const held = gates.map(async (gate) => await pool.run('hold', [gate.buffer]).catch(String))
    await until(() => gates.every((gate) => gate.entered === 1))
    // The first is to leave: they are equally busy.
    const behind = [1, 2, 3].map(async (value) => await reasonOf(pool.run('add', [value, 0])))
    await eventLoopTurn()
    pool.on('threadExit', () => void pool.terminate('a thread left'))

    const resized = pool.resize({ minThreads: 1, maxThreads: 1 }).catch(() => {})
    gates[0].open()

    await expect(Promise.all(held)).resolves.toEqual(['held', 'a thread left'])
    await expect(Promise.all(behind)).resolves.toEqual(Array.from(behind, () => 'a thread left'))
    await resized
  })

  it('may end the pool when it is idle or a thread is ready', async () => {
    const ready = workPool({ maxThreads: 1 })
    ready.on('threadStart', () => void ready.terminate('enough'))
    const idle = workPool({ maxThreads: 1 })
    idle.on('idle', () => void idle.terminate())

    await expect(reasonOf(ready.run('add', [1, 2]))).resolves.toBe('enough')
    await expect(idle.run('add', [1, 2])).resolves.toBe(3)
    expect(idle.closed).toBe(true)
  })

  it('cannot call a function of a pool that is being terminated', async () => {
    const pool = workPool({ maxThreads: 1 })
    const late: Promise<unknown>[] = []
    pool.on('idle', () => late.push(errorOf(pool.run('add', [1, 2]))))
    const call = reasonOf(pool.run('add', [1, 2]))

    await pool.terminate('over')

    await expect(call).resolves.toBe('over')
    await expect(Promise.all(late)).resolves.toEqual([expect.any(ClosedError)])
  })
})

describe('ThreadPool.stats()', () => {
  it('is frozen, and tells what became of calls and threads', async () => {
    const pool = textPool(
      `export const add = (a, b) => a + b
       export const fail = () => { throw new Error('failed') }
       export const exit = () => process.exit(1)`,
      { maxThreads: 1 },
    )
    await pool.run('add', [1, 2])
    await errorOf(pool.run('fail', []))
    await errorOf(pool.run('exit', []))
    const controller = new AbortController()
    const given = reasonOf(pool.run('add', [1, 2], { signal: controller.signal }))
    controller.abort('up')
    await given
    await pool.run('add', [1, 2])

    const stats = pool.stats()

    expect(stats).toEqual({
      threads: 1,
      starting: 0,
      working: 0,
      idle: 1,
      queued: 0,
      accepted: 5,
      completed: 2,
      failed: 2,
      cancelled: 1,
      dropped: 0,
      retried: 0,
      waiting: 0,
      started: 2,
      mostThreads: 1,
      recycled: 0,
      crashed: 1,
      lost: 0,
      interrupted: { idle: 0, signal: 0, checkpoint: 0, execution: 0, thread: 0 },
      executionTerminable: true,
      durations: undefined,
    })
    expect(Object.isFrozen(stats)).toBe(true)
  })

  it('counts the calls that wait', async () => {
    const pool = workPool({ maxThreads: 1 })
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    const waiting = [1, 2, 3].map(async (value) => await pool.run('echo', [value]))
    await until(() => gate.entered === 1)

    expect(pool.stats()).toMatchObject({ working: 1, queued: 3, threads: 1, idle: 0 })
    gate.open()
    await Promise.all([held, ...waiting])
  })
})

describe('AsyncLocalStorage', () => {
  const storage = new AsyncLocalStorage<string>()

  it('is that of the caller when a call has settled', async () => {
    const pool = workPool({ maxThreads: 1 })

    const seen = await Promise.all(
      ['a', 'b', 'c'].map(
        async (name) =>
          await storage.run(name, async () => {
            await pool.run('add', [1, 2])
            const after = storage.getStore()
            await pool.run('echo', [() => {}]).catch(() => {})
            return [after, storage.getStore()]
          }),
      ),
    )

    expect(seen).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      ['c', 'c'],
    ])
  })

  it('is that of whoever made the pool for listeners, not of the call that started a thread', async () => {
    const seen: unknown[] = []
    const pool = storage.run('maker', () => workPool({ maxThreads: 1 }))
    pool.on('threadStart', () => seen.push(storage.getStore()))
    pool.on('idle', () => seen.push(storage.getStore()))

    await storage.run('caller', async () => await pool.run('add', [1, 2]))

    expect(seen).toEqual(['maker', 'maker'])
  })
})
