// Answers to the cases of the JSR166 suite (ReentrantReadWriteLockTest, StampedLockTest) that apply
// to a lock without owners, told anew. Its fair mode is `fifo` or `phase-fair`, its timed and
// interruptible calls are `timeout` and `signal`, its conversions are `upgrade()` and `downgrade()`.
import { ClosedError, TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { RwLock, type RwLockPolicy } from '@cupola/rw-lock'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'
import { Visitors } from './fixtures/visitors.ts'

const fair: readonly RwLockPolicy[] = ['fifo', 'phase-fair']

describe.each(fair)('ReentrantReadWriteLockTest, %s', (policy) => {
  it('a release of what is not held does nothing, and nothing can be released without a guard', async () => {
    const lock = new RwLock({ policy })
    const guard = await lock.write()
    guard.release()

    guard.release()

    expect(Object.values(lock.stats())).toEqual([0, 0, 0, 0, 0, 0, 0])
    expect('release' in lock || 'unlock' in lock).toBe(false)
  })

  it('a writer waits for several readers', async () => {
    const visitors = new Visitors(new RwLock({ policy }))
    await visitors.arrive('r1', 'r2', 'r3', 'w1')

    await visitors.leave('r2', 'r1')
    expect(visitors.inside).toEqual(['r3'])
    await visitors.leave('r3')

    expect(visitors.inside).toEqual(['w1'])
  })

  it('a reader that comes after a writer that waits, waits', async () => {
    const visitors = new Visitors(new RwLock({ policy }))

    await visitors.arrive('r1', 'w1', 'r2')

    expect(visitors.inside).toEqual(['r1'])
    await visitors.leave('r1')
    expect(visitors.inside).toEqual(['w1'])
    await visitors.leave('w1')
    expect(visitors.inside).toEqual(['r2'])
  })

  it('readers that wait behind a writer come in together when it leaves', async () => {
    const visitors = new Visitors(new RwLock({ policy }))
    await visitors.arrive('w1', 'r1', 'r2')

    await visitors.leave('w1')

    expect(visitors.inside).toEqual(['r1', 'r2'])
  })

  it('a try does not barge past those that wait', async () => {
    const lock = new RwLock({ policy })
    await lock.read()
    void lock.write()

    expect(lock.tryRead()).toBeUndefined()
  })

  it('a timed try of either kind takes a lock that is free, and times out beside a writer', async () => {
    const clock = new VirtualClock()
    const lock = new RwLock({ policy, clock })
    ;(await lock.read({ timeout: 5 })).release()
    await lock.write({ timeout: 5 })
    const refused = Promise.all(
      [lock.read({ timeout: 5 }), lock.write({ timeout: 5 })].map((wait) =>
        expect(wait).rejects.toThrow(TimeoutError),
      ),
    )

    await clock.advance(5)

    await refused
    expect(clock.pending).toBe(0)
  })

  it('one that is interrupted before it asks takes nothing, even from a lock that is free', async () => {
    const lock = new RwLock({ policy })

    await expect(lock.write({ signal: AbortSignal.abort('stop') })).rejects.toBe('stop')
    expect(lock.tryWrite()).toBeDefined()
  })

  it('one that is interrupted while it waits leaves the queue', async () => {
    const lock = new RwLock({ policy })
    await lock.write()
    const controller = new AbortController()
    const { signal } = controller
    const waits = [lock.read({ signal }), lock.write({ signal })]

    controller.abort('stop')

    for (const wait of waits) await expect(wait).rejects.toBe('stop')
    expect(lock.stats()).toMatchObject({ waitingReaders: 0, waitingWriters: 0, writers: 1 })
  })

  it('a writer that times out lets the readers in that waited only for it', async () => {
    const clock = new VirtualClock()
    const visitors = new Visitors(new RwLock({ policy, clock }))
    await visitors.arrive('r1')
    await visitors.arriveWith({ timeout: 5 }, 'w1')
    await visitors.arrive('r2')

    await clock.advance(5)

    expect(visitors.inside).toEqual(['r1', 'r2'])
  })

  it('the counts and queue lengths are right at every step', async () => {
    const lock = new RwLock({ policy })
    const visitors = new Visitors(lock)
    await visitors.arrive('w1', 'r1', 'w2', 'r2')
    expect(lock.stats()).toMatchObject({ writers: 1, waitingReaders: 2, waitingWriters: 1 })

    await visitors.leaveAll()

    expect(Object.values(lock.stats())).toEqual([0, 0, 0, 0, 0, 0, 0])
  })
})

describe('StampedLockTest', () => {
  it('a failed try gives nothing that could be released', async () => {
    const lock = new RwLock()
    await lock.write()

    expect([lock.tryRead(), lock.tryWrite(), lock.tryUpgradable()]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('a read converts to a write if it is the only one, and stays a read otherwise', async () => {
    const lock = new RwLock()
    const guard = await lock.upgradable()
    const other = await lock.read()
    expect(guard.tryUpgrade()).toBeUndefined()
    expect(lock.stats()).toMatchObject({ readers: 1, upgradables: 1 })
    other.release()

    expect(guard.tryUpgrade()).toBeDefined()
    expect(lock.stats()).toMatchObject({ readers: 0, upgradables: 0, writers: 1 })
  })

  it('a write converts to a read, always', async () => {
    const lock = new RwLock()

    const reading = (await lock.write()).downgrade()

    expect(lock.tryRead()).toBeDefined()
    reading.release()
    expect(lock.stats().readers).toBe(1)
  })

  it('what was released or converted converts no more', async () => {
    const lock = new RwLock()
    const released = await lock.write()
    released.release()
    const converted = await lock.upgradable()
    converted.downgrade().release()

    expect(() => released.downgrade()).toThrow(ClosedError)
    expect(() => converted.tryUpgrade()).toThrow(ClosedError)
    await expect(converted.upgrade()).rejects.toThrow(ClosedError)
  })

  it('readers cannot keep a writer out', async () => {
    const lock = new RwLock()
    const visitors = new Visitors(lock)
    await visitors.arrive('r1')
    const writing = lock.write()

    await visitors.arrive('r2', 'r3')
    await visitors.leave('r1')

    expect(await stateOf(writing)).toBe('fulfilled')
    expect(visitors.inside).toEqual([])
  })
})
