import { AsyncLocalStorage } from 'node:async_hooks'
import { ClosedError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { DelayQueue, PriorityQueue, type Queue } from '@cupola/queue'
import { describe, expect, it } from 'vitest'

/** A queue whose priority does something with it when it is asked about `item`. */
function askedAbout(
  item: string,
  capacity: number,
  act: (queue: Queue<string>) => void,
): Queue<string> {
  const queue: Queue<string> = new PriorityQueue<string>({
    capacity,
    priority: (each) => {
      if (each === item) act(queue)
      return 0
    },
  })
  return queue
}

function rest(queue: Queue<string>): (string | undefined)[] {
  return Array.from({ length: queue.size }, () => queue.tryGet())
}

describe('PriorityQueue', () => {
  describe('whose priority calls it back', () => {
    it('gives an item out once when it takes one', async () => {
      const taken: (string | undefined)[] = []
      const queue = askedAbout('C', 2, (self) => taken.push(self.tryGet()))
      queue.tryPut('A')
      queue.tryPut('B')

      await queue.put('C')

      expect([...taken, ...rest(queue)]).toEqual(['A', 'B', 'C'])
    })

    it('has no item whose put it rejects when it closes', async () => {
      const queue = askedAbout('A', 1, (self) => void self.close())

      await expect(queue.put('A')).rejects.toBeInstanceOf(ClosedError)

      expect(() => queue.tryGet()).toThrow(ClosedError)
      expect(queue.stats()).toMatchObject({ size: 0, unfinished: 0 })
    })

    it('is no fuller than its capacity when it puts one', () => {
      const queue = askedAbout('A', 1, (self) => self.tryPut('first'))

      expect(queue.tryPut('A')).toBe(false)

      expect(rest(queue)).toEqual(['first'])
    })

    it('puts the item into the room that it makes when it gets one', async () => {
      let taken: Promise<string> | undefined
      const queue = askedAbout('B', 1, (self) => {
        taken = self.get()
      })
      queue.tryPut('A')

      await queue.put('B', { timeout: 0 })

      expect(await taken).toBe('A')
      expect(rest(queue)).toEqual(['B'])
    })
  })

  it('asks for a priority in the context of whoever puts, even if that has to wait', async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen: (string | undefined)[] = []
    const priority = () => seen.push(storage.getStore())
    const queue = new PriorityQueue<string>({ capacity: 1, priority })
    const puts = ['first', 'second'].map((name) => storage.run(name, () => queue.put(name)))

    await storage.run('getter', () => queue.get())

    await Promise.all(puts)
    expect(seen).toEqual(['first', 'second'])
  })
})

describe('DelayQueue', () => {
  it('loses no item when its delayMs aborts whoever waits for it', async () => {
    const controller = new AbortController()
    const clock = new VirtualClock()
    const delayMs = (item: string) => {
      if (item === 'B') controller.abort('enough')
      return item === 'A' ? 10 : 0
    }
    const queue = new DelayQueue<string>({ capacity: 1, delayMs, clock })
    queue.tryPut('A')
    const aborted = queue.get({ signal: controller.signal }).catch((reason: unknown) => reason)
    const second = queue.put('B')

    await clock.advance(10)

    expect(await aborted).toBe('enough')
    expect(queue.tryGet()).toBe('A')
    await second
    expect(queue.tryGet()).toBe('B')
  })

  it('counts the delay of an item from when it is in, though it had to wait for room', async () => {
    const clock = new VirtualClock()
    const queue = new DelayQueue<number>({ capacity: 1, delayMs: (item) => item, clock })
    queue.tryPut(0)
    const second = queue.put(10)
    await clock.advance(10)

    queue.tryGet()
    await second

    expect(queue.tryGet()).toBeUndefined()
    await clock.advance(10)
    expect(queue.tryGet()).toBe(10)
  })
})
