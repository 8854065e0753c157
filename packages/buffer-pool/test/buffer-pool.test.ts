import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ClosedError, FullError, TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { BlockSize, BufferPool } from '@cupola/buffer-pool'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { errorOf, reasonOf, thrownBy } from '../../../test/reason-of.ts'

const run = promisify(execFile)

const small = (maxBlocks = 4): BufferPool => new BufferPool({ blockSize: 16, maxBlocks })

describe('BlockSize', () => {
  it('has the three sizes of CUP', () => {
    expect(BlockSize).toEqual({ small: 4096, medium: 135_168, large: 1_052_672 })
  })
})

describe('BufferPool.tryAllocate()', () => {
  it('lends as many blocks as are asked for', () => {
    const pool = small()

    const buffer = pool.tryAllocate(3)

    expect(buffer?.capacity).toBe(48)
    expect(buffer?.spare().map((bytes) => bytes.length)).toEqual([16, 16, 16])
    expect(pool.stats()).toMatchObject({ used: 3, free: 1 })
  })

  it('lends all or nothing', () => {
    const pool = small()
    pool.allocate(2)

    expect(pool.tryAllocate(3)).toBeUndefined()
    expect(pool.stats()).toMatchObject({ used: 2, failures: 1 })
  })

  it('lends the blocks that were used last', () => {
    const pool = small()
    const buffer = pool.allocate(1)
    const [bytes] = buffer.spare()
    buffer.release()

    expect(pool.allocate(1).spare()[0]).toBe(bytes)
  })

  it('does not overtake those who wait', async () => {
    const pool = small()
    const first = pool.allocate(2)
    const waiting = pool.acquire(3)

    expect(pool.tryAllocate(1)).toBeUndefined()

    first.release()
    expect((await waiting).capacity).toBe(48)
  })
})

describe('BufferPool.allocate()', () => {
  it('says what was wanted and what was free', () => {
    const pool = small()
    pool.allocate(1)

    expect(() => pool.allocate(4)).toThrow(
      expect.objectContaining({ code: 'ERR_FULL', refused: { blocks: 4, free: 3 } }),
    )
  })
})

describe('BufferPool.allocateBytes()', () => {
  it.each([
    [0, 16],
    [1, 16],
    [16, 16],
    [17, 32],
    [64, 64],
  ])('makes room for %i bytes: %i', (bytes, capacity) => {
    expect(small().allocateBytes(bytes).capacity).toBe(capacity)
  })

  it('is refused what does not fit', () => {
    expect(() => small().allocateBytes(65)).toThrow(FullError)
  })
})

describe('BufferPool.acquire()', () => {
  it('lends at once what is free', async () => {
    expect((await small().acquire(4)).capacity).toBe(64)
  })

  it('serves those who wait in their order, the large before the small behind it', async () => {
    const pool = small()
    const [one, other] = [pool.allocate(2), pool.allocate(2)]
    const order: string[] = []
    const large = pool.acquire(4).then((buffer) => (order.push('large'), buffer.release()))
    const modest = pool.acquire(1).then((buffer) => (order.push('small'), buffer.release()))

    one.release()
    expect(pool.stats().waiting).toBe(2)
    other.release()
    await Promise.all([large, modest])

    expect(order).toEqual(['large', 'small'])
  })

  it('leaves when its time is up', async () => {
    const clock = new VirtualClock()
    const pool = new BufferPool({ blockSize: 16, maxBlocks: 1, clock })
    pool.allocate(1)
    const waiting = errorOf(pool.acquire(1, { timeout: 100 }))

    await clock.advance(100)

    expect(await waiting).toBeInstanceOf(TimeoutError)
    expect(pool.stats().waiting).toBe(0)
  })

  it('is refused at once what the pool will never have', async () => {
    const error = await errorOf(small().acquire(5))

    expect(error).toBeInstanceOf(FullError)
    expect(error.message).toBe('Cannot allocate a buffer: 4 of 4 blocks are free, not 5')
  })
})

describe('BufferPool.run()', () => {
  it('gives what the function gives, and releases the buffer', async () => {
    const pool = small()

    expect(await pool.run(2, (buffer) => buffer.set('text').toString())).toBe('text')
    expect(pool.stats().used).toBe(0)
  })

  it('releases the buffer of a function that throws', async () => {
    const pool = small()

    expect(await reasonOf(pool.run(1, () => Promise.reject(new Error('mine'))))).toEqual(
      new Error('mine'),
    )
    expect(pool.stats().used).toBe(0)
  })

  it('minds no function that releases the buffer itself', async () => {
    const pool = small()

    await pool.run(1, (buffer) => buffer.release())

    expect(pool.stats()).toMatchObject({ used: 0, returns: 1 })
  })
})

describe('BufferPool.stats()', () => {
  it('counts', () => {
    const pool = small()
    const first = pool.allocate(3)
    first.release()
    pool.allocate(1)
    pool.tryAllocate(4)

    const stats = pool.stats()

    expect(stats).toEqual({
      blockSize: 16,
      capacity: 4,
      reserved: 4,
      used: 1,
      free: 3,
      highWater: 3,
      waiting: 0,
      takes: 2,
      returns: 1,
      failures: 1,
      grows: 1,
      trims: 0,
      leaked: 0,
    })
    expect(Object.isFrozen(stats)).toBe(true)
  })
})

