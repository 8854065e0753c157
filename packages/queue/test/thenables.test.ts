import { Queue } from '@cupola/queue'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'

/** The first item of a queue that a loop takes. */
async function firstOf<T>(queue: Queue<T>): Promise<readonly T[]> {
  for await (const item of queue) return [item]
  return []
}

function failed(): Promise<never> {
  const promise = Promise.reject(new Error('failed'))
  promise.catch(() => {})
  return promise
}

describe('Queue', () => {
  describe('.get()', () => {
    it('follows an item that is a promise', async () => {
      const queue = new Queue<Promise<number>>()
      queue.tryPut(Promise.resolve(5))

      expect(await queue.get()).toBe(5)
    })

    it('takes an item that is a rejected promise, and rejects as it does', async () => {
      const queue = new Queue<Promise<never> | string>()
      queue.tryPut(failed())
      queue.tryPut('next')

      await expect(queue.get()).rejects.toThrow('failed')

      expect([queue.tryGet(), queue.unfinished]).toEqual(['next', 2])
    })

    it('takes an item whose then never calls back, and the next call has the next item', async () => {
      const queue = new Queue<object>()
      const next = { name: 'next' }
      // oxlint-disable-next-line unicorn/no-thenable -- what the test is about
      queue.tryPut({ then() {} })
      queue.tryPut(next)

      const silent = queue.get()

      expect(await queue.get()).toBe(next)
      expect(await stateOf(silent)).toBe('pending')
    })
  })

  it.each(['before', 'after'])(
    'gives a promise as it is to a loop that asks %s it is put',
    async (when) => {
      const queue = new Queue<Promise<never>>()
      const item = failed()
      const asking = when === 'before' ? firstOf(queue) : undefined

      queue.tryPut(item)

      const [taken] = await (asking ?? firstOf(queue))
      expect(taken).toBe(item)
    },
  )

  it('gives a promise as it is to tryGet()', () => {
    const queue = new Queue<Promise<never>>()
    const item = failed()

    queue.tryPut(item)

    expect(queue.tryGet()).toBe(item)
  })

  it('gives an iterator that can be iterated itself', async () => {
    const queue = new Queue<number>()
    for (const item of [1, 2, 3]) queue.tryPut(item)
    void queue.close()
    const items = queue[Symbol.asyncIterator]()
    await items.next()

    const rest: number[] = []
    for await (const item of items) rest.push(item)

    expect(rest).toEqual([2, 3])
  })
})
