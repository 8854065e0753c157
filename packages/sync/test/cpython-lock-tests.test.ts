// Answers to CPython's `Lib/test/lock_tests.py`: what its cases for locks, events and semaphores expect, written
// anew. A bunch of threads is here a bunch of async functions.
// Not here: `RLock`, for an async function has no identity to own a lock by, and `release()` without a
// lock, for there is no such call: only a guard releases, once.
import { VirtualClock } from '@cupola/core/testing'
import { AsyncEvent, Mutex, Semaphore } from '@cupola/sync'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/calls.ts'
import { stateOf } from '../../../test/state-of.ts'
import { bunch } from './fixtures/bunch.ts'

const PARTIES = 5

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
