import { RwLock } from '@cupola/rw-lock'
import { describe, expect, it } from 'vitest'
import { untyped } from '../../../test/untyped.ts'

describe('new RwLock()', () => {
  it.each([undefined, {}, { policy: undefined, debug: undefined, clock: undefined }])(
    'is phase-fair with options %j',
    async (options) => {
      const lock = new RwLock(options)
      const writing = await lock.write()
      void lock.write()
      void lock.read()

      writing.release()

      expect(lock.stats()).toMatchObject({ readers: 1, writers: 0, waitingWriters: 1 })
    },
  )

  it.each([
    ['fair', "'fair'"],
    ['', "''"],
    ['toString', "'toString'"],
    [7, 'number'],
    [null, 'null'],
    [['fifo'], 'array'],
  ])('refuses the policy %j', (policy, got) => {
    expect(() => new RwLock({ policy: untyped(policy) })).toThrow(
      new TypeError(
        `Cannot use policy: got ${got}, expected one of 'phase-fair', 'fifo', 'writer-preferring', 'reader-preferring'`,
      ),
    )
  })

  it.each([null, 'fifo', 3, [[]]])('refuses the options %j', (options) => {
    expect(() => new RwLock(untyped(options))).toThrow(TypeError)
  })

  it('refuses a debug that is no boolean, which would turn it on', () => {
    expect(() => new RwLock({ debug: untyped('false') })).toThrow(
      new TypeError('Cannot use debug: got string, expected a boolean'),
    )
  })

  it('refuses a clock that is none, before anybody waits by it', () => {
    expect(() => new RwLock({ clock: untyped({}) })).toThrow(
      new TypeError('Cannot use clock: it has no now(), expected a Clock'),
    )
  })
})

describe('RwLock.stats()', () => {
  it('is a frozen snapshot', async () => {
    const lock = new RwLock()
    const before = lock.stats()

    await lock.read()

    expect(Object.isFrozen(before)).toBe(true)
    expect(before.readers).toBe(0)
  })
})
