import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import {
  BufferPool,
  DoubleReleaseError,
  ForeignReleaseError,
  type SharedBufferHandle,
  SharedBufferPool,
  UseAfterReleaseError,
} from '@cupola/buffer-pool'
import { FullError } from '@cupola/core'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { errorOf } from '../../../test/reason-of.ts'
import type { Order } from './fixtures/pool-actor.ts'

expectNoLeaks()

const small = (maxBlocks = 4): SharedBufferPool =>
  new SharedBufferPool({ blockSize: 16, maxBlocks })

/** A thread that does with the pool what it is told. */
function actorFor(pool: SharedBufferPool): Worker {
  return new Worker(new URL('./fixtures/pool-actor.ts', import.meta.url), {
    workerData: pool.handle,
  })
}

async function ask(actor: Worker, order: Order): Promise<unknown> {
  const answer = once(actor, 'message') as Promise<[unknown]>
  actor.postMessage(order)
  return (await answer)[0]
}

describe('SharedBufferPool.tryAllocate()', () => {
  it('lends all or nothing, in blocks of shared memory', () => {
    const pool = small()

    const buffer = pool.tryAllocate(3)

    expect(buffer?.spare()[0]?.buffer).toBe(pool.handle.memory)
    expect(pool.tryAllocate(2)).toBeUndefined()
    expect(pool.stats()).toMatchObject({ used: 3, free: 1, failures: 1 })
  })

  it('lends blocks that are not lent', () => {
    const pool = small(100)

    const buffers = Array.from({ length: 25 }, () => pool.allocate(4))

    const places = buffers.flatMap((buffer) => buffer.spare().map((bytes) => bytes.byteOffset))
    expect(new Set(places).size).toBe(100)
  })
})

describe('SharedBufferPool.allocate()', () => {
  it('says what was wanted and what was free', () => {
    const pool = small()
    pool.allocate(1)

    expect(() => pool.allocate(4)).toThrow(
      expect.objectContaining({ code: 'ERR_FULL', refused: { blocks: 4, free: 3 } }),
    )
  })
})

describe('SharedBufferPool.tryAllocate() while somebody waits', () => {
  it('lends nothing before him, and allocate() says why', async () => {
    const pool = small()
    const buffer = pool.allocate(3)
    const waiting = pool.acquire(2)

    expect(pool.tryAllocate(1)).toBeUndefined()
    expect(() => pool.allocate(1)).toThrow(
      'Cannot allocate a shared buffer: those who wait come first (blocks wanted: 1, free: 1)',
    )
    buffer.release()
    expect((await waiting).capacity).toBe(32)
  })
})

describe('SharedBufferPool.allocateBytes()', () => {
  it('makes room', () => {
    expect(small().allocateBytes(17).capacity).toBe(32)
  })
})

describe('SharedBufferPool.acquire()', () => {
  it('serves those who wait in their order', async () => {
    const pool = small()
    const buffer = pool.allocate(4)
    const large = pool.acquire(4)
    const modest = pool.acquire(1)
    expect(pool.stats().waiting).toBe(2)

    buffer.release()

    expect(pool.tryAllocate(1)).toBeUndefined()
    const first = await large
    expect(first.capacity).toBe(64)
    first.release()
    expect((await modest).capacity).toBe(16)
  })

  it('is refused at once what the pool will never have', async () => {
    expect(await errorOf(small().acquire(5))).toBeInstanceOf(FullError)
  })
})

describe('SharedBufferPool.acquireSync()', () => {
  it('refuses to wait on the main thread, and for blocks of its own', () => {
    const pool = small()
    pool.allocate(1)

    expect(() => pool.acquireSync(4)).toThrow(TypeError)
    expect(() => pool.acquireSync(4, { allowOnMainThread: true })).toThrow(
      'Cannot acquire a shared buffer by blocking the thread: expected another thread to hold it',
    )
    expect(pool.acquireSync(3, { allowOnMainThread: true }).capacity).toBe(48)
  })

  it('waits until another thread has released them', async () => {
    const pool = small()
    const buffer = pool.allocate(4)
    const actor = actorFor(pool)
    const acquired = ask(actor, { kind: 'acquireSync', blocks: 2 })

    buffer.release()

    expect(await acquired).toBe('acquired 2')
    expect(pool.stats().used).toBe(2)
    await actor.terminate()
  })
})

