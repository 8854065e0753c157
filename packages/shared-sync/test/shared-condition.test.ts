// What a condition adds to its mutex where threads die.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { BrokenError } from '@cupola/core'
import { SharedCondition, type SharedMutex, type SharedGuard } from '@cupola/shared-sync'
import { describe, expect, it } from 'vitest'
import { failureOf } from '../../../test/failure-of.ts'
import { Actor } from '../../../test/shared-memory/actor.ts'
import { threadsWaiting } from '../../../test/shared-memory/threads-waiting.ts'
import { until } from '../../../test/until.ts'
import type { Taking } from './fixtures/take-stock.ts'

/** A thread that holds the mutex. */
async function holderOf(mutex: SharedMutex): Promise<Actor> {
  const holder = new Actor(mutex.handle, new URL('./fixtures/actor-worker.ts', import.meta.url))
  await holder.ask('acquire')
  return holder
}

/** Takes the mutex over at the first moment at which that is possible. */
function recovered(mutex: SharedMutex): SharedGuard {
  for (;;) {
    const guard = mutex.recover()
    if (guard !== undefined) return guard
  }
}

describe('SharedCondition.wait()', () => {
  it('is refused when a thread ends that holds the mutex', async () => {
    const condition = new SharedCondition()
    const failure = failureOf(condition.wait(await condition.mutex.acquire()))
    const holder = await holderOf(condition.mutex)

    await holder.thread.terminate()

    expect(await failure).toBeInstanceOf(BrokenError)
  })

  it('goes on if the mutex was mended before it could be told', async () => {
    const condition = new SharedCondition()
    const waiting = condition.wait(await condition.mutex.acquire())
    const holder = await holderOf(condition.mutex)

    void holder.thread.terminate()
    recovered(condition.mutex).release()

    await expect(waiting).resolves.toBeUndefined()
    expect(condition.mutex.locked).toBe(true)
  })
})

describe.each(['waitFor', 'waitForSync'] as const)('SharedCondition.%s()', (method) => {
  /** A thread that waits for a stock. */
  async function taker(condition: SharedCondition, stock: Int32Array): Promise<Worker> {
    const before = threadsWaiting(condition.handle)
    const workerData: Taking = { handle: condition.handle, stock, method }
    const thread = new Worker(new URL('./fixtures/take-stock.ts', import.meta.url), { workerData })
    await until(() => threadsWaiting(condition.handle) === before + 1)
    return thread
  }

  it('notifies another if the thread ends before it has the mutex back', async () => {
    const condition = new SharedCondition()
    const stock = new Int32Array(new SharedArrayBuffer(4))
    const notified = await taker(condition, stock)
    const other = await taker(condition, stock)
    const taken = once(other, 'message')

    const held = await condition.mutex.acquire()
    stock[0] = 1
    condition.notify(held)
    await until(() => threadsWaiting(condition.mutex.handle) === 1)
    await notified.terminate()
    held.release()

    expect(await taken).toEqual(['took'])
  })
})

describe('SharedCondition.waitForSync()', () => {
  const options = { timeout: 1, allowOnMainThread: true }

  it('asks once more when the time is over', async () => {
    const condition = new SharedCondition()
    const held = await condition.mutex.acquire()
    let asked = 0

    condition.waitForSync(held, () => asked++ === 1, options)

    expect(asked).toBe(2)
    expect(condition.mutex.locked).toBe(true)
  })

  it('says how long somebody was to wait', async () => {
    const condition = new SharedCondition()
    const held = await condition.mutex.acquire()

    const waiting = (): void => condition.waitForSync(held, () => false, options)

    expect(waiting).toThrow(expect.objectContaining({ code: 'ERR_TIMEOUT', timeout: 1 }))
  })
})
