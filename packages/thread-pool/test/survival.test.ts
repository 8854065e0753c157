import { BrokenError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { reasonOf } from '../../../test/reason-of.ts'
import { stateOf } from '../../../test/state-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import { makeHoldShort, textPool, workPool } from './fixtures/pools.ts'

const module = `
  export function add(a, b) { return a + b }
  export function size(array) { return array.length }
  export function leaveBomb() { setTimeout(() => { throw new Error('bomb') }); return 'done' }
`

describe('a pool', () => {
  it('goes on when threads that have served calls die one after the other', async () => {
    const pool = textPool(module, { maxThreads: 1 })

    for (let deaths = 1; deaths <= 5; deaths++) {
      await pool.run('leaveBomb', [])
      await until(() => pool.stats().crashed === deaths)
    }

    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
  })

  it('lets a module enter async scopes at import, and between two calls', async () => {
    const pool = textPool(
      `
      import { AsyncResource } from 'node:async_hooks'
      let entered = AsyncResource.bind(() => 1)()
      export function leaveScope() { queueMicrotask(() => entered++) }
      export function count() { return entered }
    `,
      { maxThreads: 1 },
    )

    await expect(pool.run('count', [])).resolves.toBe(1)
    await pool.run('leaveScope', [])

    await expect(pool.run('count', [])).resolves.toBe(2)
    expect(pool.stats().crashed).toBe(0)
  })

  it.each(['breakArrays', 'breakArraysLater'])(
    'replaces a thread whose module lets it live on after %s',
    async (name) => {
      const pool = textPool(
        `
        process.on('uncaughtException', () => {})
        process.on('unhandledRejection', () => {})
        const fail = () => { throw new Error('broken') }
        export function breakArrays() { Array.prototype.push = fail }
        export async function breakArraysLater() { await null; breakArrays() }
        export function add(a, b) { return a + b }
      `,
        { maxThreads: 1 },
      )

      await expect(pool.run(name, [])).rejects.toBeInstanceOf(BrokenError)
      await expect(pool.run('add', [1, 2])).resolves.toBe(3)
    },
  )

  it('rejects a call whose arguments no thread survives, and serves the others', async () => {
    const pool = textPool(module, {
      maxThreads: 2,
      workerOptions: { resourceLimits: { maxOldGenerationSizeMb: 16 } },
    })
    const tooLarge = Array.from({ length: 1_000_000 }, (_, index) => ({ index }))

    const deadly = reasonOf(pool.run('size', [tooLarge]))
    while ((await stateOf(deadly)) === 'pending') {
      // One may be in a thread that the other takes down.
      await Promise.allSettled([pool.run('add', [1, 2])])
    }

    await expect(deadly).resolves.toBeInstanceOf(BrokenError)
    expect(pool.stats().crashed).toBeLessThanOrEqual(3)
    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
  })

  it('settles every call when a getter of an argument ends it', async () => {
    const pool = workPool({ minThreads: 2, maxThreads: 2 })
    await pool.resize({})
    const trap = {
      get x() {
        void pool.terminate('trapped')
        return 1
      },
    }

    const calls = [0, 1, 2, 3, 4, 5].map(async (index) => {
      const args = [index === 0 ? (trap as unknown as number) : index, 1] as const
      return await pool.run('add', args)
    })

    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.filter(({ status }) => status === 'rejected')).not.toHaveLength(0)
    expect(pool.stats().queued).toBe(0)
  })

  it('leaves no timer behind when it is terminated inside a long call', async () => {
    const clock = new VirtualClock()
    const pool = workPool({ minThreads: 2, maxThreads: 2, clock })
    await pool.resize({})
    await makeHoldShort(pool)
    const gate = new ThreadGate()
    const calls = [
      reasonOf(pool.run('hold', [gate.buffer])),
      reasonOf(pool.run('add', [1, 1])).catch(() => {}),
      reasonOf(pool.run('add', [1, 2])).catch(() => {}),
    ]
    await until(() => gate.entered === 1 && clock.pending > 0)

    await pool.terminate('enough')

    await Promise.all(calls)
    expect(clock.pending).toBe(0)
  })
})
