// Answers to CPython's `Lib/test/lock_tests.py`: what its cases for locks, events, conditions,
// semaphores and barriers expect, written anew. A bunch of threads is here a bunch of async functions.
// Not here: `RLock`, for an async function has no identity to own a lock by, and `release()` without a
// lock, for there is no such call: only a guard releases, once.
import { VirtualClock } from '@cupola/core/testing'
import { AsyncEvent, Barrier, Condition, Mutex, type MutexGuard, Semaphore } from '@cupola/sync'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/calls.ts'
import { stateOf } from '../../../test/state-of.ts'

const PARTIES = 5

/** So many at once. */
function bunch<Result>(count: number, fn: (index: number) => Promise<Result>): Promise<Result>[] {
  return Array.from({ length: count }, (_, index) => fn(index))
}

describe('locks', () => {
  it('are acquired and released, again and again', async () => {
    const lock = new Mutex()

    for (let time = 0; time < 3; time++) {
      const guard = await lock.acquire()
      expect(lock.locked).toBe(true)
      guard.release()
    }

    expect(lock.locked).toBe(false)
  })

  it('are not had by a second try while they are held, and by one afterwards', () => {
    const lock = new Mutex()
    const guard = lock.tryAcquire()

    expect(lock.tryAcquire()).toBeUndefined()

    guard?.release()
    expect(lock.tryAcquire()).toBeDefined()
  })

  it('let everybody in who contends, one at a time', async () => {
    const lock = new Mutex()
    let inside = 0

    const visits = bunch(PARTIES, () =>
      lock.run(async () => {
        expect(++inside).toBe(1)
        await eventLoopTurn()
        inside--
      }),
    )

    await Promise.all(visits)
  })

  it('may be released by somebody else than who acquired them', async () => {
    const lock = new Mutex()
    const guard = await lock.acquire()

    await Promise.resolve().then(() => guard.release())

    expect(lock.locked).toBe(false)
  })

  it.each([-1, -Infinity, Number.NaN])('refuse to wait for %s', async (timeout) => {
    await expect(new Mutex().acquire({ timeout })).rejects.toBeInstanceOf(RangeError)
  })

  it('are as before when a wait for them timed out', async () => {
    const clock = new VirtualClock()
    const lock = new Mutex({ clock })
    const guard = lock.tryAcquire()
    const late = lock.acquire({ timeout: 500 }).catch((error: unknown) => error)

    await clock.advance(499)
    expect(await stateOf(late)).toBe('pending')
    await clock.advance(1)

    expect(await late).toMatchObject({ code: 'ERR_TIMEOUT', timeout: 500 })
    guard?.release()
    expect(lock.locked).toBe(false)
    expect(lock.tryAcquire()).toBeDefined()
  })
})

describe('events', () => {
  it('are set and cleared', () => {
    const event = new AsyncEvent()
    const seen = [event.isSet]

    event.set()
    seen.push(event.isSet)
    event.clear()
    seen.push(event.isSet)

    expect(seen).toEqual([false, true, false])
  })

  it('wake everybody, and nobody again who waits while they are set', async () => {
    const event = new AsyncEvent()
    const first = bunch(PARTIES, () => event.wait())
    expect(event.stats().waiting).toBe(PARTIES)

    event.set()

    await Promise.all(first)
    await Promise.all(bunch(PARTIES, () => event.wait({ timeout: 0 })))
  })

  it('time out while they are not set, and do not once they are', async () => {
    const event = new AsyncEvent()
    await expect(event.wait({ timeout: 0 })).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
    await expect(event.wait({ timeout: 1 })).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })

    event.set()

    await event.wait({ timeout: 0 })
    await event.wait({ timeout: 1 })
  })

  it('wake who waits though they are cleared at once', async () => {
    const event = new AsyncEvent()
    const waiting = bunch(PARTIES, () => event.wait())

    event.set()
    event.clear()

    await Promise.all(waiting)
    expect(await stateOf(event.wait())).toBe('pending')
  })
})

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

