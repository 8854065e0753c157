import { BrokenError, TimeoutError } from '@cupola/core'
import { Deferred } from '@cupola/core/authoring'
import { RwLock } from '@cupola/rw-lock'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'
import { settled } from './fixtures/visitors.ts'
import { failureOf } from './fixtures/failure-of.ts'

const debug = true

async function takenByAda(lock: RwLock): Promise<Disposable> {
  return await lock.write()
}

describe('a lock that is debugged, asked again by the code that holds it', () => {
  it.each([
    ['write', 'read'],
    ['write', 'write'],
    ['write', 'upgradable'],
    ['read', 'write'],
    ['upgradable', 'write'],
    ['upgradable', 'upgradable'],
  ] as const)('refuses %s then %s at once', async (first, second) => {
    const lock = new RwLock({ debug })
    const guard = await lock[first]()

    const error = await failureOf(lock[second]())

    expect(error).toBeInstanceOf(BrokenError)
    expect(error).toMatchObject({
      message: expect.stringContaining('would wait for ever'),
      cause: { message: `Held (${first}), taken here` },
    })
    guard.release()
    expect(await stateOf(lock.write())).toBe('fulfilled')
  })

  it('refuses to read again when a writer has come in between', async () => {
    const lock = new RwLock({ debug })
    const gate = new Deferred<void>()
    const writing = gate.promise.then(() => lock.write())
    const reading = await lock.read()
    gate.resolve()
    await settled()

    expect(await failureOf(lock.read())).toBeInstanceOf(BrokenError)
    expect(await failureOf(lock.upgradable())).toBeInstanceOf(BrokenError)
    reading.release()
    expect(await stateOf(writing)).toBe('fulfilled')
  })

  it('lets a reader wait until another upgradable leaves', async () => {
    const lock = new RwLock({ debug })
    const gate = new Deferred<void>()
    const other = gate.promise.then(() => lock.upgradable())
    await lock.read()
    gate.resolve()
    await settled()

    const waiting = lock.upgradable()

    expect(await stateOf(waiting)).toBe('pending')
    ;(await other).release()
    expect(await stateOf(waiting)).toBe('fulfilled')
  })

  it('finds it through calls', async () => {
    const lock = new RwLock({ debug })
    const inner = async () => await lock.runRead(() => 'inside')
    const outer = async () => {
      using _guard = await lock.write()
      await Promise.resolve()
      return await inner()
    }

    expect(await failureOf(outer())).toBeInstanceOf(BrokenError)
    expect(lock.stats()).toMatchObject({ writers: 0, waitingReaders: 0 })
  })

  it('finds it inside runWrite()', async () => {
    const lock = new RwLock({ debug })

    const error = await failureOf(lock.runWrite(() => lock.runWrite(() => 'inside')))

    expect(error).toBeInstanceOf(BrokenError)
  })

  it('finds that it holds a read guard when it upgrades', async () => {
    const lock = new RwLock({ debug })
    const reading = await lock.read()
    const guard = await lock.upgradable()

    expect(await failureOf(guard.upgrade())).toBeInstanceOf(BrokenError)
    reading.release()
    expect((await guard.upgrade()).downgrade()).toBeDefined()
  })

  it('does not refuse what need not wait', async () => {
    const lock = new RwLock({ debug })
    await lock.read()

    await lock.read()
    await lock.upgradable()

    expect(lock.stats()).toMatchObject({ readers: 2, upgradables: 1 })
  })

  it('lets it try, or give up at once', async () => {
    const lock = new RwLock({ debug })
    await lock.write()

    expect([lock.tryRead(), lock.tryWrite(), lock.tryUpgradable()]).toEqual(
      Array.from({ length: 3 }, () => undefined),
    )
    expect(await failureOf(lock.read({ timeout: 0 }))).toBeInstanceOf(TimeoutError)
    expect(await failureOf(lock.read({ signal: AbortSignal.abort('no') }))).toBe('no')
  })

  it('knows that a guard was released, by whatever code', async () => {
    const lock = new RwLock({ debug })
    const guard = await lock.write()
    await Promise.all([1].map(async () => guard.release()))

    await lock.write()

    expect(lock.stats().writers).toBe(1)
  })

  it('follows a guard that changed', async () => {
    const lock = new RwLock({ debug })
    const writing = await lock.write()
    const reading = writing.downgrade()
    writing.release()

    expect(await failureOf(lock.write())).toMatchObject({ cause: { message: /read/ } })
    reading.release()
    const guard = await lock.upgradable()
    const upgraded = guard.tryUpgrade()
    guard.release()
    expect(await failureOf(lock.read())).toMatchObject({ cause: { message: /write/ } })
    upgraded?.release()
    ;(await lock.upgradable()).downgrade().release()
    expect(await stateOf(lock.write())).toBe('fulfilled')
  })
})

