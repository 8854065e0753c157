import { LifoQueue } from '@cupola/queue'
import { describe, expect, it } from 'vitest'
import { through } from './fixtures/queues.ts'

describe('LifoQueue', () => {
  it('gives the newest item out first', () => {
    expect(through(new LifoQueue<string>(), ['a', 'b', 'c'])).toEqual(['c', 'b', 'a'])
  })

  it('is a Queue of limited capacity like any other', () => {
    const queue = new LifoQueue<number>({ capacity: 1 })

    expect([queue.tryPut(1), queue.tryPut(2)]).toEqual([true, false])
  })

  it('cannot be made with null', () => {
    expect(() => new LifoQueue(null as never)).toThrow('Cannot use options: got null')
  })

  it('keeps its callers in the order they came', async () => {
    const queue = new LifoQueue<string>()
    const first = queue.get()
    const second = queue.get()

    queue.tryPut('a')
    queue.tryPut('b')

    expect([await first, await second]).toEqual(['a', 'b'])
  })
})
