import { KeyedMutex } from '@cupola/sync'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'

describe('KeyedMutex', () => {
  it('keeps those of one key apart, and lets those of others be', async () => {
    const mutex = new KeyedMutex<string>()
    const first = await mutex.acquire('a')
    const second = mutex.acquire('a')

    await mutex.acquire('b')
    expect(await stateOf(second)).toBe('pending')

    first.release()
    await second
  })

  it.each([['text'], [1], [Number.NaN], [undefined], [null], [Symbol('key')], [{}]])(
    'takes %s for a key',
    (key: unknown) => {
      const mutex = new KeyedMutex()

      const first = mutex.tryAcquire(key)
      const second = mutex.tryAcquire(key)

      expect([first !== undefined, second]).toEqual([true, undefined])
    },
  )

  it('forgets a key that nobody holds or waits for', async () => {
    const mutex = new KeyedMutex<object>()
    const key = {}
    const first = mutex.tryAcquire(key)
    const second = mutex.acquire(key)
    expect(mutex.stats()).toEqual({ keys: 1, held: 1, waiting: 1 })

    first?.release()
    expect(mutex.size).toBe(1)

    const guard = await second
    guard.release()
    guard.release()
    expect(mutex.stats()).toEqual({ keys: 0, held: 0, waiting: 0 })
  })

  it('forgets a key when who waited for it and another has given up', async () => {
    const mutex = new KeyedMutex<string>()
    mutex.tryAcquire('a')
    const controller = new AbortController()
    const waiting = mutex.acquireAll(['a', 'b'], controller)
    expect(mutex.size).toBe(2)

    controller.abort('enough')

    await expect(waiting).rejects.toBe('enough')
    expect(mutex.size).toBe(1)
  })

  describe('.acquireAll()', () => {
    it('does not deadlock with one who names the same keys the other way round', async () => {
      const mutex = new KeyedMutex<string>()
      const visit = async (...keys: string[]): Promise<void> => {
        for (let time = 0; time < 10; time++) {
          using _held = await mutex.acquireAll(keys)
          await Promise.resolve()
        }
      }

      await Promise.all([visit('a', 'b', 'c'), visit('c', 'b', 'a'), visit('b', 'c')])

      expect(mutex.size).toBe(0)
    })

    it('holds none of its keys before it holds all, but keeps its place for each', async () => {
      const mutex = new KeyedMutex<string>()
      const a = await mutex.acquire('a')
      const both = mutex.acquireAll(['a', 'b'])
      const b = mutex.acquire('b')
      expect(mutex.stats()).toEqual({ keys: 2, held: 1, waiting: 2 })

      a.release()

      const guard = await both
      expect(await stateOf(b)).toBe('pending')
      guard.release()
      await b
    })

    it('lets those behind it go on when it gives up', async () => {
      const mutex = new KeyedMutex<string>()
      mutex.tryAcquire('a')
      const controller = new AbortController()
      const both = mutex.acquireAll(['a', 'b'], controller)
      const b = mutex.acquire('b')

      controller.abort('enough')

      await expect(both).rejects.toBe('enough')
      await b
    })

    it('counts a key that is named twice once', async () => {
      const mutex = new KeyedMutex<string>()

      const guard = await mutex.acquireAll(['a', 'a'], { timeout: 0 })

      expect(mutex.size).toBe(1)
      guard.release()
      expect(mutex.size).toBe(0)
    })

    it('grants no keys at all at once', async () => {
      const mutex = new KeyedMutex()
      const guard = await mutex.acquireAll([], { timeout: 0 })

      expect(mutex.stats()).toEqual({ keys: 0, held: 1, waiting: 0 })
      guard.release()
    })

    it.each([
      ['a string', 'ab'],
      ['no iterable', 5],
      ['undefined', undefined],
      ['null', null],
    ])('rejects %s', async (_, keys) => {
      const mutex = new KeyedMutex<string>()

      await expect(mutex.acquireAll(keys as never)).rejects.toThrow(/^Cannot use keys: got /)
      await expect(mutex.runAll(keys as never, () => 'ran')).rejects.toBeInstanceOf(TypeError)
      expect(() => mutex.tryAcquireAll(keys as never)).toThrow(TypeError)
    })
  })

  describe('.tryAcquireAll()', () => {
    it('takes all or none', () => {
      const mutex = new KeyedMutex<string>()
      mutex.tryAcquire('b')

      expect(mutex.tryAcquireAll(['a', 'b'])).toBeUndefined()

      expect(mutex.tryAcquire('a')).toBeDefined()
    })
  })

  describe('.run() and .runAll()', () => {
    it('release when the function is done or has failed', async () => {
      const mutex = new KeyedMutex<string>()

      expect(await mutex.run('a', () => mutex.size)).toBe(1)
      expect(await mutex.runAll(['a', 'b'], async () => mutex.size)).toBe(2)
      await expect(mutex.run('a', () => Promise.reject(new Error('failed')))).rejects.toThrow(
        'failed',
      )

      expect(mutex.size).toBe(0)
    })

    it('call the function without arguments', async () => {
      const mutex = new KeyedMutex<string>()

      expect(await mutex.run('a', countArguments)).toBe(0)
      expect(await mutex.runAll(['a', 'b'], countArguments)).toBe(0)
    })

    it('reject what is no function, and acquire nothing', async () => {
      const mutex = new KeyedMutex<string>()

      await expect(mutex.run('a', 1 as never)).rejects.toBeInstanceOf(TypeError)
      await expect(mutex.runAll(['a'], 1 as never)).rejects.toBeInstanceOf(TypeError)

      expect(mutex.size).toBe(0)
    })
  })
})

function countArguments(...args: readonly unknown[]): number {
  return args.length
}
