// Answers to CPython's lock_tests: EventTests, SemaphoreTests, ConditionTests and BarrierTests, with
// real threads where those start threads.
import { BrokenError, TimeoutError } from '@cupola/core'
import { SharedBarrier, SharedCondition, SharedEvent, SharedSemaphore } from '@cupola/shared-sync'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { stateOf } from '../../../test/state-of.ts'
import { Actor } from '../../../test/shared-memory/actor.ts'
import { failureOf } from '../../../test/failure-of.ts'
import { threadsWaiting } from '../../../test/shared-memory/threads-waiting.ts'
import { until } from '../../../test/until.ts'

const { watch } = expectNoLeaks()
const MAIN = { allowOnMainThread: true }

describe('SharedEvent', () => {
  it('lets all go on when it is set, in all threads, and whoever comes then', async () => {
    const event = new SharedEvent()
    await using blocked = new Actor(event.handle)
    await using awaiting = new Actor(event.handle)
    const waits = [event.wait(), event.wait(), blocked.ask('waitSync'), awaiting.ask('wait')]
    await until(() => threadsWaiting(event.handle) === 3)

    event.set()

    await Promise.all(waits)
    await event.wait({ timeout: 0 })
    event.waitSync(MAIN)
    expect(event.isSet).toBe(true)
  })

  it('lets those go on who waited, though it is cleared at once', async () => {
    const event = new SharedEvent()
    await using blocked = new Actor(event.handle)
    const waits = [event.wait(), blocked.ask('waitSync')]
    await until(() => threadsWaiting(event.handle) === 2)

    event.set()
    event.clear()

    await Promise.all(waits)
    expect(event.isSet).toBe(false)
    expect(await stateOf(event.wait({ timeout: 1 }))).toBe('pending')
  })

  it('times out while it is not set', async () => {
    const event = new SharedEvent()

    await expect(event.wait({ timeout: 1 })).rejects.toBeInstanceOf(TimeoutError)
    await expect(event.wait({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError)
    expect(() => event.waitSync({ ...MAIN, timeout: 1 })).toThrow(TimeoutError)
  })

  it('is set and cleared as often as one likes', async () => {
    const event = new SharedEvent()
    for (let round = 0; round < 3; round++) {
      const waiting = event.wait()
      event.set()
      event.set()
      await waiting
      event.clear()
      event.clear()
    }

    expect(event.isSet).toBe(false)
  })

  it('lets on whoever comes once it is set, while others of the thread are about to hear', async () => {
    const event = new SharedEvent()
    const first = event.wait()
    event.set()

    await expect(event.wait({ timeout: 0 })).resolves.toBeUndefined()
    await first
  })
})

describe('SharedSemaphore', () => {
  it('gives out as many permits as there are, in all threads', async () => {
    const semaphore = new SharedSemaphore(3)
    await using other = new Actor(semaphore.handle)
    await semaphore.acquire()
    expect(await other.ask('acquireSync', { weight: 2 })).toBe('held')

    expect(semaphore.available).toBe(0)
    expect(semaphore.tryAcquire()).toBeUndefined()
    const waiting = semaphore.acquire()
    await other.ask('release')
    await waiting
    expect(semaphore.available).toBe(1)
  })

  it('does not let one who wants few overtake one who wants many', async () => {
    const semaphore = new SharedSemaphore(2)
    const order: string[] = []
    const held = await semaphore.acquire()
    const many = semaphore.run(() => void order.push('many'), { weight: 2 })
    const few = semaphore.run(() => void order.push('few'))

    expect(semaphore.tryAcquire()).toBeUndefined()
    held.release()

    await Promise.all([many, few])
    expect(order).toEqual(['many', 'few'])
  })

  it('lets those go in who waited behind one that gives up', async () => {
    const semaphore = new SharedSemaphore(2)
    const controller = new AbortController()
    await semaphore.acquire()
    const many = semaphore.acquire({ weight: 2, signal: watch(controller.signal) })
    const few = semaphore.acquire()

    controller.abort('enough')

    await expect(many).rejects.toBe('enough')
    await expect(few).resolves.toBeDefined()
  })

  it.each([0, -1, 1.5, Number.NaN, Infinity])('cannot be made with %s permits', (permits) => {
    expect(() => new SharedSemaphore(permits)).toThrow(RangeError)
  })

  it.each([0, 3, 0.5])('cannot give %s of its two permits', async (weight) => {
    const semaphore = new SharedSemaphore(2)

    await expect(semaphore.acquire({ weight })).rejects.toBeInstanceOf(RangeError)
    expect(() => semaphore.tryAcquire({ weight })).toThrow(RangeError)
  })

  it('is broken by the death of a holder, until it is recovered', async () => {
    const semaphore = new SharedSemaphore(2)
    const holder = new Actor(semaphore.handle)
    await holder.ask('acquireSync')
    const waiting = failureOf(semaphore.acquire({ weight: 2 }))

    await holder.thread.terminate()

    expect(await waiting).toBeInstanceOf(BrokenError)
    expect(() => semaphore.tryAcquire()).toThrow(BrokenError)
    expect(semaphore.recover()).toBe(true)
    expect(semaphore.recover()).toBe(false)
    expect(semaphore.available).toBe(2)
    expect(semaphore.tryAcquire({ weight: 2 })).toBeDefined()
  })

  it('is not had before those of the same thread who wait', async () => {
    const semaphore = new SharedSemaphore(2)
    const held = await semaphore.acquire()
    const big = semaphore.acquire({ weight: 2 })

    await expect(semaphore.acquire({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError)
    held.release()
    await expect(semaphore.acquire({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError)
    expect(await big).toBeDefined()
  })

  it('refuses to block a thread that holds too many of its permits, or awaits some', async () => {
    const semaphore = new SharedSemaphore(2)
    const held = await semaphore.acquire({ weight: 2 })
    const expected = 'expected another thread to hold it'

    expect(() => semaphore.acquireSync({ ...MAIN, timeout: 5 })).toThrow(expected)
    const waiting = semaphore.acquire()
    expect(() => semaphore.acquireSync({ ...MAIN, timeout: 5 })).toThrow(TypeError)

    held.release()
    await waiting
    semaphore.acquireSync(MAIN).release()
  })
})

describe('SharedCondition', () => {
  it('refuses options in the place of its mutex', () => {
    expect(() => new SharedCondition({ maxThreads: 8 } as never)).toThrow(TypeError)
  })

  it('notifies as many as it is told, in the order they came', async () => {
    const condition = new SharedCondition()
    const order: number[] = []
    const waits = [1, 2, 3, 4, 5].map((number) =>
      condition.mutex.run(async (held) => {
        await condition.wait(held)
        order.push(number)
      }),
    )
    await condition.mutex.run((held) => condition.notify(held, 2))
    await Promise.all(waits.slice(0, 2))
    expect(order).toEqual([1, 2])

    await condition.mutex.run((held) => condition.notify(held, 0))
    await condition.mutex.run((held) => condition.notifyAll(held))

    await Promise.all(waits)
    expect(order).toEqual([1, 2, 3, 4, 5])
  })

  it('does not remember a notification that nobody waited for', async () => {
    const condition = new SharedCondition()
    await condition.mutex.run((held) => condition.notify(held))

    const waiting = condition.mutex.run((held) => condition.wait(held, { timeout: 1 }))

    await expect(waiting).rejects.toBeInstanceOf(TimeoutError)
  })

  it('holds the mutex again after a wait that timed out or was aborted', async () => {
    const condition = new SharedCondition()
    const held = await condition.mutex.acquire()
    const signal = AbortSignal.abort('enough')

    await expect(condition.wait(held, { timeout: 1 })).rejects.toBeInstanceOf(TimeoutError)
    await expect(condition.wait(held, { signal })).rejects.toBe('enough')
    expect(() => condition.waitSync(held, { ...MAIN, timeout: 1 })).toThrow(TimeoutError)

    expect(condition.mutex.tryAcquire()).toBeUndefined()
    held.release()
    expect(condition.mutex.locked).toBe(false)
  })

  it('waits until a predicate holds, for so long in all', async () => {
    const condition = new SharedCondition()
    const held = await condition.mutex.acquire()

    await condition.waitFor(held, () => true)
    condition.waitForSync(held, () => true, MAIN)

    const inVain = condition.waitFor(held, () => false, { timeout: 5 })
    await expect(inVain).rejects.toBeInstanceOf(TimeoutError)
    expect(() => condition.waitForSync(held, () => false, { ...MAIN, timeout: 5 })).toThrow(
      TimeoutError,
    )
  })

  it('refuses to block a thread that awaits its mutex or itself, and keeps the mutex', async () => {
    const condition = new SharedCondition()
    const held = await condition.mutex.acquire()
    const entering = condition.mutex.acquire()

    expect(() => condition.waitSync(held, { ...MAIN, timeout: 5 })).toThrow(TypeError)
    const noticed = condition.wait(held)
    const second = await entering
    expect(() => condition.waitSync(second, { ...MAIN, timeout: 5 })).toThrow(TypeError)

    condition.notify(second)
    second.release()
    await noticed
    expect(() => condition.waitSync(held, { ...MAIN, timeout: 5 })).toThrow(TimeoutError)
  })

  it('cannot be used without holding its mutex', async () => {
    const condition = new SharedCondition()
    const foreign = await new SharedCondition().mutex.acquire()
    const released = await condition.mutex.acquire()
    released.release()

    for (const held of [foreign, released]) {
      await expect(condition.wait(held)).rejects.toBeInstanceOf(TypeError)
      expect(() => condition.notify(held)).toThrow(TypeError)
      expect(() => condition.notifyAll(held)).toThrow(TypeError)
      expect(() => condition.waitSync(held, MAIN)).toThrow(TypeError)
    }
  })
})

describe('SharedBarrier', () => {
  it('gives the parties of each round their numbers, in all threads', async () => {
    const barrier = new SharedBarrier(4)
    await using blocking = new Actor(barrier.handle)
    await using awaiting = new Actor(barrier.handle)
    for (let round = 0; round < 10; round++) {
      const numbers = await Promise.all([
        barrier.wait(),
        blocking.ask('waitSync'),
        awaiting.ask('wait'),
        barrier.wait(),
      ])
      expect(new Set(numbers)).toEqual(new Set([0, 1, 2, 3]))
    }
  })

  it('never makes one party wait', async () => {
    const barrier = new SharedBarrier(1)

    expect(await barrier.wait({ timeout: 0 })).toBe(0)
    expect(barrier.waitSync(MAIN)).toBe(0)
  })

  it('is broken for all by one that times out, and mended by reset()', async () => {
    const barrier = new SharedBarrier(3)
    await using other = new Actor(barrier.handle)
    const waits = [failureOf(barrier.wait()), failureOf(other.ask('waitSync'))]
    await until(() => threadsWaiting(barrier.handle) === 2)
    const hasty = new SharedBarrier(2)
    await expect(hasty.wait({ timeout: 1 })).rejects.toBeInstanceOf(TimeoutError)
    await expect(hasty.wait()).rejects.toBeInstanceOf(BrokenError)

    barrier.abort()

    const [here, there] = await Promise.all(waits)
    expect(here).toBeInstanceOf(BrokenError)
    expect(String(there)).toContain('BrokenError')
    expect(barrier.broken).toBe(true)
    barrier.reset()
    expect(barrier.broken).toBe(false)
    expect(await Promise.all([barrier.wait(), other.ask('waitSync'), barrier.wait()])).toHaveLength(
      3,
    )
  })

  it('refuses those who wait when it is reset, and is not broken then', async () => {
    const barrier = new SharedBarrier(2)
    const waiting = failureOf(barrier.wait())

    barrier.reset()

    expect(await waiting).toBeInstanceOf(BrokenError)
    expect(await Promise.all([barrier.wait(), barrier.wait()])).toEqual([0, 1])
  })

  it('is broken by the death of one that waits', async () => {
    const barrier = new SharedBarrier(3)
    const dying = new Actor(barrier.handle)
    void dying.ask('wait')
    await until(() => barrier.waiting === 1)
    const waiting = failureOf(barrier.wait())

    await dying.thread.terminate()

    expect(await waiting).toBeInstanceOf(BrokenError)
    expect(barrier.broken).toBe(true)
  })

  it('does not count one that comes too late to wait', async () => {
    const barrier = new SharedBarrier(2)

    await expect(barrier.wait({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError)
    expect(barrier.waiting).toBe(0)
    expect(barrier.broken).toBe(false)
  })

  it('lets the last one pass without a wait, while others of the thread wait', async () => {
    const barrier = new SharedBarrier(2)
    const first = barrier.wait()

    await expect(barrier.wait({ timeout: 0 })).resolves.toBe(1)
    await expect(first).resolves.toBe(0)
  })

  it('lets nobody leave a party that is complete, in one thread', async () => {
    const barrier = new SharedBarrier(2)
    const controller = new AbortController()
    const first = barrier.wait({ signal: controller.signal })
    const second = barrier.wait()

    controller.abort('too late')

    expect(await Promise.all([first, second])).toEqual([0, 1])
    expect(barrier.broken).toBe(false)
  })

  it('lets nobody leave a party that another thread has made complete', async () => {
    const barrier = new SharedBarrier(2)
    await using other = new Actor(barrier.handle)
    await other.ask('ready')
    const controller = new AbortController()
    const first = barrier.wait({ signal: controller.signal })
    const second = other.ask('wait')
    // No turn of the event loop from here to the abort, in which the first might hear of it.
    while (barrier.waiting > 0);

    controller.abort('too late')

    expect(await Promise.all([first, second])).toEqual([0, 1])
  })
})
