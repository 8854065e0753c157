import { ClosedError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'
import { kinds } from './fixtures/queues.ts'

describe.each(kinds)('%s', (__, make) => {
  describe('.close()', () => {
    it('refuses items from then on', async () => {
      const queue = make()

      await queue.close()

      await expect(queue.put(1)).rejects.toBeInstanceOf(ClosedError)
      expect(() => queue.tryPut(1)).toThrow(ClosedError)
    })

    it('refuses those who wait for room', async () => {
      const queue = make({ capacity: 1 })
      queue.tryPut(1)
      const blocked = queue.put(2)

      void queue.close()

      await expect(blocked).rejects.toMatchObject({
        code: 'ERR_CLOSED',
        message: 'Cannot put an item: the queue is closed',
      })
      expect(queue.stats()).toMatchObject({ putting: 0, unfinished: 1 })
    })

    it('lets items be taken until there are none, and then resolves', async () => {
      const queue = make()
      queue.tryPut(1)
      queue.tryPut(2)
      const closed = queue.close()

      await queue.get()
      expect(await stateOf(closed)).toBe('pending')

      queue.tryGet()
      await closed
      await expect(queue.get()).rejects.toBeInstanceOf(ClosedError)
      expect(() => queue.tryGet()).toThrow(ClosedError)
    })

    it('refuses those who wait for an item', async () => {
      const queue = make()
      const waiting = queue.get()

      await queue.close()

      await expect(waiting).rejects.toMatchObject({
        code: 'ERR_CLOSED',
        message: 'Cannot get an item: the queue is closed',
      })
    })

    it('gives the same promise each time', () => {
      const queue = make()

      expect(queue.close()).toBe(queue.close())
      expect(queue[Symbol.asyncDispose]()).toBe(queue.close())
      expect(queue.closed).toBe(true)
    })

    it('does not wait for the work on what was taken', async () => {
      const queue = make()
      queue.tryPut(1)
      queue.tryGet()

      await queue.close()

      expect(queue.unfinished).toBe(1)
    })
  })

  describe('.tryClose()', () => {
    it('says true when the queue is empty in time', async () => {
      expect(await make().tryClose({ timeout: 0 })).toBe(true)
    })

    it('says false when it is not, and goes on closing', async () => {
      const clock = new VirtualClock()
      const queue = make({ clock })
      queue.tryPut(1)
      const inTime = queue.tryClose({ timeout: 50 })

      await clock.advance(50)

      expect(await inTime).toBe(false)
      expect(queue.closed).toBe(true)
    })

    it('closes nothing if the signal has aborted already', async () => {
      const queue = make()

      await expect(queue.tryClose({ signal: AbortSignal.abort('no') })).rejects.toBe('no')

      expect(queue.closed).toBe(false)
    })

    it('closes nothing if an argument is bad', async () => {
      const queue = make()

      await expect(queue.tryClose({ timeout: -1 })).rejects.toBeInstanceOf(RangeError)

      expect(queue.closed).toBe(false)
    })
  })

  describe('.terminate()', () => {
    it('gives back what was in the queue, the next item first', async () => {
      const queue = make()
      for (const item of [1, 2, 3]) queue.tryPut(item)
      const expected = [1, 2, 3].map(() => queue.tryGet())
      for (const item of [1, 2, 3]) queue.tryPut(item)

      expect(await queue.terminate()).toEqual(expected)
      expect(queue.stats()).toMatchObject({ size: 0, closed: true })
    })

    it('refuses everybody who waits, with the reason as the cause', async () => {
      const full = make({ capacity: 1 })
      full.tryPut(1)
      const putting = full.put(2)
      const empty = make()
      const getting = empty.get()

      await Promise.all([full.terminate('power cut'), empty.terminate('power cut')])

      await expect(putting).rejects.toMatchObject({ code: 'ERR_CLOSED', cause: 'power cut' })
      await expect(getting).rejects.toMatchObject({ code: 'ERR_CLOSED', cause: 'power cut' })
    })

    it('lets nobody in who waits for room', async () => {
      const queue = make({ capacity: 1 })
      queue.tryPut(1)
      queue.put(2).catch(() => {})

      expect(await queue.terminate()).toEqual([1])
      expect(queue.size).toBe(0)
    })

    it('cuts a close() short', async () => {
      const queue = make()
      queue.tryPut(1)
      const closed = queue.close()

      await queue.terminate()

      await expect(closed).resolves.toBeUndefined()
    })

    it('finds nothing when called again', async () => {
      const queue = make()
      queue.tryPut(1)
      await queue.terminate('first')

      expect(await queue.terminate('second')).toEqual([])
      await expect(queue.get()).rejects.toMatchObject({ cause: 'first' })
    })

    it('leaves no count below 0 when work was called done before it was taken', async () => {
      const queue = make()
      queue.tryPut(1)
      queue.tryPut(2)
      queue.taskDone()

      await queue.terminate()

      expect(queue.unfinished).toBe(0)
    })
  })
})
