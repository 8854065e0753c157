import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import {
  type SharedBufferHandle,
  SharedBufferPool,
  UseAfterReleaseError,
} from '@cupola/buffer-pool'
import { ClosedError } from '@cupola/core'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'
import { threadsWaiting } from '../../../test/shared-memory/threads-waiting.ts'
import { stateOf } from '../../../test/state-of.ts'
import { until } from '../../../test/until.ts'
import type { Order } from './fixtures/pool-actor.ts'

expectNoLeaks()

const small = (maxBlocks = 4): SharedBufferPool =>
  new SharedBufferPool({ blockSize: 16, maxBlocks })

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

describe('SharedBufferPool.close()', () => {
  it('resolves at once when nobody has a buffer', async () => {
    const pool = small()
    pool.allocate(4).release()

    await pool.close()

    expect(pool.closed).toBe(true)
  })

  it('waits until all buffers are back, which are good until then', async () => {
    const pool = small()
    const buffer = pool.allocate(1)

    const closing = pool.close()

    expect(await stateOf(closing)).toBe('pending')
    expect(buffer.set('still mine').toString()).toBe('still mine')
    buffer.release()
    expect(await closing).toBeUndefined()
    expect(pool.stats()).toMatchObject({ used: 0, free: 4 })
  })

  it('gives the same promise each time', async () => {
    const pool = small()

    expect(pool.close()).toBe(pool.close())
    expect(pool[Symbol.asyncDispose]()).toBe(pool.close())
    await pool.close()
  })

  it('refuses those who wait, in their thread and in others', async () => {
    const pool = small()
    const buffer = pool.allocate(4)
    const actor = actorFor(pool)
    const blocked = ask(actor, { kind: 'acquireSync', blocks: 1 })
    await until(() => threadsWaiting(pool.handle) === 1)
    const waiting = [errorOf(pool.acquire(2)), errorOf(pool.acquire(1))]

    const closing = pool.close()

    for (const refusal of await Promise.all(waiting)) expect(refusal).toBeInstanceOf(ClosedError)
    expect(await blocked).toBe('Cannot acquire a shared buffer: the shared buffer pool is closed')
    buffer.release()
    await closing
    expect(pool.stats().waiting).toBe(0)
    await actor.terminate()
  })

  it('lets those have their buffer who were granted it before', async () => {
    const pool = small()
    const buffer = pool.allocate(4)
    const granted = pool.acquire(4)
    buffer.release()

    const closing = pool.close()

    const last = await granted
    expect(await stateOf(closing)).toBe('pending')
    last.release()
    await closing
  })

  it('does not lend them what a thread had that has ended', async () => {
    const pool = small(2)
    const actor = actorFor(pool)
    await ask(actor, { kind: 'acquireSync', blocks: 1 })
    const buffer = pool.allocate(1)
    const [own] = buffer.spare()
    await actor.terminate()
    const granted = pool.acquire(1)
    buffer.release()

    const closing = pool.close()

    const last = await granted
    expect(last.spare()[0]).toBe(own)
    last.release()
    await closing
    expect(pool.stats()).toMatchObject({ used: 0, free: 2 })
  })

  it('is for all threads, each of which hears of the end', async () => {
    const pool = small()
    const buffer = pool.allocate(1)
    const [one, other] = [actorFor(pool), actorFor(pool)]
    await Promise.all([ask(one, { kind: 'attach' }), ask(other, { kind: 'attach' })])
    const ends = [ask(one, { kind: 'close' }), ask(other, { kind: 'close' })]
    await until(() => pool.closed)

    expect(() => pool.tryAllocate(1)).toThrow(ClosedError)
    buffer.release()

    expect(await Promise.all(ends)).toEqual([undefined, undefined])
    await pool.close()
    await Promise.all([one.terminate(), other.terminate()])
  })

  it('does not wait for threads that have ended, before it or after', async () => {
    const pool = small()
    const [early, late] = [actorFor(pool), actorFor(pool)]
    await ask(early, { kind: 'acquireSync', blocks: 1 })
    await ask(late, { kind: 'acquireSync', blocks: 2 })
    await early.terminate()
    const closing = pool.close()
    expect(await stateOf(closing)).toBe('pending')

    await late.terminate()

    await closing
    expect(pool.stats()).toMatchObject({ used: 0, free: 4 })
  })

  it('ends what is on its way', async () => {
    const pool = small()
    const handle = pool.handOver(pool.allocate(2))

    await pool.close()

    expect(pool.stats()).toMatchObject({ used: 0, handedOver: 0 })
    expect(() => pool.takeOver(handle)).toThrow(ClosedError)
  })

  it('leaves a buffer with its owner who comes too late to hand it over', async () => {
    const pool = small()
    const buffer = pool.allocate(1).set('mine still')
    const closing = pool.close()

    expect(() => pool.handOver(buffer)).toThrow(ClosedError)

    expect(buffer.toString()).toBe('mine still')
    buffer.release()
    await closing
  })

  it('refuses whoever wants to attach from then on', async () => {
    const pool = small()
    await pool.close()
    const actor = actorFor(pool)

    const [error] = (await once(actor, 'error')) as [Error]

    expect(error.message).toBe('Cannot attach: the shared buffer pool is closed')
  })

  it('is what `await using` does', async () => {
    const pool = small()
    {
      await using _pool = pool
    }

    expect(pool.closed).toBe(true)
  })
})

