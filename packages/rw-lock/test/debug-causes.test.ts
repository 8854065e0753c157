import { BrokenError, TimeoutError } from '@cupola/core'
import { RwLock, type UpgradableGuard, type WriteGuard } from '@cupola/rw-lock'
import { describe, expect, it } from 'vitest'
import { failureOf } from '../../../test/failure-of.ts'
import { untyped } from '../../../test/untyped.ts'

const debug = true

async function takenByAda(lock: RwLock): Promise<WriteGuard> {
  return await lock.write()
}

/** What stood in the way of one who would not wait. */
async function causeOf(lock: RwLock): Promise<unknown> {
  const error = await failureOf(lock.write({ timeout: 0 }))
  return error instanceof TimeoutError ? error.cause : error
}

/** The messages of those who stood in the way. */
async function holdersOf(lock: RwLock): Promise<unknown[]> {
  const cause = await causeOf(lock)
  const causes: unknown[] = cause instanceof AggregateError ? cause.errors : [cause]
  return causes.map((each) => (each instanceof Error ? each.message : each))
}

describe('a TimeoutError of a lock that is debugged', () => {
  it('is like any other, but says where the one in the way was let in', async () => {
    const lock = new RwLock({ debug })
    await takenByAda(lock)

    const error = await failureOf(lock.read({ timeout: 3 }))

    expect(error).toBeInstanceOf(TimeoutError)
    expect(error).toMatchObject({
      message: 'Cannot take the read lock: waited 3 ms',
      timeout: 3,
      cause: { message: 'Held (write), taken here', stack: expect.stringContaining('takenByAda') },
    })
    expect(Object.keys(Object(error))).not.toContain('cause')
  })

  it.each<[string, (lock: RwLock) => unknown]>([
    ['read', (lock) => lock.read()],
    ['upgradable', (lock) => lock.upgradable()],
    ['write', (lock) => lock.write()],
    ['read', (lock) => lock.tryRead()],
    ['upgradable', (lock) => lock.tryUpgradable()],
    ['write', (lock) => lock.tryWrite()],
    ['read', (lock) => void lock.runRead(() => new Promise(() => {}))],
    ['write', (lock) => void lock.runWrite(() => new Promise(() => {}))],
    ['read', async (lock) => (await lock.write()).downgrade()],
    ['read', async (lock) => (await lock.upgradable()).downgrade()],
    ['write', async (lock) => (await lock.upgradable()).tryUpgrade()],
    ['write', async (lock) => await (await lock.upgradable()).upgrade()],
  ])(
    'names a guard (%s) by the stack of who asked for it, and no frame of ours: %s',
    async (kind, take) => {
      const lock = new RwLock({ debug })
      await take(lock)

      expect(await causeOf(lock)).toMatchObject({
        message: `Held (${kind}), taken here`,
        stack: expect.stringMatching(/^Error: Held \(\w+\), taken here\n.*debug-causes\.test\.ts/),
      })
    },
  )

  it('names all', async () => {
    const lock = new RwLock({ debug })
    await Promise.all([lock.read(), lock.read(), lock.upgradable()])

    expect(await causeOf(lock)).toMatchObject({ message: '3 guards are held' })
    expect(await holdersOf(lock)).toEqual([
      'Held (read), taken here',
      'Held (read), taken here',
      'Held (upgradable), taken here',
    ])
  })

  it('does not name those that were released, by whatever code, or that have failed', async () => {
    const lock = new RwLock({ debug })
    const guards = [await lock.read(), lock.tryRead(), await lock.upgradable()]
    await lock.read()
    await failureOf(lock.write({ timeout: 0 }))
    await lock.runRead(() => 'over')

    for (const guard of guards) guard?.[Symbol.dispose]()

    expect(await holdersOf(lock)).toEqual(['Held (read), taken here'])
  })

  it('names whoever the lock was handed to just now', async () => {
    const lock = new RwLock({ debug })
    const first = await lock.write()
    const next = lock.read()
    first.release()

    expect(await holdersOf(lock)).toEqual(['Held (read), taken here'])
    ;(await next).release()
  })

  it('names nobody if all have left before it could tell', async () => {
    const lock = new RwLock({ debug })
    const guard = await lock.write()
    const cause = causeOf(lock)

    guard.release()

    expect(await cause).toBeUndefined()
  })

  it('says of an upgrade who else reads', async () => {
    const lock = new RwLock({ debug })
    const guard = await lock.upgradable()
    await lock.read()

    const error = await failureOf(guard.upgrade({ timeout: 0 }))

    expect(error).toMatchObject({
      message: 'Cannot upgrade: waited 0 ms',
      cause: { message: 'Held (read), taken here' },
    })
  })
})

describe('a guard of a lock that is debugged', () => {
  it.each<[string, (guard: UpgradableGuard) => unknown]>([
    ['that upgrades', (guard) => guard.upgrade()],
    ['that was upgraded now', (guard) => guard.tryUpgrade()],
  ])('%s and is released meanwhile is named as the writer', async (_, upgrade) => {
    const lock = new RwLock({ debug })
    const guard = await lock.upgradable()

    const upgraded = upgrade(guard)
    guard.release()
    await upgraded

    expect(await holdersOf(lock)).toEqual(['Held (write), taken here'])
  })

  it('that was downgraded and is released once more is named as the reader', async () => {
    const lock = new RwLock({ debug })
    const writing = await lock.write()
    writing.downgrade()

    writing.release()

    expect(await holdersOf(lock)).toEqual(['Held (read), taken here'])
  })
})

describe('what a signal aborts with, where a lock is debugged', () => {
  it.each([
    ['a TimeoutError', new TimeoutError('answer', 5)],
    ['one that nobody may change', Object.freeze(new TimeoutError('answer', 5))],
  ])('is handed on as it is: %s', async (_, reason) => {
    const lock = new RwLock({ debug })
    const controller = new AbortController()
    const { signal } = controller
    await lock.write()
    const waiting = failureOf(lock.read({ signal }))

    controller.abort(reason)

    expect(await waiting).toBe(reason)
    expect(await failureOf(lock.read({ signal, timeout: 0 }))).toBe(reason)
    expect(reason.cause).toBeUndefined()
  })
})

describe('a lock that is debugged, where no stack can be had', () => {
  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no stack')
      },
    ],
    ['gives no string', () => ['frame']],
  ])('works all the same when prepareStackTrace %s', async (_, prepare) => {
    const lock = new RwLock({ debug })
    const { prepareStackTrace } = Error
    Error.prepareStackTrace = untyped(prepare)
    try {
      await lock.runWrite(async () => {
        expect(await holdersOf(lock)).toEqual(['Held (write), taken somewhere'])
        expect(await failureOf(lock.read())).toBeInstanceOf(BrokenError)
      })
      expect(lock.stats().writers).toBe(0)
    } finally {
      Error.prepareStackTrace = untyped(prepareStackTrace)
    }
  })
})
