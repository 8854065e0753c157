// Answers to CPython's `Lib/test/test_queue.py`: what its cases expect, written anew. A thread that
// triggers the other side is here a call that waits; `shutdown()` is `close()`, and
// `shutdown(immediate=True)` is `terminate()`. Not here: `SimpleQueue`, re-entrance from finalizers, and
// changing the limit of a queue in use.
import { ClosedError, TimeoutError } from '@cupola/core'
import { LifoQueue, PriorityQueue, Queue } from '@cupola/queue'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'
import { kinds } from './fixtures/queues.ts'

const CAPACITY = 3

describe.each(kinds)('%s', (_, make) => {
  it('fills up, refuses more, and empties again', async () => {
    const queue = make({ capacity: CAPACITY })
    for (const item of [1, 2, 3]) await queue.put(item, { timeout: 0 })

    expect(queue.tryPut(4)).toBe(false)
    await expect(queue.put(4, { timeout: 1 })).rejects.toBeInstanceOf(TimeoutError)

    expect(new Set([1, 2, 3].map(() => queue.tryGet()))).toEqual(new Set([1, 2, 3]))
    expect(queue.tryGet()).toBeUndefined()
    await expect(queue.get({ timeout: 1 })).rejects.toBeInstanceOf(TimeoutError)
  })

  it('goes on with a blocked put when an item is taken, limited in time or not', async () => {
    const queue = make({ capacity: 1 })
    await queue.put(1)
    const blocked = [queue.put(2), queue.put(3, { timeout: 60_000 })]

    await queue.get()
    await queue.get()

    await Promise.all(blocked)
    expect(queue.size).toBe(1)
  })

  it('goes on with a blocked get when an item is put, limited in time or not', async () => {
    const queue = make({ capacity: CAPACITY })
    const blocked = [queue.get(), queue.get({ timeout: 60_000 })]

    await queue.put(1)
    await queue.put(1)

    expect(await Promise.all(blocked)).toEqual([1, 1])
  })

  it('raises for a negative time limit', async () => {
    const queue = make({ capacity: 1 })

    await expect(queue.put(1, { timeout: -1 })).rejects.toBeInstanceOf(RangeError)
    await expect(queue.get({ timeout: -1 })).rejects.toBeInstanceOf(RangeError)
  })

  it('raises when more tasks are called done than there were', () => {
    const queue = make()
    expect(() => queue.taskDone()).toThrow(RangeError)
    queue.tryPut(1)
    queue.taskDone()

    expect(() => queue.taskDone()).toThrow(RangeError)
  })

  it('is joined when workers have done all tasks, and can be joined again', async () => {
    const queue = make({ capacity: CAPACITY })
    let sum = 0
    const workers = [1, 2].map(async () => {
      for await (const item of queue) {
        sum += item
        queue.taskDone()
      }
    })

    for (let item = 0; item < 100; item++) await queue.put(item)
    await queue.join()
    expect(sum).toBe(4950)

    await queue.put(50)
    await queue.join()
    expect(sum).toBe(5000)
    await queue.close()
    await Promise.all(workers)
  })

  it('shuts down while empty: both sides are refused', async () => {
    const queue = make()

    await queue.close()

    await expect(queue.put(1)).rejects.toBeInstanceOf(ClosedError)
    await expect(queue.get()).rejects.toBeInstanceOf(ClosedError)
  })

  it('shuts down while not empty: what is there can be taken, nothing can be put', async () => {
    const queue = make()
    queue.tryPut(1)

    void queue.close()

    expect(await queue.get()).toBe(1)
    await expect(queue.get()).rejects.toBeInstanceOf(ClosedError)
    expect(() => queue.tryPut(2)).toThrow(ClosedError)
  })

  it('shuts down at once: nothing can be taken any more', async () => {
    const queue = make()
    queue.tryPut(1)

    void queue.terminate()

    await expect(queue.get()).rejects.toBeInstanceOf(ClosedError)
    expect(() => queue.tryGet()).toThrow(ClosedError)
  })

  it('may be shut down again, and at once after it was shut down', async () => {
    const queue = make()
    queue.tryPut(1)

    const closings = [queue.close(), queue.close()]
    expect(await queue.terminate()).toEqual([1])
    await Promise.all([...closings, queue.close(), queue.terminate()])
  })

  it.each(['close', 'terminate'] as const)('%s() refuses a get that waits', async (end) => {
    const queue = make()
    const waiting = [queue.get(), queue.get({ timeout: 60_000 })]

    await queue[end]()

    const outcomes = await Promise.allSettled(waiting)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })

  it.each(['close', 'terminate'] as const)('%s() refuses a put that waits', async (end) => {
    const queue = make({ capacity: 1 })
    queue.tryPut(1)
    const waiting = [queue.put(2), queue.put(3, { timeout: 60_000 })]

    void queue[end]()

    const outcomes = await Promise.allSettled(waiting)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })

  it('is joined after a shutdown when what was left is taken and done', async () => {
    const queue = make()
    queue.tryPut(1)
    queue.tryPut(2)
    const joined = queue.join()

    void queue.close()
    expect(await stateOf(joined)).toBe('pending')

    for (let task = 0; task < 2; task++) {
      await queue.get()
      queue.taskDone()
    }
    await joined
  })

  it('is joined by an immediate shutdown if nobody was working', async () => {
    const queue = make()
    queue.tryPut(1)
    queue.tryPut(2)
    const joined = queue.join()

    await queue.terminate()

    await expect(joined).resolves.toBeUndefined()
  })

  it('is joined after an immediate shutdown only when the work under way is done', async () => {
    const queue = make()
    queue.tryPut(1)
    queue.tryPut(2)
    const joined = queue.join()
    await queue.get()

    await queue.terminate()
    expect(await stateOf(joined)).toBe('pending')
    expect(queue.unfinished).toBe(1)

    queue.taskDone()
    await joined
  })

  it('may be told of tasks done, and be joined, after a shutdown', async () => {
    const queue = make()
    queue.tryPut(1)
    await queue.get()
    await queue.close()

    queue.taskDone()

    await queue.join()
    expect(() => queue.taskDone()).toThrow(RangeError)
  })

  it('refuses blocked puts whose items are not joined for', async () => {
    const queue = make({ capacity: 1 })
    queue.tryPut(1)
    const blocked = queue.put(2)
    const joined = queue.join()

    void queue.close()
    await expect(blocked).rejects.toBeInstanceOf(ClosedError)
    await queue.get()
    queue.taskDone()

    await joined
  })
})

