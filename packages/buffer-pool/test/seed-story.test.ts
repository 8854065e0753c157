// The example that comes with CUP's buffers, with the meaning that it intends.
import { FullError } from '@cupola/core'
import { BlockSize, BufferPool } from '@cupola/buffer-pool'
import { describe, expect, it } from 'vitest'

const BLOCKS = 102_400

describe('a pool of 102,400 blocks of 132 KiB, which are 12.9 GiB', () => {
  const newPool = (): BufferPool =>
    new BufferPool({ blockSize: BlockSize.medium, maxBlocks: BLOCKS })

  it('refuses one block more than it has', () => {
    const pool = newPool()

    expect(() => pool.allocate(BLOCKS + 1)).toThrow(FullError)
    expect(pool.tryAllocate(BLOCKS + 1)).toBeUndefined()
    expect(pool.stats()).toMatchObject({ used: 0, free: BLOCKS })
  })

  it('counts ten that were taken, and has them all back afterwards', () => {
    const pool = newPool()

    const buffer = pool.allocate(10)
    expect(pool.stats()).toMatchObject({ used: 10, free: 102_390 })

    pool.release(buffer)
    expect(pool.stats()).toMatchObject({ used: 0, free: BLOCKS })
  })

  it('accepts a content that fits exactly, and refuses one byte more', () => {
    using buffer = newPool().allocate(10)
    const exact = 'a'.repeat(10 * BlockSize.medium)

    buffer.set(exact)
    expect(buffer.toString()).toBe(exact)

    expect(() => buffer.set(`${exact}a`)).toThrow(FullError)
    expect(buffer.length).toBe(10 * BlockSize.medium)
  })

  it('reserves memory for what is used, not for all', () => {
    const pool = newPool()
    const before = process.memoryUsage().arrayBuffers

    using _buffer = pool.allocate(10)

    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(3 * 2 ** 20)
    expect(pool.stats().reserved).toBeLessThan(20)
  })
})
