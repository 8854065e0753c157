// How waits end that are aborted or late: the same for both pools.
import { getEventListeners } from 'node:events'
import { BufferPool, SharedBufferPool } from '@cupola/buffer-pool'
import { TimeoutError } from '@cupola/core'
import { describe, expect, it } from 'vitest'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'

describe.each([
  ['BufferPool', () => new BufferPool({ blockSize: 16, maxBlocks: 4 })],
  ['SharedBufferPool', () => new SharedBufferPool({ blockSize: 16, maxBlocks: 4 })],
] as const)('%s.acquire()', (_, newPool) => {
  it('takes nothing if the signal has aborted before', async () => {
    const pool = newPool()

    expect(await reasonOf(pool.acquire(1, { signal: AbortSignal.abort('no') }))).toBe('no')

    expect(pool.stats()).toMatchObject({ used: 0, takes: 0, waiting: 0 })
  })

  it('leaves with the reason if it aborts meanwhile, and lets those behind go on', async () => {
    const pool = newPool()
    const buffer = pool.allocate(3)
    const controller = new AbortController()
    const { signal } = controller
    const large = reasonOf(pool.acquire(4, { signal }))
    const modest = pool.acquire(1)

    controller.abort('gave up')

    expect(await large).toBe('gave up')
    ;(await modest).release()
    buffer.release()
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(pool.stats()).toMatchObject({ used: 0, waiting: 0 })
  })

  it('minds no signal that aborts afterwards', async () => {
    const pool = newPool()
    const buffer = pool.allocate(4)
    const controller = new AbortController()
    const { signal } = controller
    const waiting = pool.acquire(1, { signal })
    buffer.release()
    const granted = await waiting

    controller.abort('late')

    expect(granted.set('mine').toString()).toBe('mine')
    expect(getEventListeners(signal, 'abort')).toEqual([])
    granted.release()
  })

  it('either has the buffer or leaves it to others, when both happen at once', async () => {
    const pool = newPool()
    const buffer = pool.allocate(4)
    const controller = new AbortController()
    const first = pool.acquire(4, { signal: controller.signal }).catch((reason: unknown) => reason)
    const second = pool.acquire(4)

    buffer.release()
    controller.abort('at once')

    const outcome = await first
    if (outcome !== 'at once') pool.release(outcome as never)
    ;(await second).release()
    expect(pool.stats()).toMatchObject({ used: 0, waiting: 0, free: 4 })
  })

  it('has nothing of a whole crowd that gives up by one signal', async () => {
    const pool = newPool()
    const buffer = pool.allocate(4)
    const controller = new AbortController()
    const { signal } = controller
    const crowd = Array.from({ length: 10 }, () => reasonOf(pool.acquire(1, { signal })))
    const last = pool.acquire(4)

    controller.abort('all')
    buffer.release()

    expect(await Promise.all(crowd)).toEqual(Array.from({ length: 10 }, () => 'all'))
    expect((await last).capacity).toBe(64)
  })

  it('times out, and what comes back later is for somebody else', async () => {
    const pool = newPool()
    const buffer = pool.allocate(4)

    expect(await errorOf(pool.acquire(1, { timeout: 0 }))).toEqual(
      new TimeoutError(
        pool instanceof BufferPool ? 'acquire a buffer' : 'acquire a shared buffer',
        0,
      ),
    )
    expect(await errorOf(pool.acquire(1, { timeout: 1 }))).toBeInstanceOf(TimeoutError)
    buffer.release()

    expect(pool.allocate(4).capacity).toBe(64)
  })
})
