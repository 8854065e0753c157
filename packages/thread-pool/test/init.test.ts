import { BrokenError } from '@cupola/core'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../../../test/reason-of.ts'
import { runProgram } from '../../../test/run-program.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import { Log } from './fixtures/log.ts'
import type * as Life from './fixtures/life.ts'
import { poolOf, textPool } from './fixtures/pools.ts'

const MODULE = new URL('./fixtures/life.ts', import.meta.url)

describe('init()', () => {
  it('runs once in each thread, with workerData, before its first call', async () => {
    const log = new Log()
    const pool = poolOf<typeof Life>(MODULE, {
      minThreads: 2,
      maxThreads: 2,
      workerOptions: { workerData: log.buffer },
    })

    await pool.resize({})
    await Promise.all([pool.run('note', [5]), pool.run('note', [5])])

    expect(log.entries.filter((entry) => entry === INITED)).toHaveLength(2)
    expect(log.entries).toHaveLength(4)
  })

  it('is waited for', async () => {
    const pool = textPool(
      `let ready = false
       export async function init() {
         await new Promise((resolve) => setImmediate(resolve))
         ready = true
       }
       export const isReady = () => ready`,
    )

    await expect(pool.run('isReady', [])).resolves.toBe(true)
  })

  it('fails like a module that does not load', async () => {
    const pool = textPool(
      'export function init() { throw new RangeError("no data") }; export const one = () => 1',
    )

    const error = await errorOf(pool.run('one', []))

    expect(error).toBeInstanceOf(BrokenError)
    expect(error.message).toContain('init(), which each thread runs before it takes calls, failed')
    expect(error.cause).toEqual(new RangeError('no data'))
    expect(pool.stats().started).toBe(1)
  })

  it.each(['init', 'dispose'])('is, like dispose(), not for calling: %s', async (name) => {
    const pool = textPool('export function init() {}; export function dispose() {}')

    const error = await errorOf(pool.run(name, []))

    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toBe(
      `Cannot call "${name}": each thread runs it once by itself, at its beginning or end, expected another name`,
    )
  })

  it('need not be a function', async () => {
    const pool = textPool('export const init = 7; export const one = () => 1')

    await expect(pool.run('one', [])).resolves.toBe(1)
  })

  it('runs on the thread that called as well, if calls do', async () => {
    const log = new Log()
    const pool = poolOf<typeof Life>(MODULE, {
      maxThreads: 1,
      queueCapacity: 0,
      whenFull: 'caller-runs',
      workerOptions: { workerData: log.buffer },
    })
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    await until(() => gate.entered === 1)

    await pool.run('note', [5])

    expect(log.entries).toEqual([INITED, INITED, 5])
    gate.open()
    await held
  })
})

describe('dispose()', () => {
  it('runs when the pool is closed, and is waited for', async () => {
    const log = new Log()
    const pool = poolOf<typeof Life>(MODULE, { workerOptions: { workerData: log.buffer } })
    await pool.run('note', [5])

    await pool.close()

    expect(log.entries).toEqual([INITED, 5, DISPOSED])
  })

  it('runs when the pool shrinks', async () => {
    const log = new Log()
    const pool = poolOf<typeof Life>(MODULE, {
      minThreads: 2,
      maxThreads: 2,
      workerOptions: { workerData: log.buffer },
    })
    await pool.resize({})

    await pool.resize({ minThreads: 1, maxThreads: 1 })

    await until(() => log.entries.includes(DISPOSED))
    expect(log.entries).toEqual([INITED, INITED, DISPOSED])
  })

  it('does not run when the thread is terminated', async () => {
    const log = new Log()
    const pool = poolOf<typeof Life>(MODULE, { workerOptions: { workerData: log.buffer } })
    await pool.run('note', [5])

    await pool.terminate()

    expect(log.entries).toEqual([INITED, 5])
  })

  it('does not hold the thread for ever', async () => {
    const pool = textPool(
      'export const one = () => 1; export const dispose = () => new Promise((resolve) => setInterval(() => {}, 1000))',
    )
    await pool.run('one', [])

    await expect(pool.tryClose({ timeout: 20_000 })).resolves.toBe(true)
  })

  it('warns if it fails', async () => {
    const program = new URL('fixtures/failing-dispose-program.ts', import.meta.url)

    const { stderr, stdout, code } = await runProgram(program)

    expect(stdout).toBe('closed\n')
    expect(stderr).toContain('dispose() of a worker module failed: RangeError: not like this')
    expect(code).toBe(0)
  })
})

const INITED = 100
const DISPOSED = 200