describe('SharedBufferPool.tryClose()', () => {
  it('says whether all came back in time', async () => {
    const pool = small()
    const buffer = pool.allocate(1)

    expect(await pool.tryClose({ timeout: 0 })).toBe(false)
    expect(await pool.tryClose({ timeout: 1 })).toBe(false)
    buffer.release()
    expect(await pool.tryClose({ timeout: 0 })).toBe(true)
  })

  it('ends when it is aborted, and the pool stays closed', async () => {
    const pool = small()
    const buffer = pool.allocate(1)
    const controller = new AbortController()
    const aborted = reasonOf(pool.tryClose({ signal: controller.signal }))

    controller.abort('enough')

    expect(await aborted).toBe('enough')
    expect(pool.closed).toBe(true)
    buffer.release()
  })

  it('closes nothing if the signal has aborted before', async () => {
    const pool = small()

    expect(await reasonOf(pool.tryClose({ signal: AbortSignal.abort('no') }))).toBe('no')
    expect(pool.closed).toBe(false)
  })
})

describe('a buffer that was handed over, and that nobody takes', () => {
  it('is taken back by whoever has the handle', () => {
    const pool = small()
    const handle = pool.handOver(pool.allocate(2).set('mine again'))
    expect(pool.stats()).toMatchObject({ used: 2, handedOver: 2 })

    using buffer = pool.takeOver(handle)

    expect(buffer.toString()).toBe('mine again')
    expect(pool.stats()).toMatchObject({ used: 2, handedOver: 0 })
  })

  it('is reclaimed only if that is wanted, and its owner has ended', async () => {
    const pool = small()
    const actor = actorFor(pool)
    const legacy = (await ask(actor, { kind: 'write', text: 'a legacy' })) as SharedBufferHandle
    const own = pool.handOver(pool.allocate(1).set('my own'))
    expect(pool.reclaim({ handedOver: true })).toBe(0)

    await actor.terminate()

    expect(pool.reclaim()).toBe(0)
    expect(pool.reclaim({ handedOver: true })).toBe(1)
    expect(() => pool.takeOver(legacy)).toThrow(UseAfterReleaseError)
    expect(pool.takeOver(own).toString()).toBe('my own')
    expect(pool.stats()).toMatchObject({ used: 1, handedOver: 0 })
  })
})

describe('SharedBufferPool.statsOf()', () => {
  it('counts what this thread asked for with a tag', async () => {
    const pool = small()
    const parser = pool.allocate(2, { tag: 'parser' })
    const writer = await pool.acquire(1, { tag: 'writer' })
    pool.acquireSync(1, { tag: 'writer', allowOnMainThread: true })
    pool.tryAllocate(4, { tag: 'parser' })
    parser.release()

    expect(pool.statsOf('parser')).toEqual({
      used: 0,
      highWater: 2,
      takes: 1,
      returns: 1,
      failures: 1,
    })
    expect(pool.statsOf('writer')).toMatchObject({ used: 2, takes: 2 })
    writer.release()
    expect(pool.statsOf('nobody')).toMatchObject({ used: 0, takes: 0 })
  })

  it('goes with a buffer that is handed over', async () => {
    const pool = small()
    const handle = pool.handOver(pool.allocate(1, { tag: 'parser' }))
    expect(pool.statsOf('parser')).toMatchObject({ used: 0, takes: 1, returns: 1 })

    using _buffer = pool.takeOver(structuredClone(handle))

    expect(pool.statsOf('parser')).toMatchObject({ used: 1, takes: 2, returns: 1 })
  })
})