describe('BufferPool.statsOf()', () => {
  it('counts what was asked for with a tag', async () => {
    const pool = small()
    const parser = pool.allocate(2, { tag: 'parser' })
    await pool.acquire(1, { tag: 'writer' })
    pool.tryAllocate(4, { tag: 'parser' })
    parser.release()

    expect(pool.statsOf('parser')).toEqual({
      used: 0,
      highWater: 2,
      takes: 1,
      returns: 1,
      failures: 1,
      leaked: 0,
    })
    expect(pool.statsOf('writer')).toMatchObject({ used: 1, takes: 1 })
  })

  it('is all zeros for a tag that was never used', () => {
    expect(small().statsOf('nobody')).toMatchObject({ used: 0, takes: 0, failures: 0 })
  })
})

describe('BufferPool.close()', () => {
  it('refuses everybody from then on, and those who wait', async () => {
    const pool = small()
    const buffer = pool.allocate(4)
    const waiting = errorOf(pool.acquire(1))

    const closing = pool.close()

    expect(await waiting).toBeInstanceOf(ClosedError)
    expect(() => pool.tryAllocate(1)).toThrow(ClosedError)
    expect(() => pool.allocate(1)).toThrow(ClosedError)
    expect(await errorOf(pool.acquire(1))).toBeInstanceOf(ClosedError)
    buffer.release()
    await closing
  })

  it('waits until all buffers have come back, which are good until then', async () => {
    const pool = small()
    const buffer = pool.allocate(1)
    const closing = pool.close()
    expect(pool.closed).toBe(true)

    expect(await pool.tryClose({ timeout: 0 })).toBe(false)
    expect(buffer.set('still mine').toString()).toBe('still mine')
    buffer.release()
    await closing

    expect(pool.stats()).toMatchObject({ used: 0, reserved: 0 })
  })

  it('gives the same promise each time', () => {
    const pool = small()

    expect(pool.close()).toBe(pool.close())
    expect(pool[Symbol.asyncDispose]()).toBe(pool.close())
  })
})

describe('BufferPool.tryClose()', () => {
  it('says whether all came back in time', async () => {
    expect(await small().tryClose({ timeout: 0 })).toBe(true)
  })

  it('does not close a pool with bad options', async () => {
    const pool = small()

    expect(await errorOf(pool.tryClose({ timeout: -1 }))).toBeInstanceOf(RangeError)
    expect(pool.closed).toBe(false)
  })

  it('closes nothing if the signal has aborted before', async () => {
    const pool = small()

    expect(await reasonOf(pool.tryClose({ signal: AbortSignal.abort('no') }))).toBe('no')
    expect(pool.closed).toBe(false)
  })
})

describe('a system that has no more memory', () => {
  afterEach(() => void vi.unstubAllGlobals())

  /** Fails when it is asked for memory once more than that. */
  function limitSystem(slabs: number): void {
    let left = slabs
    const Unlimited = ArrayBuffer
    class Limited extends Unlimited {
      constructor(bytes: number) {
        if (left-- <= 0) throw new RangeError('Array buffer allocation failed')
        super(bytes)
      }
    }
    vi.stubGlobal('ArrayBuffer', Limited)
  }

  it('is asked for all or nothing: what it gave for a part is given back', async () => {
    const pool = new BufferPool({ blockSize: 2 ** 20, maxBlocks: 8 })
    pool.allocate(1).release()
    const before = pool.stats()
    limitSystem(2)

    const refusals = [thrownBy(() => pool.allocate(6)), await errorOf(pool.acquire(6))]

    for (const refusal of refusals) {
      expect(refusal).toBeInstanceOf(FullError)
      expect(refusal).toMatchObject({
        message: 'Cannot allocate a buffer: the system has no memory left (blocks wanted: 6)',
        refused: { blocks: 6, free: 1 },
        cause: new RangeError('Array buffer allocation failed'),
      })
    }
    expect(pool.stats()).toEqual(before)
  })

  it.runIf(process.platform === 'linux')('refuses a real process, whose pools go on', async () => {
    const program = fileURLToPath(new URL('./fixtures/little-memory.ts', import.meta.url))
    const node = [process.execPath, ...process.execArgv, program]

    const { stdout } = await run('sh', ['-c', 'ulimit -v 12000000; exec "$@"', 'sh', ...node])

    const noneLeft = `Cannot allocate a buffer: the system has no memory left (blocks wanted: 999)`
    const noneShared =
      'Cannot make a shared buffer pool: the system has no memory for 1000 blocks of 1073741824 bytes'
    expect(stdout.trim().split('\n')).toEqual([
      `${noneLeft} { blocks: 999, free: 0 } true`,
      `${noneLeft} { blocks: 999, free: 0 } true`,
      `${noneShared} { blocks: 1000, free: 0 } true`,
      `${noneLeft} { blocks: 999, free: 0 } true`,
      '{ used: 1, reserved: 1, waiting: 0 }',
      'good still',
      'closed',
    ])
  })
})
