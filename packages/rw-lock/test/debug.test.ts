import { BrokenError, TimeoutError } from '@cupola/core'
import { Deferred } from '@cupola/core/authoring'
import { RwLock, type RwLockPolicy } from '@cupola/rw-lock'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'
import { everyPolicy } from './fixtures/every-lock.ts'
import { failureOf } from '../../../test/failure-of.ts'
import { untyped } from '../../../test/untyped.ts'
import { settled } from './fixtures/visitors.ts'

const debug = true

const OWN = 'the code that asks holds the lock itself, and may wait for itself'

const mayReadAgain: readonly RwLockPolicy[] = ['reader-preferring']

describe.each(everyPolicy)(
  'a lock that is debugged, asked from inside its own run, %s',
  (policy) => {
    it.each([
      ['runWrite', 'read', 'Cannot take the read lock'],
      ['runWrite', 'write', 'Cannot take the write lock'],
      ['runWrite', 'upgradable', 'Cannot take the upgradable lock'],
      ['runRead', 'write', 'Cannot take the write lock'],
      ['runRead', 'upgradable', 'Cannot take the upgradable lock'],
    ] as const)('refuses, in %s(), to wait in %s()', async (run, ask, action) => {
      const lock = new RwLock({ policy, debug })

      const error = await lock[run](() => failureOf(lock[ask]()))

      expect(error).toBeInstanceOf(BrokenError)
      expect(error).toMatchObject({
        message: `${action}: ${OWN}`,
        cause: { message: `Held (${run === 'runRead' ? 'read' : 'write'}), taken here` },
      })
      expect(await stateOf(lock.write())).toBe('fulfilled')
    })

    it('refuses runRead() and runWrite() as well, and does not call their functions', async () => {
      const lock = new RwLock({ policy, debug })
      const calls: string[] = []

      const run = () => lock.runWrite(() => calls.push('called'))

      expect(await failureOf(lock.runRead(run))).toBeInstanceOf(BrokenError)
      expect(await failureOf(lock.runWrite(run))).toBeInstanceOf(BrokenError)
      expect(calls).toEqual([])
    })

    it('lets it read again only where no writer can come in between', async () => {
      const lock = new RwLock({ policy, debug })

      const again = lock.runRead(() => lock.runRead(() => 'again'))

      const isRefused = (await failureOf(again)) instanceof BrokenError
      expect(isRefused).toBe(!mayReadAgain.includes(policy))
    })

    it('refuses an upgrade of a guard in a run that reads: it would wait for that run', async () => {
      const lock = new RwLock({ policy, debug })
      const guard = await lock.upgradable()

      const error = await lock.runRead(() => failureOf(guard.upgrade()))

      expect(error).toMatchObject({ message: `Cannot upgrade: ${OWN}` })
      expect(await stateOf(guard.upgrade())).toBe('fulfilled')
    })
  },
)

describe('an upgradable, asked for in a run that reads', () => {
  it('would wait for one that upgrades and waits for the run, under reader-preferring too', async () => {
    const lock = new RwLock({ policy: 'reader-preferring' })
    const guard = await lock.upgradable()
    const gate = new Deferred<void>()
    const reading = lock.runRead(() => gate.promise.then(() => lock.upgradable()))
    const upgrading = guard.upgrade()

    gate.resolve()

    expect([await stateOf(reading), await stateOf(upgrading)]).toEqual(['pending', 'pending'])
  })
})

