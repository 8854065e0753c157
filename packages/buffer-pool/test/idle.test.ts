import { BlockSize, BufferPool } from '@cupola/buffer-pool'
import { TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../../../test/reason-of.ts'
import { until } from '../../../test/until.ts'

const MINUTE_MS = 60_000

/** Blocks of which one is a slab. */
function newPool(initialBlocks = 0): { readonly pool: BufferPool; readonly clock: VirtualClock } {
  const clock = new VirtualClock()
  const options = { blockSize: BlockSize.large, idleTimeoutMs: MINUTE_MS, clock }
  return { pool: new BufferPool({ ...options, maxBlocks: 10, initialBlocks }), clock }
}

/** The memory that the pool's first block is in. */
function slabOf(pool: BufferPool): WeakRef<ArrayBufferLike> {
  using buffer = pool.allocate(1)
  const [bytes = Buffer.alloc(0)] = buffer.set('content').bytes()
  return new WeakRef(bytes.buffer)
}

describe('memory that nobody needs', () => {
  it('is given back after a while', async () => {
    const { pool, clock } = newPool()
    pool.allocate(5).release()
    expect(pool.stats().reserved).toBe(5)

    await clock.advance(2 * MINUTE_MS)

    expect(pool.stats()).toMatchObject({ reserved: 0, trims: 5 })
  })

  it('stays as far as it was reserved from the beginning', async () => {
    const { pool, clock } = newPool(3)
    pool.allocate(5).release()

    await clock.advance(2 * MINUTE_MS)

    expect(pool.stats().reserved).toBe(3)
  })

  it('stays as far as it was needed in between', async () => {
    const { pool, clock } = newPool()
    pool.allocate(5).release()
    for (let time = 0; time < 10; time++) {
      pool.allocate(2).release()
      await clock.advance(MINUTE_MS / 2)
    }

    expect(pool.stats().reserved).toBe(2)
  })

  it('goes although what is used is spread over all slabs at first', async () => {
    const clock = new VirtualClock()
    const options = { blockSize: 2 ** 19, idleTimeoutMs: MINUTE_MS, clock }
    const pool = new BufferPool({ ...options, maxBlocks: 8 })
    const all = Array.from({ length: 8 }, () => pool.allocate(1))
    // Of each slab of two, one comes back first.
    for (const buffer of [
      ...all.filter((_, n) => n % 2 === 1),
      ...all.filter((_, n) => n % 2 === 0),
    ]) {
      buffer.release()
    }

    for (let time = 0; time < 10; time++) {
      const pair = [pool.allocate(1), pool.allocate(1)]
      for (const buffer of pair) buffer.release()
      await clock.advance(MINUTE_MS / 2)
    }

    expect(pool.stats().reserved).toBe(2)
  })

  it('has no timer once there is none', async () => {
    const { pool, clock } = newPool()
    const buffer = pool.allocate(5)
    expect(clock.pending).toBe(0)
    buffer.release()
    expect(clock.pending).toBe(1)

    await clock.advance(2 * MINUTE_MS)

    expect(clock.pending).toBe(0)
  })

  it('has no timer once the pool is closed', async () => {
    const { pool, clock } = newPool()
    pool.allocate(5).release()

    await pool.close()

    expect(clock.pending).toBe(0)
  })

  it('goes although somebody waited for more, in vain', async () => {
    const { pool, clock } = newPool()
    const [held, rest] = [pool.allocate(1), pool.allocate(9)]
    const late = errorOf(pool.acquire(10, { timeout: 1 }))
    rest.release()

    await clock.advance(2 * MINUTE_MS)

    expect(await late).toBeInstanceOf(TimeoutError)
    expect(pool.stats()).toMatchObject({ reserved: 1, used: 1, waiting: 0 })
    held.release()
  })

  it('is there again for those who wait while it is given back', async () => {
    const { pool, clock } = newPool()
    const [held, rest] = [pool.allocate(1), pool.allocate(9)]
    const waiting = pool.acquire(10)
    rest.release()
    await clock.advance(2 * MINUTE_MS)
    expect(pool.trim()).toBe(0)
    expect(pool.stats()).toMatchObject({ reserved: 1, waiting: 1 })

    held.release()

    const buffer = await waiting
    expect(buffer.set('x'.repeat(buffer.capacity)).length).toBe(10 * BlockSize.large)
  })

  it('stays for ever if that is wanted', () => {
    const clock = new VirtualClock()
    const pool = new BufferPool({ blockSize: 16, maxBlocks: 1, idleTimeoutMs: Infinity, clock })

    pool.allocate(1).release()

    expect(clock.pending).toBe(0)
  })
})

describe('BufferPool.trim()', () => {
  it('gives back the slabs that nobody has a block of, at once', () => {
    const { pool } = newPool(2)
    const [one, other] = [pool.allocate(3), pool.allocate(3)]
    one.release()

    expect(pool.trim()).toBe(3)

    expect(pool.stats()).toMatchObject({ reserved: 3, used: 3, free: 7 })
    expect(other.set('still there').toString()).toBe('still there')
  })

  it('lets the memory go', async () => {
    const { pool } = newPool()
    const slab = slabOf(pool)

    pool.trim()

    await until(() => {
      globalThis.gc?.()
      return slab.deref() === undefined
    })
    expect(pool.stats().reserved).toBe(0)
  })

  it('leaves a pool that can lend as much as before', () => {
    const { pool } = newPool()
    pool.allocate(10).release()

    pool.trim()

    expect(pool.allocate(10).capacity).toBe(10 * BlockSize.large)
  })
})

describe('initialBlocks', () => {
  it('are reserved at once', () => {
    expect(newPool(4).pool.stats()).toMatchObject({ reserved: 4, used: 0, grows: 4 })
  })
})
