import { TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { stateOf } from '../../../test/state-of.ts'
import { kinds } from './fixtures/queues.ts'

const { watch } = expectNoLeaks()

describe.each(kinds)('%s', (__, make) => {
  describe('.put()', () => {
    it('waits for room', async () => {
      const queue = make({ capacity: 1 })
      await queue.put(1)
      const second = queue.put(2)

      expect(await stateOf(second)).toBe('pending')
      expect(queue.stats()).toMatchObject({ size: 1, putting: 1, unfinished: 1 })

      queue.tryGet()
      await second
      expect(queue.stats()).toMatchObject({ size: 1, putting: 0, unfinished: 2 })
    })

    it('lets nobody overtake those who wait for room', async () => {
      const queue = make({ capacity: 1 })
      queue.tryPut(1)
      const second = queue.put(2)

      queue.tryGet()

      expect(queue.tryPut(3)).toBe(false)
      expect(queue.tryGet()).toBe(2)
      await second
    })

    it('hands its item to somebody who waits before it returns', async () => {
      const queue = make()
      const waiting = queue.get()

      void queue.put(7)

      expect(queue.stats()).toMatchObject({ size: 0, getting: 0, unfinished: 1 })
      expect(queue.tryGet()).toBeUndefined()
      expect(await waiting).toBe(7)
    })

    it('that is aborted has left its place, and its item is not in the queue', async () => {
      const queue = make({ capacity: 1 })
      queue.tryPut(1)
      const controller = new AbortController()
      const signal = watch(controller.signal)
      const gaveUp = queue.put(2, { signal })
      const third = queue.put(3)

      controller.abort('enough')

      await expect(gaveUp).rejects.toBe('enough')
      expect(queue.tryGet()).toBe(1)
      expect(queue.tryGet()).toBe(3)
      await third
    })

    it('that times out has left its place', async () => {
      const clock = new VirtualClock()
      const queue = make({ capacity: 1, clock })
      queue.tryPut(1)
      const late = queue.put(2, { timeout: 10 }).catch((error: unknown) => error)

      await clock.advance(10)

      expect(await late).toMatchObject({
        code: 'ERR_TIMEOUT',
        message: 'Cannot put an item: waited 10 ms',
      })
      expect(queue.stats()).toMatchObject({ putting: 0, unfinished: 1 })
      expect(clock.pending).toBe(0)
    })

    it('with timeout 0 puts now or not at all', async () => {
      const queue = make({ capacity: 1 })

      await queue.put(1, { timeout: 0 })

      await expect(queue.put(2, { timeout: 0 })).rejects.toBeInstanceOf(TimeoutError)
      expect(queue.size).toBe(1)
    })

    it('puts nothing if the signal has aborted already', async () => {
      const queue = make()

      await expect(queue.put(1, { signal: AbortSignal.abort('no') })).rejects.toBe('no')

      expect(queue.stats()).toMatchObject({ size: 0, unfinished: 0 })
    })

    it.each([-1, Number.NaN])(
      'rejects a timeout of %s even when there is room',
      async (timeout) => {
        await expect(make().put(1, { timeout })).rejects.toBeInstanceOf(RangeError)
      },
    )
  })

  describe('.get()', () => {
    it('waits for an item', async () => {
      const queue = make()
      const item = queue.get()

      expect(await stateOf(item)).toBe('pending')
      expect(queue.stats()).toMatchObject({ getting: 1 })

      queue.tryPut(5)
      expect(await item).toBe(5)
    })

    it('serves callers in the order of their calls', async () => {
      const queue = make()
      const served: number[] = []
      const calls = [1, 2, 3].map(async (caller) => {
        await queue.get()
        served.push(caller)
      })

      for (const item of [7, 8, 9]) queue.tryPut(item)

      await Promise.all(calls)
      expect(served).toEqual([1, 2, 3])
    })

    it('that is aborted leaves the next item to somebody else', async () => {
      const queue = make()
      const controller = new AbortController()
      const signal = watch(controller.signal)
      const gaveUp = queue.get({ signal })
      const next = queue.get()

      controller.abort('enough')
      queue.tryPut(1)

      await expect(gaveUp).rejects.toBe('enough')
      expect(await next).toBe(1)
    })

    it('that is aborted just after it was handed an item resolves with it', async () => {
      const queue = make()
      const controller = new AbortController()
      const item = queue.get({ signal: watch(controller.signal) })

      queue.tryPut(1)
      controller.abort('too late')

      expect(await item).toBe(1)
    })

    it('that is aborted just before an item is put loses none', async () => {
      const queue = make()
      const controller = new AbortController()
      const gaveUp = queue.get({ signal: watch(controller.signal) })

      controller.abort('enough')
      queue.tryPut(1)

      await expect(gaveUp).rejects.toBe('enough')
      expect(queue.tryGet()).toBe(1)
    })

    it('that times out has left its place', async () => {
      const clock = new VirtualClock()
      const queue = make({ clock })
      const late = queue.get({ timeout: 2 ** 31 }).catch((error: unknown) => error)

      await clock.advance(2 ** 31)

      expect(await late).toMatchObject({ code: 'ERR_TIMEOUT', timeout: 2 ** 31 })
      expect(queue.stats().getting).toBe(0)
      expect(clock.pending).toBe(0)
    })

    it('takes nothing if the signal has aborted already', async () => {
      const queue = make()
      queue.tryPut(1)

      await expect(queue.get({ signal: AbortSignal.abort('no') })).rejects.toBe('no')

      expect(queue.size).toBe(1)
    })

    it('lets in who waits for room', async () => {
      const queue = make({ capacity: 1 })
      queue.tryPut(1)
      const second = queue.put(2)

      expect(await queue.get()).toBe(1)

      expect(queue.stats()).toMatchObject({ size: 1, putting: 0 })
      await second
    })
  })
})
