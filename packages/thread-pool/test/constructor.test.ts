import { availableParallelism } from 'node:os'
import { ThreadPool } from '@cupola/thread-pool'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn, until } from '../../../test/until.ts'
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