describe('a lock that is debugged, asked from inside its own run', () => {
  it('finds it through calls and awaits', async () => {
    const lock = new RwLock({ debug })
    const inner = async () => await lock.runRead(() => 'inside')
    const outer = async () => {
      await Promise.resolve()
      return await inner()
    }

    expect(await failureOf(lock.runWrite(outer))).toBeInstanceOf(BrokenError)
    expect(lock.stats()).toMatchObject({ writers: 0, waitingReaders: 0 })
  })

  it('finds it from inside a run of another lock', async () => {
    const [outer, inner] = [new RwLock({ debug }), new RwLock({ debug })]

    const error = await outer.runWrite(() => inner.runWrite(() => failureOf(outer.read())))

    expect(error).toMatchObject({ message: `Cannot take the read lock: ${OWN}` })
  })

  it('refuses a wait with a timeout, too', async () => {
    const lock = new RwLock({ debug })

    const error = await lock.runWrite(() => failureOf(lock.read({ timeout: 60_000 })))

    expect(error).toBeInstanceOf(BrokenError)
  })

  it('lets it try, or give up at once', async () => {
    const lock = new RwLock({ debug })
    const signal = AbortSignal.abort('no')

    await lock.runWrite(async () => {
      const tried = [lock.tryRead(), lock.tryWrite(), lock.tryUpgradable()]

      expect(tried).toEqual(Array.from({ length: 3 }, () => undefined))
      expect(await failureOf(lock.read({ timeout: 0 }))).toBeInstanceOf(TimeoutError)
      expect(await failureOf(lock.read({ signal }))).toBe('no')
    })
    await lock.runRead(() => expect(lock.tryRead()).toBeDefined())
  })

  it('checks arguments first', async () => {
    const lock = new RwLock({ debug })
    const guard = await lock.upgradable()

    await lock.runRead(async () => {
      expect(await failureOf(lock.write({ timeout: -1 }))).toBeInstanceOf(RangeError)
      expect(await failureOf(guard.upgrade({ timeout: -1 }))).toBeInstanceOf(RangeError)
      expect(await failureOf(lock.runWrite(untyped(1)))).toBeInstanceOf(TypeError)
    })
  })

  it('says of a guard that is closed that it is', async () => {
    const lock = new RwLock({ debug })
    const guard = await lock.upgradable()
    guard.release()

    const error = await lock.runRead(() => failureOf(guard.upgrade()))

    expect(error).toMatchObject({ code: 'ERR_CLOSED' })
  })
})

describe('a lock that is debugged, asked by code that holds nothing', () => {
  it('lets the guards that code took by hand be nobody’s', async () => {
    const lock = new RwLock({ debug })
    const guard = await lock.write()

    const waiting = lock.write()

    expect(await stateOf(waiting)).toBe('pending')
    guard.release()
    expect(await stateOf(waiting)).toBe('fulfilled')
  })

  it('lets calls that are made in one breath wait for each other', async () => {
    const lock = new RwLock({ debug })
    const visit = () => lock.runWrite(async () => lock.stats().writers)

    expect(await Promise.all([visit(), visit(), visit()])).toEqual([1, 1, 1])
  })

  it('does not blame whoever started a run', async () => {
    const lock = new RwLock({ debug })
    const gate = new Deferred<void>()
    const background = lock.runWrite(() => gate.promise)
    await settled()

    const waiting = lock.write()

    expect(await stateOf(waiting)).toBe('pending')
    gate.resolve()
    await background
    expect(await stateOf(waiting)).toBe('fulfilled')
  })

  it('lets a task that a run has started ask when the run is over', async () => {
    const lock = new RwLock({ debug })
    const gate = new Deferred<void>()
    const started: Promise<unknown>[] = []
    await lock.runWrite(() => {
      started.push(gate.promise.then(() => lock.runWrite(() => 'on its own')))
    })

    gate.resolve()

    expect(await Promise.all(started)).toEqual(['on its own'])
  })

  it('lets a run that failed be over, too', async () => {
    const lock = new RwLock({ debug })
    const gate = new Deferred<void>()
    const started: Promise<unknown>[] = []
    await failureOf(
      lock.runWrite(() => {
        started.push(gate.promise.then(() => lock.runRead(() => 'on its own')))
        throw new Error('mine')
      }),
    )

    gate.resolve()

    expect(await Promise.all(started)).toEqual(['on its own'])
  })

  it.each([
    [
      'by hand',
      async (lock: RwLock, pause: Promise<void>) => {
        using _guard = await lock.write()
        await pause
      },
    ],
    ['by runWrite()', (lock: RwLock, pause: Promise<void>) => lock.runWrite(() => pause)],
  ])('lets the handlers of one event source wait for each other, %s', async (_, visit) => {
    const lock = new RwLock({ debug })
    const gate = new Deferred<void>()
    const visits: Promise<void>[] = []
    const { port1, port2 } = new MessageChannel()
    const last = new Deferred<void>()
    port2.on('message', (message) => {
      visits.push(visit(lock, gate.promise))
      if (message === 3) last.resolve()
    })

    for (const message of [1, 2, 3]) port1.postMessage(message)
    await last.promise
    port1.close()

    expect(lock.stats()).toMatchObject({ writers: 1, waitingWriters: 2 })
    gate.resolve()
    await Promise.all(visits)
    expect(lock.stats()).toMatchObject({ writers: 0, waitingWriters: 0 })
  })
})
