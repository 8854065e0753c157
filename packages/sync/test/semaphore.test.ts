import { type Guard, Semaphore } from '@cupola/sync'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'

describe('Semaphore', () => {
  it.each([0, -1, 1.5, Number.NaN])('refuses to have %s permits', (permits) => {
    expect(() => new Semaphore(permits)).toThrow(RangeError)
    expect(() => new Semaphore(1).resize(permits)).toThrow(RangeError)
  })

  it('may have no limit', () => {
    const semaphore = new Semaphore(Infinity)

    semaphore.tryAcquire({ weight: 1000 })

    expect(semaphore.stats()).toMatchObject({ available: Infinity, held: 1000 })
  })

  describe('.acquire()', () => {
    it.each([0, -1, 1.5, 4, Number.NaN])('rejects a weight of %s of 3', async (weight) => {
      await expect(new Semaphore(3).acquire({ weight })).rejects.toBeInstanceOf(RangeError)
    })

    it('does not starve who wants much', async () => {
      const semaphore = new Semaphore(3)
      const first = semaphore.tryAcquire({ weight: 2 })
      const heavy = semaphore.acquire({ weight: 3 })
      const light = semaphore.acquire()

      expect(await stateOf(light)).toBe('pending')
      first?.release()

      const guard = await heavy
      expect(await stateOf(light)).toBe('pending')
      guard.release()
      await light
    })

    it('lets those behind a heavy one in who gives up', async () => {
      const semaphore = new Semaphore(3)
      semaphore.tryAcquire({ weight: 2 })
      const controller = new AbortController()
      const heavy = semaphore.acquire({ weight: 3, signal: controller.signal })
      const light = semaphore.acquire()

      controller.abort('enough')

      await expect(heavy).rejects.toBe('enough')
      await light
    })
  })

  describe('.tryAcquire()', () => {
    it.each([0, 4, Number.NaN])('throws for a weight of %s of 3', (weight) => {
      expect(() => new Semaphore(3).tryAcquire({ weight })).toThrow(RangeError)
    })

    it('takes what is free of those who have given up, though they have not been told yet', async () => {
      const semaphore = new Semaphore(2)
      semaphore.tryAcquire()
      const controller = new AbortController()
      let taken: Guard | undefined
      controller.signal.addEventListener('abort', () => (taken = semaphore.tryAcquire()))
      const heavy = semaphore.acquire({ weight: 2, signal: controller.signal })

      controller.abort('enough')

      await expect(heavy).rejects.toBe('enough')
      expect(taken).toBeDefined()
    })

    it('lets in those behind who have given up, and takes nothing before them', async () => {
      const semaphore = new Semaphore(2)
      semaphore.tryAcquire()
      const controller = new AbortController()
      let taken: Guard | undefined
      controller.signal.addEventListener('abort', () => (taken = semaphore.tryAcquire()))
      semaphore.acquire({ weight: 2, signal: controller.signal }).catch(() => {})
      const light = semaphore.acquire()

      controller.abort('enough')

      await light
      expect(taken).toBeUndefined()
    })

    it('takes what is free', () => {
      const semaphore = new Semaphore(3)

      const guards = [2, 2, 1].map((weight) => semaphore.tryAcquire({ weight }))

      expect(guards.map((guard) => guard !== undefined)).toEqual([true, false, true])
    })
  })

  describe('a guard', () => {
    it('gives its permits back once', () => {
      const semaphore = new Semaphore(2)
      const guard = semaphore.tryAcquire()
      semaphore.tryAcquire()

      guard?.release()
      guard?.release()
      guard?.[Symbol.dispose]()

      expect(semaphore.stats()).toEqual({ permits: 2, available: 1, held: 1, waiting: 0 })
    })

    it('is given back by using', () => {
      const semaphore = new Semaphore(1)

      {
        using _held = semaphore.tryAcquire()
        expect(semaphore.stats().held).toBe(1)
      }

      expect(semaphore.stats().held).toBe(0)
    })
  })

  describe('.run()', () => {
    it('gives what the function gives, and releases', async () => {
      const semaphore = new Semaphore(3)

      const held = await semaphore.run(async () => semaphore.stats().held, { weight: 2 })

      expect([held, semaphore.stats().held]).toEqual([2, 0])
    })

    it('calls the function without arguments', async () => {
      const countArguments = (...args: readonly unknown[]) => args.length

      expect(await new Semaphore(1).run(countArguments)).toBe(0)
    })

    it('releases when the function fails', async () => {
      const semaphore = new Semaphore(1)
      const failing = semaphore.run(() => {
        throw new Error('failed')
      })

      await expect(failing).rejects.toThrow('failed')

      expect(semaphore.stats().held).toBe(0)
    })

    it('rejects what is no function, and acquires nothing', async () => {
      const semaphore = new Semaphore(1)

      await expect(semaphore.run('function' as never)).rejects.toBeInstanceOf(TypeError)

      expect(semaphore.stats().held).toBe(0)
    })
  })

  describe('.resize()', () => {
    it('lets in who waits when there are more', async () => {
      const semaphore = new Semaphore(1)
      semaphore.tryAcquire()
      const waiting = [semaphore.acquire(), semaphore.acquire()]

      semaphore.resize(3)

      await Promise.all(waiting)
      expect(semaphore.stats()).toMatchObject({ permits: 3, available: 0 })
    })

    it('lets those go on who hold more than there are left', () => {
      const semaphore = new Semaphore(3)
      const guard = semaphore.tryAcquire({ weight: 3 })

      semaphore.resize(1)
      expect(semaphore.stats()).toMatchObject({ available: -2, held: 3 })
      expect(semaphore.tryAcquire()).toBeUndefined()

      guard?.release()
      expect(semaphore.stats().available).toBe(1)
    })

    it('refuses who waits for more than there will ever be, and lets in those behind him', async () => {
      const semaphore = new Semaphore(3)
      const first = semaphore.tryAcquire({ weight: 1 })
      const heavy = semaphore.acquire({ weight: 3 })
      const light = semaphore.acquire()

      semaphore.resize(2)

      await expect(heavy).rejects.toBeInstanceOf(RangeError)
      await light
      first?.release()
    })
  })

  it('gives a frozen snapshot', () => {
    expect(Object.isFrozen(new Semaphore(1).stats())).toBe(true)
  })
})
