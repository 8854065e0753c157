// Answers to the cases of CPython's `lock_tests` for a plain lock, as far as they apply to one that
// is asked to write: told anew. Threads are tasks here.
import { TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { RwLock } from '@cupola/rw-lock'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'
import { failureOf } from '../../../test/failure-of.ts'

describe('a write lock, by the cases of CPython', () => {
  it('is made free', () => {
    expect(new RwLock().stats().writers).toBe(0)
  })

  it('is taken, freed, and taken again', async () => {
    const lock = new RwLock()
    ;(await lock.write()).release()
    ;(await lock.write()).release()

    expect(lock.tryWrite()).toBeDefined()
  })

  it('cannot be tried for by another while it is held', async () => {
    const lock = new RwLock()
    await lock.write()

    const tried = await Promise.all([1, 2].map(async () => lock.tryWrite()))

    expect(tried).toEqual([undefined, undefined])
  })

  it('is passed on to each of those who contend, one at a time', async () => {
    const lock = new RwLock()
    const inside: number[] = []
    const visit = async () => {
      using _guard = await lock.write()
      inside.push(lock.stats().writers)
      await Promise.resolve()
    }

    await Promise.all(Array.from({ length: 20 }, visit))

    expect(inside).toEqual(Array.from({ length: 20 }, () => 1))
  })

  it('is freed by an exception', async () => {
    const lock = new RwLock()
    const failing = async () => {
      using _guard = await lock.write()
      throw new Error('on purpose')
    }

    await expect(failing()).rejects.toThrow('on purpose')
    expect(lock.tryWrite()).toBeDefined()
  })

  it('may be freed by somebody else', async () => {
    const lock = new RwLock()
    const guard = await lock.write()
    const waiting = lock.write()

    await Promise.all([1].map(async () => guard.release()))

    expect(await stateOf(waiting)).toBe('fulfilled')
  })

  it('refuses a negative timeout, and NaN', async () => {
    const lock = new RwLock()

    await expect(lock.write({ timeout: -1 })).rejects.toThrow(RangeError)
    await expect(lock.write({ timeout: Number.NaN })).rejects.toThrow(RangeError)
  })

  it('times out when its time is over and no earlier, and can be taken after that', async () => {
    const clock = new VirtualClock()
    const lock = new RwLock({ clock })
    const guard = await lock.write()
    const late = lock.write({ timeout: 500 })
    await clock.advance(499)
    expect(await stateOf(late)).toBe('pending')
    const refused = failureOf(late)
    await clock.advance(1)

    expect(await refused).toBeInstanceOf(TimeoutError)
    guard.release()
    expect(await stateOf(lock.write({ timeout: 500 }))).toBe('fulfilled')
  })
})
