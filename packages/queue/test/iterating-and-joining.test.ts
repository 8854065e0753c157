import { TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'
import { kinds } from './fixtures/queues.ts'

describe.each(kinds)('%s', (__, make) => {
  describe('.join()', () => {
    it('resolves at once if nothing was put', async () => {
      await expect(make().join({ timeout: 0 })).resolves.toBeUndefined()
    })

    it('waits until the work on every item is done', async () => {
      const queue = make()
      queue.tryPut(1)
      queue.tryPut(2)
      const joined = queue.join()

      queue.tryGet()
      queue.taskDone()
      expect(await stateOf(joined)).toBe('pending')

      queue.taskDone()
      await joined
      expect(queue.stats()).toMatchObject({ unfinished: 0, joining: 0 })
    })

    it('times out', async () => {
      const clock = new VirtualClock()
      const queue = make({ clock })
      queue.tryPut(1)
      const late = queue.join({ timeout: 5 }).catch((error: unknown) => error)

      await clock.advance(5)

      expect(await late).toBeInstanceOf(TimeoutError)
      expect(queue.stats().joining).toBe(0)
    })
  })

  describe('as an iterable', () => {
    it('gives its items until it is closed and empty', async () => {
      const queue = make()
      queue.tryPut(1)
      queue.tryPut(1)
      void queue.close()
      const items: number[] = []

      for await (const item of queue) items.push(item)

      expect(items).toEqual([1, 1])
    })

    it('shares its items among those who iterate', async () => {
      const queue = make()
      const loops = [0, 1].map(async (sum) => {
        for await (const item of queue) sum += item
        return sum
      })

      for (const item of [1, 1, 1, 1]) await queue.put(item)
      await queue.close()

      expect(await Promise.all(loops)).toEqual([2, 3])
    })

    it('ends when it is terminated', async () => {
      const queue = make()
      const loop = (async () => {
        for await (const _ of queue);
      })()

      await queue.terminate('reason')

      await expect(loop).resolves.toBeUndefined()
    })

    it('is left as it is by a loop that breaks', async () => {
      const queue = make()
      queue.tryPut(1)
      queue.tryPut(1)

      for await (const _ of queue) break

      expect(queue.stats()).toMatchObject({ size: 1, closed: false, getting: 0 })
    })
  })

  describe('.stats()', () => {
    it('is a frozen snapshot', async () => {
      const stats = make({ capacity: 3 }).stats()

      expect(Object.isFrozen(stats)).toBe(true)
      expect(stats).toEqual({
        size: 0,
        capacity: 3,
        unfinished: 0,
        getting: 0,
        putting: 0,
        joining: 0,
        closed: false,
      })
    })
  })
})