describe('a lock that is debugged, asked by several', () => {
  it('takes calls that are made in one breath for different ones', async () => {
    const lock = new RwLock({ debug })
    const visit = async () => {
      using _guard = await lock.write()
      await Promise.resolve()
      return lock.stats().writers
    }

    expect(await Promise.all([visit(), visit(), visit()])).toEqual([1, 1, 1])
  })

  it('does not take two locks, asked for by two calls in one breath, for an order', async () => {
    const locks = [new RwLock({ debug }), new RwLock({ debug })] as const
    const visit = async (first: RwLock, second: RwLock) => {
      ;(await first.write()).release()
      ;(await second.write()).release()
      return 'done'
    }

    const visits = [visit(locks[0], locks[1]), visit(locks[1], locks[0])]

    expect(await Promise.all(visits)).toEqual(['done', 'done'])
  })

  it('lets a task that was started with runWrite() alone', async () => {
    const lock = new RwLock({ debug })
    let finish = (): void => {}
    const background = lock.runWrite(() => new Promise<void>((resolve) => (finish = resolve)))
    await Promise.resolve()

    const waiting = lock.write()

    expect(await stateOf(waiting)).toBe('pending')
    finish()
    await background
    await waiting
  })
})

describe('locks that are debugged, held together', () => {
  it('refuse the second order of two', async () => {
    const [one, other] = [new RwLock({ debug }), new RwLock({ debug })]
    await one.runWrite(() => other.runRead(() => 'first order'))

    const error = await failureOf(other.runRead(() => one.runRead(() => 'second order')))

    expect(error).toBeInstanceOf(BrokenError)
    expect(error).toMatchObject({
      message: 'Cannot take the read lock: two locks are taken in both orders',
      cause: { stack: expect.stringContaining('debug.test.ts') },
    })
    expect(one.stats()).toMatchObject({ readers: 0, writers: 0 })
  })

  it('refuse a circle of three', async () => {
    const [a, b, c] = [new RwLock({ debug }), new RwLock({ debug }), new RwLock({ debug })]
    await a.runWrite(() => b.runWrite(() => 'a, b'))
    await b.runWrite(() => c.runWrite(() => 'b, c'))

    expect(await failureOf(c.runWrite(() => a.runWrite(() => 'c, a')))).toBeInstanceOf(BrokenError)
  })

  it('allow one order, as often as it is taken', async () => {
    const [one, other] = [new RwLock({ debug }), new RwLock({ debug })]
    const both = () => one.runWrite(() => other.runWrite(() => 'both'))

    expect([await both(), await both()]).toEqual(['both', 'both'])
  })

  it('refuse an upgrade with a lock in hand that readers may wait for', async () => {
    const [one, other] = [new RwLock({ debug }), new RwLock({ debug })]
    const guard = await one.upgradable()
    const held = await other.write()

    expect(await failureOf(guard.upgrade())).toBeInstanceOf(BrokenError)
    held.release()
    expect(await guard.upgrade()).toBeDefined()
  })
})

describe('a TimeoutError of a lock that is debugged', () => {
  it('says where the one in the way was let in', async () => {
    const lock = new RwLock({ debug })
    await takenByAda(lock)

    const error = await failureOf(lock.read({ timeout: 0 }))

    expect(error).toMatchObject({
      code: 'ERR_TIMEOUT',
      cause: {
        message: 'Held (write), taken here',
        stack: expect.stringMatching(/^Error: Held \(write\), taken here\n[^]*takenByAda/),
      },
    })
  })

  it('says so of all', async () => {
    const lock = new RwLock({ debug })
    await Promise.all([lock.read(), lock.read(), lock.upgradable()])

    const error = await failureOf(lock.write({ timeout: 0 }))

    expect(error).toMatchObject({ cause: { message: '3 guards are held' } })
    expect((error as { cause: AggregateError }).cause.errors).toHaveLength(3)
  })

  it('says of an upgrade who else reads', async () => {
    const lock = new RwLock({ debug })
    const guard = await lock.upgradable()
    await lock.runRead(async () => {
      const error = await failureOf(guard.upgrade({ timeout: 0 }))

      expect(error).toMatchObject({ cause: { message: 'Held (read), taken here' } })
    })
  })
})