describe('SharedBufferPool.run()', () => {
  it('releases the buffer, unless the function has handed it over', async () => {
    const pool = small()

    await pool.run(1, () => {})
    const handle = await pool.run(1, (buffer) => pool.handOver(buffer))

    expect(pool.stats().used).toBe(1)
    expect(pool.takeOver(handle).capacity).toBe(16)
  })
})

describe('a buffer that is handed over', () => {
  it('is read by the other thread, and released there', async () => {
    const pool = small()
    const actor = actorFor(pool)
    const handle = pool.handOver(pool.allocate(2).set('over the border of a block'))

    expect(await ask(actor, { kind: 'read', handle })).toBe('over the border of a block')

    expect(pool.stats()).toMatchObject({ used: 0, free: 4 })
    await actor.terminate()
  })

  it('is used no more by whoever had it', () => {
    const pool = small()
    const buffer = pool.allocate(1)

    pool.handOver(buffer)

    expect(() => buffer.bytes()).toThrow(UseAfterReleaseError)
    expect(() => buffer.release()).toThrow(DoubleReleaseError)
    expect(() => pool.handOver(buffer)).toThrow(UseAfterReleaseError)
    expect(pool.stats().used).toBe(1)
  })

  it('is taken over by one, even when its blocks have been lent again', () => {
    const pool = small(1)
    const handle = pool.handOver(pool.allocate(1))
    pool.takeOver(handle).release()

    expect(() => pool.takeOver(handle)).toThrow(UseAfterReleaseError)
    pool.handOver(pool.allocate(1))
    expect(() => pool.takeOver(handle)).toThrow(UseAfterReleaseError)
  })

  it('is not changed with its handle once it is taken over', () => {
    const pool = small()
    const handle = pool.handOver(pool.allocate(1))
    const other = pool.takeOver(structuredClone(pool.handOver(pool.allocate(1))))
    const buffer = pool.takeOver(handle)

    Reflect.set(handle.blocks, 1, 1)
    buffer.release()

    expect(pool.stats()).toMatchObject({ used: 1, free: 3 })
    const places = pool.allocate(3).spare()
    expect(places).not.toContain(other.spare()[0])
  })

  it('is no buffer of another pool', () => {
    const [own, other] = [small(), small()]
    const handle = own.handOver(own.allocate(1))
    other.handOver(other.allocate(1))

    expect(() => other.takeOver(handle)).toThrow(TypeError)
    expect(own.takeOver(handle).capacity).toBe(16)
  })
})

describe('a handle that somebody made up out of another', () => {
  const forgeries: Record<string, (handle: SharedBufferHandle) => object> = {
    'with a block more, which is free': ({ blocks }) => ({ blocks: [...blocks, 3] }),
    'with a block more, which is lent': ({ blocks }) => ({ blocks: [...blocks, 0] }),
    'with a block twice': ({ blocks }) => ({ blocks: [...blocks, ...blocks] }),
    'of a free block': () => ({ blocks: [3], proof: 0 }),
    'of a block that somebody has': () => ({ blocks: [0], proof: 0x1_0001 }),
    'with a proof that is the same modulo 2³²': ({ proof }) => ({ proof: proof + 2 ** 32 }),
    'with a place for a block, but no block': () => ({ blocks: new Array<number>(2) }),
  }

  it.each(Object.entries(forgeries))('gets nothing, and spoils nothing: %s', (_, forge) => {
    const pool = small()
    const held = pool.allocate(1)
    const handle = pool.handOver(pool.allocate(2).set('untouched'))

    expect(() => pool.takeOver({ ...handle, ...forge(handle) })).toThrow(Error)

    expect(pool.takeOver(handle).toString()).toBe('untouched')
    const last = pool.allocate(1)
    const places = [held, last].map((buffer) => buffer.spare()[0]?.byteOffset)
    expect(places).toEqual([0, 48])
    expect(pool.stats().free).toBe(0)
  })
})

