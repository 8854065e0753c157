import {
  BufferPool,
  DoubleReleaseError,
  ForeignReleaseError,
  UseAfterReleaseError,
} from '@cupola/buffer-pool'
import { CupolaError } from '@cupola/core'
import { describe, expect, it } from 'vitest'
import { thrownBy } from './fixtures/thrown-by.ts'

const newPool = (): BufferPool => new BufferPool({ blockSize: 16, maxBlocks: 4 })

/** Everything works: all blocks can be lent, and hold what is written. */
function expectGood(pool: BufferPool): void {
  const { free } = pool.stats()
  const buffer = pool.allocate(free)
  const text = 'x'.repeat(buffer.capacity)
  expect(buffer.set(text).toString()).toBe(text)
  buffer.release()
  expect(pool.stats().free).toBe(free)
}

describe('a buffer that is released twice', () => {
  it('is a DoubleReleaseError, and the pool has its blocks once', () => {
    const pool = newPool()
    const buffer = pool.allocate(2)
    buffer.release()

    const error = thrownBy(() => buffer.release())

    expect(error).toBeInstanceOf(DoubleReleaseError)
    expect(error).toMatchObject({
      code: 'ERR_DOUBLE_RELEASE',
      name: 'DoubleReleaseError',
      message: 'Cannot release the buffer 1: it was released already',
      bufferId: 1,
    })
    expect(pool.stats()).toMatchObject({ used: 0, free: 4, returns: 1 })
    expectGood(pool)
  })

  it('is one through the pool as well', () => {
    const pool = newPool()
    const buffer = pool.allocate(1)
    pool.release(buffer)

    expect(() => pool.release(buffer)).toThrow(DoubleReleaseError)
    expectGood(pool)
  })

  it('does not take the blocks from whoever has them by then', () => {
    const pool = newPool()
    const first = pool.allocate(4)
    first.release()
    const second = pool.allocate(4).set('mine')

    expect(() => first.release()).toThrow(DoubleReleaseError)

    expect(second.toString()).toBe('mine')
    expect(pool.tryAllocate(1)).toBeUndefined()
  })

  it('is none where `using` ends after an early release', () => {
    const pool = newPool()
    {
      using buffer = pool.allocate(1)
      buffer.release()
    }

    expect(pool.stats().returns).toBe(1)
  })
})

describe('a buffer that is released to another pool', () => {
  it('is a ForeignReleaseError, and stays good', () => {
    const [own, other] = [newPool(), newPool()]
    const buffer = own.allocate(1).set('mine')

    const error = thrownBy(() => other.release(buffer))

    expect(error).toBeInstanceOf(ForeignReleaseError)
    expect(error).toMatchObject({
      code: 'ERR_FOREIGN_RELEASE',
      name: 'ForeignReleaseError',
      message: 'Cannot release the buffer 1: it is from another pool',
      bufferId: 1,
    })
    expect(buffer.toString()).toBe('mine')
    buffer.release()
    expectGood(own)
    expectGood(other)
  })
})

describe('a buffer that is used after its release', () => {
  it('is a UseAfterReleaseError, and whoever has the blocks by then is not disturbed', () => {
    const pool = newPool()
    const buffer = pool.allocate(4)
    buffer.release()
    const next = pool.allocate(4).set('mine')

    expect(() => buffer.set('text')).toThrow(UseAfterReleaseError)

    expect(next.toString()).toBe('mine')
    next.release()
    expectGood(pool)
  })

  it('is one where somebody reads on', () => {
    const buffer = newPool().allocate(1).set('text')
    const reader = buffer.reader()
    buffer.release()

    expect(() => reader.read('UInt8')).toThrow(UseAfterReleaseError)
  })
})

describe('errors of misuse', () => {
  it('are errors of the toolkit', () => {
    for (const Class of [DoubleReleaseError, ForeignReleaseError]) {
      expect(new Class(1)).toBeInstanceOf(CupolaError)
    }
    expect(new UseAfterReleaseError('read', 1)).toBeInstanceOf(CupolaError)
  })
})
