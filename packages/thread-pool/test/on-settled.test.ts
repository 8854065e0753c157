import { AsyncLocalStorage } from 'node:async_hooks'
import { ClosedError, FullError } from '@cupola/core'
import type { Settlement } from '@cupola/thread-pool'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import { poolOf, sharedPool, textPool, workPool } from './fixtures/pools.ts'
import type * as Work from './fixtures/work.ts'

const shared = sharedPool<typeof Work>(new URL('./fixtures/work.ts', import.meta.url))

/** Notes what it is told. */
function listener(): {
  readonly told: Settlement<unknown>[]
  readonly onSettled: (settlement: Settlement<unknown>) => void
} {
  const told: Settlement<unknown>[] = []
  return { told, onSettled: (settlement) => told.push(settlement) }
}

describe('onSettled', () => {
  it('is told the value, once, before those who await the call', async () => {
    const { told, onSettled } = listener()

    await shared.run('add', [2, 3], { onSettled })

    expect(told).toEqual([{ ok: true, value: 5 }])
  })

  it('is told the error that the promise rejects with, which then counts as handled', async () => {
    const pool = textPool('export function fail() { throw new RangeError("no") }')
    const { told, onSettled } = listener()

    void pool.run('fail', [], { onSettled })
    await until(() => told.length > 0)

    expect(told).toEqual([{ ok: false, error: new RangeError('no') }])
  })

  it('is told why a call was given up', async () => {
    const { told, onSettled } = listener()

    void shared.run('add', [2, 3], { onSettled, signal: AbortSignal.abort('enough') })
    await until(() => told.length > 0)

    expect(told).toEqual([{ ok: false, error: 'enough' }])
  })

  it('is told of a closed pool', async () => {
    const pool = workPool()
    await pool.close()
    const { told, onSettled } = listener()

    void pool.run('add', [2, 3], { onSettled })
    await until(() => told.length > 0)

    expect(told).toEqual([{ ok: false, error: expect.any(ClosedError) }])
  })

  it('is told of a full pool', async () => {
    const pool = poolOf<typeof Work>(new URL('./fixtures/work.ts', import.meta.url), {
      maxThreads: 1,
      queueCapacity: 0,
    })
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    const { told, onSettled } = listener()

    void pool.run('add', [2, 3], { onSettled })
    await until(() => told.length > 0)

    expect(told).toEqual([{ ok: false, error: expect.any(FullError) }])
    gate.open()
    await held
  })

  it('runs in the async context of whoever called', async () => {
    const storage = new AsyncLocalStorage<string>()
    const stores: unknown[] = []

    storage.run('mine', () => {
      void shared.run('add', [2, 3], { onSettled: () => stores.push(storage.getStore()) })
    })
    await until(() => stores.length > 0)

    expect(stores).toEqual(['mine'])
  })

  it('must be a function', async () => {
    await expect(shared.run('add', [2, 3], { onSettled: 'no' as never })).rejects.toThrow(TypeError)
  })

  it('may throw, which is an uncaught exception and disturbs nothing else', async () => {
    const program = new URL('fixtures/throwing-on-settled-program.ts', import.meta.url)

    const { stdout, code } = await runProgram(program)

    expect(stdout).toBe('uncaught: from the callback\nvalue: 5\n')
    expect(code).toBe(0)
  })
})