describe('the order', () => {
  it.each([
    ['first in, first out', new Queue<number>(), [5, 1, 3], [5, 1, 3]],
    ['last in, first out', new LifoQueue<number>(), [5, 1, 3], [3, 1, 5]],
    [
      'lowest first',
      new PriorityQueue<number>({ compare: (one, other) => one - other }),
      [5, 1, 3],
      [1, 3, 5],
    ],
  ])('is %s', async (__, queue, put, got) => {
    for (const item of put) await queue.put(item)

    const items: number[] = []
    while (queue.size > 0) items.push(await queue.get())

    expect(items).toEqual(got)
  })
})

describe('a queue whose storage fails', () => {
  /** Takes no item while it is told to fail. */
  class FailingStore {
    failing = false
    readonly #items: string[] = []

    get size(): number {
      return this.#items.length
    }

    push(item: string): void {
      if (this.failing) throw new Error('storage failed')
      this.#items.push(item)
    }

    shift(): string | undefined {
      return this.#items.shift()
    }
  }

  it('tells who puts, limited in time or not, and goes on as before', async () => {
    const store = new FailingStore()
    const queue = new Queue<string>({ capacity: 2, store })
    await queue.put('first')

    store.failing = true
    await expect(queue.put('oops')).rejects.toThrow('storage failed')
    await expect(queue.put('oops', { timeout: 100 })).rejects.toThrow('storage failed')
    expect(() => queue.tryPut('oops')).toThrow('storage failed')
    store.failing = false

    expect(queue.stats()).toMatchObject({ size: 1, unfinished: 1 })
    await queue.put('second')
    expect([queue.tryGet(), queue.tryGet()]).toEqual(['first', 'second'])
  })

  it('tells a put that waited for room, and the get that made room is well', async () => {
    const store = new FailingStore()
    const queue = new Queue<string>({ capacity: 1, store })
    await queue.put('first')
    const blocked = queue.put('oops')

    store.failing = true
    expect(await queue.get()).toBe('first')

    await expect(blocked).rejects.toThrow('storage failed')
    expect(queue.stats()).toMatchObject({ size: 0, putting: 0, unfinished: 1 })
  })
})
