// What every lock promises, under every policy, debugged or not.
import { ClosedError, TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { RwLock } from '@cupola/rw-lock'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'
import { everyLock } from './fixtures/every-lock.ts'
import { failureOf } from '../../../test/failure-of.ts'
import { untyped } from '../../../test/untyped.ts'
import { settled } from './fixtures/visitors.ts'

const FREE = {
  readers: 0,
  upgradables: 0,
  writers: 0,
  waitingReaders: 0,
  waitingUpgradables: 0,
  waitingWriters: 0,
  waitingUpgrades: 0,
}

describe.each(everyLock)('a lock, %s', (_, options) => {
  it('lets readers share', async () => {
    const lock = new RwLock(options)

    await Promise.all([lock.read(), lock.read(), lock.read()])

    expect(lock.stats()).toEqual({ ...FREE, readers: 3 })
  })

  it('lets nobody in beside a writer', async () => {
    const lock = new RwLock(options)
    await lock.write()

    const waits = [lock.read(), lock.write(), lock.upgradable()]

    expect(await Promise.all(waits.map(stateOf))).toEqual(['pending', 'pending', 'pending'])
    expect([lock.tryRead(), lock.tryWrite(), lock.tryUpgradable()]).toEqual(
      Array.from({ length: 3 }, () => undefined),
    )
  })

  it('lets readers in beside an upgradable, and neither a writer nor another upgradable', async () => {
    const lock = new RwLock(options)
    await lock.upgradable()

    expect(lock.tryUpgradable()).toBeUndefined()
    expect(lock.tryWrite()).toBeUndefined()
    expect(lock.tryRead()).toBeDefined()
  })

  it('hands the lock on inside release(), so that nobody gets in between', async () => {
    const lock = new RwLock(options)
    const guard = await lock.write()
    const next = lock.write()

    guard.release()

    expect(lock.stats()).toEqual({ ...FREE, writers: 1 })
    expect([lock.tryRead(), lock.tryWrite()]).toEqual([undefined, undefined])
    ;(await next).release()
    expect(lock.stats()).toEqual(FREE)
  })

  it('releases once, however often a guard is told to', async () => {
    const lock = new RwLock(options)
    const guards = [await lock.read(), await lock.read()]

    guards[0]?.release()
    guards[0]?.release()
    guards[0]?.[Symbol.dispose]()

    expect(lock.stats().readers).toBe(1)
  })

  it('does not let a writer that has left release for the next one', async () => {
    const lock = new RwLock(options)
    const first = await lock.write()
    const next = lock.write()
    first.release()
    await next

    first.release()

    expect(lock.stats().writers).toBe(1)
  })

  it('gives a lock that is free to nobody whose signal has aborted', async () => {
    const lock = new RwLock(options)
    const signal = AbortSignal.abort('too late')

    const asked = [lock.read({ signal }), lock.upgradable({ signal }), lock.write({ signal })]

    for (const wait of asked) await expect(wait).rejects.toBe('too late')
    expect(lock.stats()).toEqual(FREE)
  })

  it('takes a lock that is free with a timeout of 0', async () => {
    const lock = new RwLock(options)

    await lock.write({ timeout: 0 })

    expect(lock.stats().writers).toBe(1)
  })

  it.each(['read', 'upgradable', 'write'] as const)(
    'rejects a %s() that does not want to wait',
    async (kind) => {
      const lock = new RwLock(options)
      await lock.write()

      await expect(lock[kind]({ timeout: 0 })).rejects.toThrow(TimeoutError)
      expect(lock.stats()).toEqual({ ...FREE, writers: 1 })
    },
  )

  it('lets in who comes after one that timed out', async () => {
    const clock = new VirtualClock()
    const lock = new RwLock({ ...options, clock })
    const guard = await lock.write()
    const late = lock.write({ timeout: 10 })
    const patient = lock.write()
    const refused = failureOf(late)

    await clock.advance(10)
    expect(await refused).toMatchObject({ message: 'Cannot take the write lock: waited 10 ms' })
    guard.release()

    expect(await stateOf(patient)).toBe('fulfilled')
    expect(clock.pending).toBe(0)
  })

  it('counts whoever waits, and whoever is inside', async () => {
    const lock = new RwLock(options)
    await lock.write()

    void lock.read()
    void lock.read()
    void lock.upgradable()
    void lock.write()

    expect(lock.stats()).toEqual({
      ...FREE,
      writers: 1,
      waitingReaders: 2,
      waitingUpgradables: 1,
      waitingWriters: 1,
    })
  })
})

describe.each(everyLock)('RwLock.read(), .upgradable() and .write(), %s', (_, options) => {
  it.each(['read', 'upgradable', 'write'] as const)(
    '%s() rejects bad arguments, and never throws',
    async (kind) => {
      const lock = new RwLock(options)

      await expect(lock[kind]({ timeout: -1 })).rejects.toThrow(RangeError)
      await expect(lock[kind]({ timeout: Number.NaN })).rejects.toThrow(RangeError)
      await expect(lock[kind](untyped(500))).rejects.toThrow(TypeError)
      await expect(lock[kind](untyped([500]))).rejects.toThrow(TypeError)
      await expect(lock[kind]({ signal: untyped('stop') })).rejects.toThrow(TypeError)
      expect(lock.stats()).toEqual(FREE)
    },
  )

  it('waits for ever with a timeout of Infinity, and longer than 2³¹ ms if told to', async () => {
    const clock = new VirtualClock()
    const lock = new RwLock({ ...options, clock })
    const guard = await lock.write()
    const forEver = lock.write({ timeout: Infinity })
    const long = lock.write({ timeout: 2 ** 31 })

    await clock.advance(2 ** 31 - 1)
    expect([await stateOf(forEver), await stateOf(long)]).toEqual(['pending', 'pending'])
    const refused = failureOf(long)
    await clock.advance(1)

    expect(await refused).toBeInstanceOf(TimeoutError)
    guard.release()
    expect(await stateOf(forEver)).toBe('fulfilled')
  })
})

describe.each(everyLock)('RwLock.runRead() and .runWrite(), %s', (_, options) => {
  it('give what the function returns, and release', async () => {
    const lock = new RwLock(options)

    expect(await lock.runRead(() => lock.stats().readers)).toBe(1)
    expect(await lock.runWrite(async () => lock.stats().writers)).toBe(1)
    expect(lock.stats()).toEqual(FREE)
  })

  it('release when the function throws or rejects, and hand its error on', async () => {
    const lock = new RwLock(options)
    const error = new Error('mine')

    await expect(
      lock.runRead(() => {
        throw error
      }),
    ).rejects.toBe(error)
    await expect(lock.runWrite(() => Promise.reject(error))).rejects.toBe(error)
    expect(lock.stats()).toEqual(FREE)
  })

  it('do not call the function when the wait fails', async () => {
    const lock = new RwLock(options)
    const calls: string[] = []

    const run = lock.runWrite(() => calls.push('called'), { signal: AbortSignal.abort('no') })

    await expect(run).rejects.toBe('no')
    expect(calls).toEqual([])
  })

  it('hold the lock until the promise of the function settles', async () => {
    const lock = new RwLock(options)
    let finish = (): void => {}
    const done = lock.runWrite(() => new Promise<void>((resolve) => (finish = resolve)))
    await settled()

    expect(lock.tryRead()).toBeUndefined()
    finish()
    await done
    expect(lock.tryRead()).toBeDefined()
  })

  it('reject what is no function, without waiting for the lock', async () => {
    const lock = new RwLock(options)
    await lock.write()

    await expect(lock.runRead(untyped(1))).rejects.toThrow(TypeError)
    await expect(lock.runWrite(untyped(undefined))).rejects.toThrow(TypeError)
    expect(lock.stats()).toEqual({ ...FREE, writers: 1 })
  })
})

describe.each(everyLock)('WriteGuard.downgrade(), %s', (_, options) => {
  it('becomes a reader without letting a writer in between', async () => {
    const lock = new RwLock(options)
    const writing = await lock.write()
    const other = lock.write()

    const reading = writing.downgrade()

    expect(lock.stats()).toEqual({ ...FREE, readers: 1, waitingWriters: 1 })
    reading.release()
    expect(await stateOf(other)).toBe('fulfilled')
  })

  it('uses the guard up', async () => {
    const lock = new RwLock(options)
    const writing = await lock.write()
    writing.downgrade()

    writing.release()

    expect(lock.stats().readers).toBe(1)
    expect(() => writing.downgrade()).toThrow(ClosedError)
  })
})
