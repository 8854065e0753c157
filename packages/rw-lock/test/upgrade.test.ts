// What every upgradable guard promises, under every policy, debugged or not.
import { ClosedError, TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { RwLock } from '@cupola/rw-lock'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'
import { everyLock } from './fixtures/every-lock.ts'
import { failureOf } from '../../../test/failure-of.ts'
import { settled, Visitors } from './fixtures/visitors.ts'

describe.each(everyLock)('UpgradableGuard.upgrade(), %s', (_, options) => {
  const { policy } = options

  it('is at once when nobody else reads', async () => {
    const lock = new RwLock(options)
    const guard = await lock.upgradable()

    const writing = await guard.upgrade({ timeout: 0 })

    expect(lock.stats()).toMatchObject({ upgradables: 0, writers: 1 })
    writing.release()
    expect(lock.stats().writers).toBe(0)
  })

  it('waits for the readers, and goes before the writers that wait', async () => {
    const lock = new RwLock(options)
    const visitors = new Visitors(lock)
    await visitors.arrive('r1')
    const guard = await lock.upgradable()
    await visitors.arrive('w1')
    const upgrade = guard.upgrade()

    await visitors.leave('r1')

    expect(await stateOf(upgrade)).toBe('fulfilled')
    expect(visitors.inside).toEqual([])
    ;(await upgrade).release()
    await settled()
    expect(visitors.inside).toEqual(['w1'])
  })

  it('leaves the guard as it was when it times out, and lets in who waited only for it', async () => {
    const clock = new VirtualClock()
    const lock = new RwLock({ ...options, clock })
    const visitors = new Visitors(lock)
    await visitors.arrive('r1')
    const guard = await lock.upgradable()
    const upgrade = failureOf(guard.upgrade({ timeout: 3 }))
    await visitors.arrive('r2')
    const before = visitors.inside

    await clock.advance(3)

    expect(await upgrade).toBeInstanceOf(TimeoutError)
    expect(before).toEqual(policy === 'reader-preferring' ? ['r1', 'r2'] : ['r1'])
    expect(visitors.inside).toEqual(['r1', 'r2'])
    expect(lock.stats()).toMatchObject({ upgradables: 1, waitingUpgrades: 0 })
    guard.release()
    expect(lock.stats().upgradables).toBe(0)
  })

  it('goes before the readers that waited for a writer that gave up', async () => {
    const lock = new RwLock(options)
    const visitors = new Visitors(lock)
    const controller = new AbortController()
    await visitors.arrive('r1')
    const guard = await lock.upgradable()
    await visitors.arriveWith({ signal: controller.signal }, 'w1')
    await visitors.arrive('r2')
    const upgrade = guard.upgrade()

    controller.abort()
    await settled()

    expect(visitors.inside).toEqual(policy === 'reader-preferring' ? ['r1', 'r2'] : ['r1'])
    await visitors.leave('r1', 'r2')
    expect(await stateOf(upgrade)).toBe('fulfilled')
  })

  it('uses the guard up', async () => {
    const lock = new RwLock(options)
    const guard = await lock.upgradable()
    await guard.upgrade()

    guard.release()

    expect(lock.stats().writers).toBe(1)
    await expect(guard.upgrade()).rejects.toThrow(ClosedError)
    expect(() => guard.tryUpgrade()).toThrow(ClosedError)
    expect(() => guard.downgrade()).toThrow('Cannot downgrade: the guard is closed')
  })

  it('rejects when the guard is released meanwhile, and lets the next ones in', async () => {
    const lock = new RwLock(options)
    const visitors = new Visitors(lock)
    await visitors.arrive('r1')
    const guard = await lock.upgradable()
    const upgrade = failureOf(guard.upgrade())
    await visitors.arrive('r2')

    guard.release()

    expect(await upgrade).toMatchObject({ message: 'Cannot upgrade: the guard is closed' })
    await settled()
    expect(visitors.inside).toEqual(['r1', 'r2'])
    expect(lock.stats()).toMatchObject({ upgradables: 0, waitingUpgrades: 0 })
  })

  it('is granted once when it is asked for twice', async () => {
    const lock = new RwLock(options)
    const reading = await lock.read()
    const guard = await lock.upgradable()
    const first = guard.upgrade()
    const second = failureOf(guard.upgrade())

    reading.release()

    await first
    expect(await second).toBeInstanceOf(ClosedError)
    expect(lock.stats()).toMatchObject({ writers: 1, waitingUpgrades: 0 })
  })
})

describe.each([false, true])('UpgradableGuard.upgrade(), debug: %s', (debug) => {
  it('checks arguments, then the guard, then the signal', async () => {
    const guard = await new RwLock({ debug }).upgradable()
    guard.release()
    const signal = AbortSignal.abort('no')

    await expect(guard.upgrade({ signal, timeout: -1 })).rejects.toThrow(RangeError)
    await expect(guard.upgrade({ signal })).rejects.toThrow(ClosedError)
  })

  it('does nothing when its signal has aborted', async () => {
    const lock = new RwLock({ debug })
    const guard = await lock.upgradable()

    await expect(guard.upgrade({ signal: AbortSignal.abort('no') })).rejects.toBe('no')
    expect(lock.stats().upgradables).toBe(1)
  })

  it('cannot keep the writers out by being followed by another upgrade', async () => {
    const lock = new RwLock({ debug })
    const visitors = new Visitors(lock)
    const first = await lock.upgradable()
    await visitors.arrive('u2', 'w1')
    const writing = await first.upgrade()

    writing.release()
    await settled()

    expect(visitors.inside).toEqual(['w1'])
  })

  it('lets readers in when it has written, as any writer does', async () => {
    const lock = new RwLock({ debug })
    const visitors = new Visitors(lock)
    const guard = await lock.upgradable()
    const writing = await guard.upgrade()
    await visitors.arrive('w1', 'u1', 'r1')

    writing.release()
    await settled()

    expect(visitors.inside).toEqual(['r1'])
  })
})

describe.each([false, true])('UpgradableGuard.tryUpgrade(), debug: %s', (debug) => {
  it('fails beside readers and keeps the guard', async () => {
    const lock = new RwLock({ debug })
    const guard = await lock.upgradable()
    const reading = await lock.read()

    expect(guard.tryUpgrade()).toBeUndefined()
    reading.release()
    expect(guard.tryUpgrade()).toBeDefined()
    expect(lock.stats()).toMatchObject({ upgradables: 0, writers: 1 })
  })
})

describe.each([false, true])('UpgradableGuard.downgrade(), debug: %s', (debug) => {
  it('becomes a reader and lets the next upgradable in', async () => {
    const lock = new RwLock({ debug })
    const guard = await lock.upgradable()
    const next = lock.upgradable()

    const reading = guard.downgrade()

    expect(await stateOf(next)).toBe('fulfilled')
    expect(lock.stats()).toMatchObject({ readers: 1, upgradables: 1 })
    reading[Symbol.dispose]()
    guard[Symbol.dispose]()
    expect(lock.stats()).toMatchObject({ readers: 0, upgradables: 1 })
  })
})