describe('semaphores', () => {
  it.each([-1, Number.MIN_SAFE_INTEGER])('cannot begin with %s', (permits) => {
    expect(() => new Semaphore(permits)).toThrow(RangeError)
  })

  it('let so many in, and others in phases as permits come back', async () => {
    const semaphore = new Semaphore(7)
    let inside = 0
    const held = await Promise.all(bunch(3, () => semaphore.acquire()))
    const visits = bunch(10, async () => {
      const guard = await semaphore.acquire()
      inside++
      return guard
    })
    await eventLoopTurn()
    expect(inside).toBe(4)

    for (const guard of held) guard.release()
    await eventLoopTurn()
    expect(inside).toBe(7)

    for (const visit of visits.slice(0, 3)) (await visit).release()
    await eventLoopTurn()
    expect(inside).toBe(10)
  })

  it('give no more than there are, however often one tries', () => {
    const semaphore = new Semaphore(2)

    const guards = [1, 2, 3, 4].map(() => semaphore.tryAcquire())

    expect(guards.map(Boolean)).toEqual([true, true, false, false])
  })

  it('let one go on for each permit that comes back, whoever tries meanwhile', async () => {
    const semaphore = new Semaphore(1)
    const first = await semaphore.acquire()
    const visits = bunch(2, () => semaphore.acquire())

    first.release()

    expect(semaphore.tryAcquire()).toBeUndefined()
    const second = await visits[0]
    expect(await stateOf(Promise.resolve(visits[1]))).toBe('pending')
    second?.release()
    await visits[1]
  })

  it('have never more permits than they began with', () => {
    const semaphore = new Semaphore(2)
    const guard = semaphore.tryAcquire()

    for (let time = 0; time < 5; time++) guard?.release()

    expect(semaphore.stats().available).toBe(2)
  })

  it('are as before when a wait for them timed out', async () => {
    const semaphore = new Semaphore(1)
    const guard = await semaphore.acquire()

    await expect(semaphore.acquire({ timeout: 1 })).rejects.toThrow('waited 1 ms')

    guard.release()
    expect(semaphore.stats()).toMatchObject({ available: 1, waiting: 0 })
  })
})

describe('barriers', () => {
  it.each([1, 10])('are passed by all together, %s times', async (rounds) => {
    const barrier = new Barrier(PARTIES)
    const arrivals: number[] = []

    const visits = bunch(PARTIES, async () => {
      for (let round = 0; round < rounds; round++) {
        arrivals.push(round)
        await barrier.wait()
        expect(arrivals.filter((arrival) => arrival === round)).toHaveLength(PARTIES)
      }
    })

    await Promise.all(visits)
    expect(barrier.stats()).toEqual({ parties: PARTIES, waiting: 0, broken: false })
  })

  it('give each of a party another number', async () => {
    const barrier = new Barrier(PARTIES)

    const numbers = await Promise.all(bunch(PARTIES, () => barrier.wait()))

    expect(numbers).toEqual([0, 1, 2, 3, 4])
  })

  it('call their action once for each round', async () => {
    let calls = 0
    const barrier = new Barrier(PARTIES, { action: () => calls++ })

    await Promise.all(bunch(PARTIES, () => barrier.wait()))
    expect(calls).toBe(1)

    await Promise.all(bunch(PARTIES, () => barrier.wait()))
    expect(calls).toBe(2)
  })

  it('that are aborted refuse those who wait and those who come', async () => {
    const barrier = new Barrier(PARTIES)
    const visits = bunch(PARTIES - 1, () => barrier.wait())

    barrier.abort()

    const outcomes = await Promise.allSettled([...visits, barrier.wait()])
    expect(outcomes.map(({ status }) => status)).toEqual(Array(PARTIES).fill('rejected'))
    expect(barrier.broken).toBe(true)
  })

  it('that are reset refuse those who wait, and let a new party pass', async () => {
    const barrier = new Barrier(PARTIES)
    const visits = bunch(PARTIES - 1, () => barrier.wait())

    barrier.reset()

    const outcomes = await Promise.allSettled(visits)
    expect(outcomes.map(({ status }) => status)).toEqual(Array(PARTIES - 1).fill('rejected'))
    expect(barrier.broken).toBe(false)
    await Promise.all(bunch(PARTIES, () => barrier.wait()))
  })

  it('that are aborted and then reset let a new party pass', async () => {
    const barrier = new Barrier(PARTIES)
    const visits = bunch(PARTIES - 1, () => barrier.wait())

    barrier.abort()
    barrier.reset()

    await Promise.allSettled(visits)
    const passed = await Promise.all(bunch(PARTIES, () => barrier.wait()))
    expect(passed).toHaveLength(PARTIES)
  })

  it('break for all when one times out', async () => {
    const clock = new VirtualClock()
    const barrier = new Barrier(PARTIES, { clock })
    const late = barrier.wait({ timeout: 10 }).catch((error: unknown) => error)
    const others = Promise.allSettled(bunch(PARTIES - 2, () => barrier.wait()))

    await clock.advance(10)

    expect(await late).toMatchObject({ code: 'ERR_TIMEOUT' })
    for (const outcome of await others) {
      expect(outcome).toMatchObject({ reason: { code: 'ERR_BROKEN' } })
    }
    await expect(barrier.wait()).rejects.toMatchObject({ code: 'ERR_BROKEN' })
  })

  it('for one let it pass', async () => {
    const barrier = new Barrier(1)

    expect([await barrier.wait(), await barrier.wait()]).toEqual([0, 0])
  })
})