describe('misuse of a shared pool', () => {
  it('is found, and the pool works on', () => {
    const pool = small()
    const buffer = pool.allocate(1)
    const local = new BufferPool({ blockSize: 16, maxBlocks: 1 }).allocate(1)

    expect(() => pool.release(local)).toThrow(ForeignReleaseError)
    expect(() => pool.handOver(local)).toThrow(ForeignReleaseError)
    pool.release(buffer)
    expect(() => pool.release(buffer)).toThrow(DoubleReleaseError)

    expect(pool.allocate(4).set('x'.repeat(64)).toString()).toBe('x'.repeat(64))
    expect(local.set('good still').toString()).toBe('good still')
  })
})

describe('the blocks of a thread that has ended', () => {
  it('are lost, until somebody reclaims them', async () => {
    const pool = small()
    const actor = actorFor(pool)
    await ask(actor, { kind: 'acquireSync', blocks: 3 })
    expect(pool.lost).toBe(0)

    await actor.terminate()

    expect(pool.lost).toBe(3)
    expect(pool.tryAllocate(2)).toBeUndefined()
    expect(pool.reclaim()).toBe(3)
    expect(pool.lost).toBe(0)
    expect(pool.allocate(4).capacity).toBe(64)
  })

  it('do not include what it had handed over', async () => {
    const pool = small()
    const actor = actorFor(pool)
    const handle = await ask(actor, { kind: 'write', text: 'a legacy' })
    await actor.terminate()

    expect(pool.reclaim()).toBe(0)

    expect(pool.takeOver(handle as never).toString()).toBe('a legacy')
  })
})

describe('zero', () => {
  it.each([
    ['never', 's'],
    ['take', '\0'],
    ['release', '\0'],
  ] as const)('%s: the next owner finds %j', (zero, found) => {
    const pool = new SharedBufferPool({ blockSize: 16, maxBlocks: 1, zero })
    pool.allocate(1).set('s'.repeat(16)).release()

    expect(Buffer.concat(pool.allocate(1).spare()).toString()).toBe(found.repeat(16))
  })
})

describe('zero: release', () => {
  it.each([false, true])('is for what is reclaimed, too (handed over: %s)', async (handedOver) => {
    const pool = new SharedBufferPool({ blockSize: 16, maxBlocks: 1, zero: 'release' })
    const actor = actorFor(pool)
    const text = 's'.repeat(16)
    await ask(actor, handedOver ? { kind: 'write', text } : { kind: 'keep', text })
    await actor.terminate()
    expect(Buffer.from(pool.handle.memory).toString()).toBe(text)

    expect(pool.reclaim({ handedOver })).toBe(1)

    expect(Buffer.concat(pool.allocate(1).spare())).toEqual(Buffer.alloc(16))
  })
})

describe('SharedBufferPool.attach()', () => {
  it('gives the same pool in the same thread', () => {
    const pool = small()

    expect(SharedBufferPool.attach(structuredClone(pool.handle))).toBe(pool)
  })

  it.each([
    ['nothing', () => undefined],
    ['a handle without its memory', () => ({ ...small().handle, memory: undefined })],
    [
      'a handle with the memory of another',
      () => ({ ...small().handle, memory: small(5).handle.memory }),
    ],
    [
      'a handle with too short a ledger',
      () => ({ ...small().handle, ledger: new SharedArrayBuffer(4) }),
    ],
  ])('refuses %s', (_, handle) => {
    expect(() => SharedBufferPool.attach(handle() as never)).toThrow(
      new TypeError('Cannot attach: expected the handle of a SharedBufferPool'),
    )
  })
})
