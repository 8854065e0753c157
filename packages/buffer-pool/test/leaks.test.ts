import { BufferPool, type LeakReport } from '@cupola/buffer-pool'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn, until } from '../../../test/until.ts'
import { uncaughtBy } from './fixtures/uncaught-by.ts'

/** The runner starts its processes with `--expose-gc`. */
function collectGarbage(): void {
  globalThis.gc?.()
}

/** Collects until it is so: finalizers run some time after the collection. */
async function untilCollected(isSo: () => boolean): Promise<void> {
  await until(() => {
    collectGarbage()
    return isSo()
  })
}

function lose(pool: BufferPool, buffers: number, blocks = 1): void {
  for (let lost = 0; lost < buffers; lost++) pool.allocate(blocks, { tag: 'careless' })
}

describe('a buffer that is collected without having been released', () => {
  it('is reported, and its blocks are replaced', async () => {
    const reports: LeakReport[] = []
    const onLeak = (report: LeakReport): unknown => reports.push(report)
    const pool = new BufferPool({ blockSize: 16, maxBlocks: 3, leaks: 'all', onLeak })

    lose(pool, 1, 2)
    await untilCollected(() => reports.length > 0)

    expect(reports).toEqual([
      { bufferId: 1, tag: 'careless', blocks: 2, stack: expect.stringContaining('lose') },
    ])
    expect(pool.stats()).toMatchObject({ used: 0, free: 3, leaked: 2, returns: 0 })
    expect(pool.statsOf('careless')).toMatchObject({ used: 0, leaked: 2 })
    expect(pool.allocate(3).capacity).toBe(48)
  })

  it('never has its blocks lent to others', async () => {
    const pool = new BufferPool({ blockSize: 16, maxBlocks: 2, leaks: 'all' })
    const viewOfLost = (): Buffer | undefined => pool.allocate(1).spare()[0]
    const stale = viewOfLost()
    await untilCollected(() => pool.stats().leaked > 0)

    for (const bytes of pool.allocate(2).spare()) bytes.fill(1)

    expect(stale).toEqual(Buffer.alloc(16))
  })

  it('is taken for its blocks by those who wait', async () => {
    const pool = new BufferPool({ blockSize: 16, maxBlocks: 2, leaks: 'all' })
    lose(pool, 1, 2)
    const waiting = pool.acquire(2)

    await untilCollected(() => pool.stats().leaked > 0)

    expect((await waiting).capacity).toBe(32)
  })

  it('is an uncaught exception if its listener throws, and the pool goes on', async () => {
    const onLeak = ({ bufferId }: LeakReport): never => {
      throw new Error(`leak ${bufferId}`)
    }
    const pool = new BufferPool({ blockSize: 16, maxBlocks: 3, leaks: 'all', onLeak })
    lose(pool, 3)
    const waiting = pool.acquire(3)

    const uncaught = await uncaughtBy(collectGarbage, 3)

    expect(uncaught.map(String).toSorted()).toEqual([
      'Error: leak 1',
      'Error: leak 2',
      'Error: leak 3',
    ])
    const buffer = await waiting
    expect(pool.stats()).toMatchObject({ used: 3, leaked: 3 })
    buffer.release()
  })

  it('does not keep the pool from closing', async () => {
    const pool = new BufferPool({ blockSize: 16, maxBlocks: 2, leaks: 'all' })
    lose(pool, 1)
    const closing = pool.close()

    await untilCollected(() => pool.stats().leaked > 0)

    expect(await closing).toBeUndefined()
  })

  it('takes its memory with its slab, once that is not in use', async () => {
    const pool = new BufferPool({ blockSize: 16, maxBlocks: 4, leaks: 'all' })
    lose(pool, 1)
    await untilCollected(() => pool.stats().leaked > 0)
    expect(pool.stats().reserved).toBe(3)

    expect(pool.trim()).toBe(3)

    expect(pool.stats().reserved).toBe(0)
  })
})

describe('leaks', () => {
  it('sampled: one of 128 is watched, without a stack', async () => {
    const reports: LeakReport[] = []
    const onLeak = (report: LeakReport): unknown => reports.push(report)
    const pool = new BufferPool({ blockSize: 16, maxBlocks: 1000, onLeak })

    lose(pool, 3 * 128)
    await untilCollected(() => reports.length === 3)

    expect(reports.map(({ bufferId }) => bufferId).toSorted((a, b) => a - b)).toEqual([
      128, 256, 384,
    ])
    expect(reports[0]?.stack).toBeUndefined()
    expect(pool.stats()).toMatchObject({ leaked: 3, used: 381 })
  })

  it('off: nobody is watched', async () => {
    const pool = new BufferPool({ blockSize: 16, maxBlocks: 1000, leaks: 'off' })
    lose(pool, 1000)
    let isCollected = false
    const registry = new FinalizationRegistry(() => (isCollected = true))
    const drop = (): void => registry.register({}, undefined)
    drop()

    await untilCollected(() => isCollected)
    await eventLoopTurn()

    expect(pool.stats()).toMatchObject({ leaked: 0, used: 1000 })
  })

  it('all: a buffer that was released is none', async () => {
    const pool = new BufferPool({ blockSize: 16, maxBlocks: 2, leaks: 'all' })
    const release = (): void => pool.allocate(1).release()
    release()
    lose(pool, 1)

    await untilCollected(() => pool.stats().leaked > 0)
    await eventLoopTurn()

    expect(pool.stats()).toMatchObject({ leaked: 1, returns: 1, used: 0 })
  })
})
