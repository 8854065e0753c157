import { Queue } from '@cupola/queue'
import { describe, expect, it } from 'vitest'

describe('Queue', () => {
  describe('with a waiter whose signal has aborted, and that has not been told yet,', () => {
    it('gives it no item', async () => {
      const queue = new Queue<string>()
      const controller = new AbortController()
      controller.signal.addEventListener('abort', () => queue.tryPut('for the other'))
      const aborted = queue.get({ signal: controller.signal })
      const other = queue.get()

      controller.abort('enough')

      await expect(aborted).rejects.toBe('enough')
      await expect(other).resolves.toBe('for the other')
    })

    it('rejects with its reason when the queue closes', async () => {
      const queue = new Queue<string>()
      const controller = new AbortController()
      controller.signal.addEventListener('abort', () => void queue.close())
      const getting = queue.get({ signal: controller.signal })
      const other = queue.get().catch((error: unknown) => error)

      controller.abort('enough')

      await expect(getting).rejects.toBe('enough')
      expect(await other).toMatchObject({ code: 'ERR_CLOSED' })
    })

    it('does so too when it waits for room', async () => {
      const queue = new Queue<string>({ capacity: 1 })
      queue.tryPut('first')
      const controller = new AbortController()
      controller.signal.addEventListener('abort', () => void queue.close())
      const putting = queue.put('second', { signal: controller.signal })

      controller.abort('enough')

      await expect(putting).rejects.toBe('enough')
    })

    it('takes no item in from it', async () => {
      const queue = new Queue<string>({ capacity: 1 })
      queue.tryPut('first')
      const controller = new AbortController()
      controller.signal.addEventListener('abort', () => queue.tryGet())
      const aborted = queue.put('given up', { signal: controller.signal })
      const other = queue.put('second')

      controller.abort('enough')

      await expect(aborted).rejects.toBe('enough')
      await other
      expect([queue.tryGet(), queue.size]).toEqual(['second', 0])
    })
  })
})
