import { PriorityQueue } from '@cupola/queue'
import { describe, expect, it } from 'vitest'
import { through } from './fixtures/queues.ts'

const itself = (item: number): number => item

describe('PriorityQueue', () => {
  it('gives the item with the highest priority out first', () => {
    const queue = new PriorityQueue({ priority: itself })

    expect(through(queue, [3, -Infinity, 9, 1.5, Infinity])).toEqual([
      Infinity,
      9,
      3,
      1.5,
      -Infinity,
    ])
  })

  it.each([0, Infinity, -Infinity])('keeps the order of items of priority %s', (priority) => {
    const queue = new PriorityQueue<number>({ priority: () => priority })
    const items = Array.from({ length: 100 }, (_, index) => index)

    expect(through(queue, items)).toEqual(items)
  })

  it('gives out first what sorts first by compare, and keeps the order of equals', () => {
    const queue = new PriorityQueue<string>({ compare: (one, other) => one.length - other.length })

    expect(through(queue, ['ccc', 'a', 'bb', 'b'])).toEqual(['a', 'b', 'bb', 'ccc'])
  })

  it('asks for the priority of an item once, when it is put', async () => {
    const asked: number[] = []
    const priority = (item: number): number => asked.push(item)
    const queue = new PriorityQueue<number>({ priority, capacity: 1 })

    await queue.put(7)
    const second = queue.put(8)
    expect(asked).toEqual([7, 8])

    await queue.get()
    await second
    expect(asked).toEqual([7, 8])
  })

  it('ranks an item even if somebody waits for it', async () => {
    const queue = new PriorityQueue<number>({ priority: () => Number.NaN })
    const waiting = queue.get()

    await expect(queue.put(1)).rejects.toBeInstanceOf(RangeError)

    expect(queue.stats()).toMatchObject({ getting: 1, unfinished: 0 })
    await queue.terminate()
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  })

  it('lets who waits for room in by turn, however urgent', async () => {
    const queue = new PriorityQueue({ priority: itself, capacity: 1 })
    queue.tryPut(5)
    const puts = [queue.put(1), queue.put(9)]

    expect([await queue.get(), await queue.get(), await queue.get()]).toEqual([5, 1, 9])
    await Promise.all(puts)
  })

  it('rejects a put whose priority throws, and is as before', async () => {
    const priority = (item: number): number => {
      if (item === 0) throw new Error('no priority')
      return item
    }
    const queue = new PriorityQueue({ priority })
    queue.tryPut(1)

    await expect(queue.put(0)).rejects.toThrow('no priority')
    await expect(queue.put(0, { timeout: 10 })).rejects.toThrow('no priority')
    expect(() => queue.tryPut(0)).toThrow('no priority')

    expect(queue.stats()).toMatchObject({ size: 1, unfinished: 1 })
  })

  it('rejects a put at once if its priority throws, room or no room', async () => {
    const priority = (item: number): number => {
      if (item === 0) throw new Error('no priority')
      return item
    }
    const queue = new PriorityQueue({ priority, capacity: 1 })
    queue.tryPut(1)

    await expect(queue.put(0)).rejects.toThrow('no priority')

    expect(queue.stats()).toMatchObject({ size: 1, putting: 0 })
  })

  it('is as before when comparing throws while an item is put', async () => {
    const compare = (one: number, other: number): number => {
      if (one === 5 || other === 5) throw new Error('incomparable')
      return one - other
    }
    const queue = new PriorityQueue<number>({ compare })
    for (const item of [8, 7, 3, 9, 4]) queue.tryPut(item)

    await expect(queue.put(5)).rejects.toThrow('incomparable')

    expect(through(queue, [])).toEqual([])
    expect(await queue.terminate()).toEqual([3, 4, 7, 8, 9])
  })

  it.each([
    ['text', TypeError],
    [undefined, TypeError],
    [Number.NaN, RangeError],
  ])('refuses %s for a priority', (rank, error) => {
    const queue = new PriorityQueue<number>({ priority: () => rank as number })

    expect(() => queue.tryPut(1)).toThrow(error)
  })

  it.each([
    ['nothing', undefined],
    ['neither', {}],
    ['both', { priority: itself, compare: itself }],
    ['a priority that is no function', { priority: 1 }],
    ['a compare that is no function', { compare: 1 }],
  ])('cannot be made with %s', (__, options) => {
    expect(() => new PriorityQueue(options as never)).toThrow(TypeError)
  })
})
