// Answers to CPython's `Lib/test/lock_tests.py`: what its cases for conditions expect, written
// anew. A bunch of threads is here a bunch of async functions.
import { VirtualClock } from '@cupola/core/testing'
import { Condition, Mutex, type MutexGuard } from '@cupola/sync'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/calls.ts'
import { stateOf } from '../../../test/state-of.ts'
import { bunch } from './fixtures/bunch.ts'

const PARTIES = 5

describe('conditions', () => {
  /** Somebody who waits, notes that he was woken, and lets the lock go. */
  async function waiter(condition: Condition, log: number[], number: number): Promise<void> {
    using held = await condition.mutex.acquire()
    await condition.wait(held)
    log.push(number)
  }

  async function notify(condition: Condition, count?: number): Promise<void> {
    await condition.mutex.run((held) => condition.notify(held, count))
    await eventLoopTurn()
  }

  it('cannot be waited for, nor notified, without the lock', async () => {
    const condition = new Condition()
    const held = await condition.mutex.acquire()
    const other = await new Mutex().acquire()
    held.release()

    await expect(condition.wait(held)).rejects.toBeInstanceOf(TypeError)
    await expect(condition.waitFor(held, () => true)).rejects.toBeInstanceOf(TypeError)
    expect(() => condition.notify(held)).toThrow(TypeError)
    expect(() => condition.notifyAll(held)).toThrow(TypeError)
    expect(() => condition.notify(other)).toThrow(TypeError)
    expect(() => condition.notify({ mutex: condition.mutex } as MutexGuard)).toThrow(TypeError)
  })

  it('wake as many as are notified, in phases, those first who came first', async () => {
    const condition = new Condition()
    const log: number[] = []
    const first = bunch(3, (number) => waiter(condition, log, number))
    await eventLoopTurn()

    await notify(condition)
    expect(log).toEqual([0])

    const second = bunch(3, (number) => waiter(condition, log, 10 + number))
    await eventLoopTurn()
    await notify(condition, 3)
    expect(log).toEqual([0, 1, 2, 10])

    await notify(condition, 5)
    expect(log).toEqual([0, 1, 2, 10, 11, 12])
    await Promise.all([...first, ...second])
  })

  it('wake nobody by none, and are not the worse for too many', async () => {
    const condition = new Condition()
    const log: number[] = []
    const waiting = waiter(condition, log, 1)
    await eventLoopTurn()

    await notify(condition, 0)
    expect(log).toEqual([])

    await notify(condition, 100)
    await waiting
    await notify(condition, 100)
    expect(condition.stats()).toEqual({ locked: false, waiting: 0 })
  })

  it('do not remember a notice that nobody waited for', async () => {
    const condition = new Condition()
    await notify(condition)

    const waiting = waiter(condition, [], 1)

    expect(await stateOf(waiting)).toBe('pending')
  })

  it('let the woken go on only when who notifies has let the lock go', async () => {
    const condition = new Condition()
    const log: number[] = []
    const waiting = waiter(condition, log, 1)
    await eventLoopTurn()
    const held = await condition.mutex.acquire()

    condition.notifyAll(held)
    await eventLoopTurn()
    expect(log).toEqual([])

    held.release()
    await waiting
    expect(log).toEqual([1])
  })

  it('time out, each for himself, and hold the lock', async () => {
    const clock = new VirtualClock()
    const condition = new Condition(undefined, { clock })
    const waiting = bunch(PARTIES, async () => {
      using held = await condition.mutex.acquire()
      await expect(condition.wait(held, { timeout: 10 })).rejects.toThrow('waited 10 ms')
      expect(condition.mutex.locked).toBe(true)
    })
    await eventLoopTurn()

    await clock.advance(10)

    await Promise.all(waiting)
    expect(condition.stats()).toEqual({ locked: false, waiting: 0 })
  })

  it('wait for a predicate through as many notices as it takes', async () => {
    const condition = new Condition()
    let state = 0
    const waiting = condition.mutex.run(async (held) => {
      await condition.waitFor(held, () => state === 4)
      return state
    })

    for (let step = 0; step < 4; step++) {
      await condition.mutex.run((held) => {
        state++
        condition.notify(held)
      })
    }

    expect(await waiting).toBe(4)
  })

  it('give up a predicate that does not come true in time', async () => {
    const clock = new VirtualClock()
    const condition = new Condition(undefined, { clock })
    const waiting = condition.mutex
      .run((held) => condition.waitFor(held, () => false, { timeout: 100 }))
      .catch((error: unknown) => error)

    for (let step = 0; step < 10; step++) {
      await clock.advance(10)
      await notify(condition)
    }

    expect(await waiting).toMatchObject({ code: 'ERR_TIMEOUT', timeout: 100 })
    expect(clock.now()).toBe(100)
  })

  it('can be waited for twice with one lock, one after the other', async () => {
    const condition = new Condition()
    const waiting = condition.mutex.run(async (held) => {
      await condition.wait(held)
      await condition.wait(held)
    })
    await eventLoopTurn()

    await notify(condition)
    expect(await stateOf(waiting)).toBe('pending')
    await notify(condition)

    await waiting
  })
})
