import { getEventListeners } from 'node:events'
import { pipeline } from '@cupola/pipeline'
import { ThreadPool } from '@cupola/thread-pool'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import type * as work from './fixtures/work.ts'
import { failureOf } from '../../../test/failure-of.ts'

type Work = typeof work

expectNoLeaks()

describe('Pipeline.via()', () => {
  let pool: ThreadPool<Work>
  beforeEach(() => {
    pool = new ThreadPool(new URL('./fixtures/work.ts', import.meta.url), { maxThreads: 2 })
  })
  afterEach(() => pool.close())

  it('calls a function of the pool with each item and keeps the order', async () => {
    const numbers = Array.from({ length: 100 }, (_, n) => n)

    const { stages } = await pipeline(numbers).via(pool, 'square').run()

    expect(await pipeline(numbers).via(pool, 'square').toArray()).toEqual(numbers.map((n) => n * n))
    expect(stages[0]).toEqual({ name: 'via square', taken: 100, done: 100, inFlight: 0 })
  })

  it('has as many calls open as two for each thread the pool may have', async () => {
    const controller = new AbortController()
    const numbers = pipeline(Array.from({ length: 100 }, (_, n) => n)).via(pool, 'loop')
    const caught = failureOf(numbers.run({ signal: controller.signal }))

    const { working, queued } = pool.stats()
    controller.abort('enough')

    expect(await caught).toBe('enough')
    expect(working + queued).toBe(4)
  })

  it('throws a TypeError for what is no pool', () => {
    const none = undefined as unknown as ThreadPool<Work>

    expect(() => pipeline([1]).via(none, 'square')).toThrow(TypeError)
  })

  it('rejects with the error of the function', async () => {
    const failing = pipeline(['bad item']).via(pool, 'fail').run()

    await expect(failing).rejects.toThrow(new RangeError('bad item'))
  })

  it('ends calls that run when it is aborted, and leaves the pool to others', async () => {
    const controller = new AbortController()
    const started = new Promise((resolve) => pool.on('threadStart', resolve))
    const running = pipeline([1, 2, 3])
      .via(pool, 'loop', { concurrency: 3 })
      .run({ signal: controller.signal })
    const caught = failureOf(running)
    await started

    controller.abort('enough')

    expect(await caught).toBe('enough')
    expect(await pipeline([3]).via(pool, 'square').toArray()).toEqual([9])
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })

  it('fails with the refusal of a closed pool', async () => {
    await pool.close()

    await expect(pipeline([1]).via(pool, 'square').run()).rejects.toMatchObject({
      code: 'ERR_CLOSED',
    })
  })
})
