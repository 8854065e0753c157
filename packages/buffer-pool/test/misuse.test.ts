import { PassThrough } from 'node:stream'
import {
  BufferPool,
  DoubleReleaseError,
  ForeignReleaseError,
  UseAfterReleaseError,
} from '@cupola/buffer-pool'
import { CupolaError } from '@cupola/core'
import { describe, expect, it } from 'vitest'
import { reasonOf, thrownBy } from '../../../test/reason-of.ts'
import { eventLoopTurn } from '../../../test/until.ts'

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

describe('a buffer whose owner ends in several ways at once', () => {
  it('comes back once, from a function that releases it and throws', async () => {
    const pool = newPool()

    const failing = pool.run(2, (buffer) => {
      using _same = buffer
      buffer.release()
      throw new Error('mine')
    })

    expect(await reasonOf(failing)).toEqual(new Error('mine'))
    expect(pool.stats()).toMatchObject({ used: 0, takes: 1, returns: 1 })
    expectGood(pool)
  })

  it('comes back once, when the stream of it is destroyed on its way', async () => {
    const pool = newPool()
    {
      using buffer = pool.allocate(4).set('x'.repeat(64))
      const stream = buffer.toReadable()
      const chunks = stream[Symbol.asyncIterator]()
      await chunks.next()
      stream.destroy(new Error('mine'))

      expect(await reasonOf(chunks.next())).toEqual(new Error('mine'))
      expect(buffer.toString()).toBe('x'.repeat(64))
    }

    expect(pool.stats()).toMatchObject({ used: 0, returns: 1 })
    expectGood(pool)
  })

  it('comes back once, when what fills it is destroyed on its way', async () => {
    const pool = newPool()
    const source = new PassThrough()
    const filling = pool.run(4, (buffer) => buffer.appendFrom(source))
    source.write('x'.repeat(20))
    await eventLoopTurn()

    source.destroy(new Error('mine'))

    expect(await reasonOf(filling)).toEqual(new Error('mine'))
    expect(pool.stats()).toMatchObject({ used: 0, returns: 1 })
    expectGood(pool)
  })

  it('comes back once, when it is released while something writes to it', async () => {
    const pool = newPool()
    const source = new PassThrough()
    const buffer = pool.allocate(4)
    const filling = reasonOf(buffer.appendFrom(source))
    source.write('x'.repeat(20))
    await eventLoopTurn()

    pool.release(buffer)
    source.write('late')

    expect(await filling).toBeInstanceOf(UseAfterReleaseError)
    expect(() => pool.release(buffer)).toThrow(DoubleReleaseError)
    expectGood(pool)
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
