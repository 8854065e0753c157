// Answers to the cases of the JSR 166 TCK that apply to one event loop: `DelayQueueTest`,
// `PriorityBlockingQueueTest` and what they share with `BlockingQueueTest`. `offer` and `poll` are
// `tryPut` and `tryGet`, `take` is `get`, an interrupt is an abort.
import { VirtualClock } from '@cupola/core/testing'
import { DelayQueue, PriorityQueue } from '@cupola/queue'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'
import { kinds, through } from './fixtures/queues.ts'

const SIZE = 20
const shuffled = Array.from({ length: SIZE }, (_, index) => (index * 7) % SIZE)
const sorted = shuffled.toSorted((one, other) => one - other)

describe.each(kinds)('%s', (_, make) => {
  it('take() that was interrupted before takes nothing, though there is something', async () => {
    const queue = make()
    queue.tryPut(1)

    const taken = queue.get({ signal: AbortSignal.abort('interrupted') })

    await expect(taken).rejects.toBe('interrupted')
    expect(queue.size).toBe(1)
  })

  it('a timed poll that was interrupted before takes nothing, though there is something', async () => {
    const queue = make()
    queue.tryPut(1)

    const taken = queue.get({ signal: AbortSignal.abort('interrupted'), timeout: 1000 })

    await expect(taken).rejects.toBe('interrupted')
    expect(queue.size).toBe(1)
  })

  it('a timed poll of no time takes what is there, and fails when there is nothing', async () => {
    const queue = make()
    queue.tryPut(1)

    expect(await queue.get({ timeout: 0 })).toBe(1)
    await expect(queue.get({ timeout: 0 })).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
  })

  it('size grows and shrinks by one with each item', () => {
    const queue = make()

    const growing = sorted.map((item) => (queue.tryPut(item), queue.size))
    const shrinking = sorted.map(() => (queue.tryGet(), queue.size))

    expect(growing).toEqual(sorted.map((item) => item + 1))
    expect(shrinking).toEqual(sorted.toReversed())
  })
})

describe('PriorityQueue', () => {
  it('takes items in their order, whatever the order they came in', () => {
    const queue = new PriorityQueue<number>({ compare: (one, other) => one - other })

    expect(through(queue, shuffled)).toEqual(sorted)
  })

  it('gives the least of what is there at any time', () => {
    const queue = new PriorityQueue<number>({ compare: (one, other) => one - other })
    for (const item of [5, 3]) queue.tryPut(item)

    expect(queue.tryGet()).toBe(3)
    queue.tryPut(1)
    queue.tryPut(9)
    expect([queue.tryGet(), queue.tryGet(), queue.tryGet()]).toEqual([1, 5, 9])
  })

  it('hands back all in order when it is drained', async () => {
    const queue = new PriorityQueue<number>({ compare: (one, other) => one - other })
    for (const item of shuffled) queue.tryPut(item)

    expect(await queue.terminate()).toEqual(sorted)
  })
})

describe('DelayQueue', () => {
  it('poll gives nothing while nothing has expired', async () => {
    const clock = new VirtualClock()
    const queue = new DelayQueue<number>({ delayMs: () => 1000, clock })
    queue.tryPut(1)

    await clock.advance(999)

    expect(queue.tryGet()).toBeUndefined()
    expect(queue.size).toBe(1)
  })

  it('a timed poll gives up before what has not expired', async () => {
    const clock = new VirtualClock()
    const queue = new DelayQueue<number>({ delayMs: () => 1000, clock })
    queue.tryPut(1)
    const polled = queue.get({ timeout: 999 }).catch((error: unknown) => error)

    await clock.advance(999)

    expect(await polled).toMatchObject({ code: 'ERR_TIMEOUT' })
    expect(queue.size).toBe(1)
  })

  it('a timed poll waits for what expires in time', async () => {
    const clock = new VirtualClock()
    const queue = new DelayQueue<number>({ delayMs: () => 1000, clock })
    queue.tryPut(1)
    const polled = queue.get({ timeout: 1001 })

    await clock.advance(1000)

    expect(await polled).toBe(1)
    expect(clock.pending).toBe(0)
  })

  it('takes in the order of expiry, and never before', async () => {
    const clock = new VirtualClock()
    const queue = new DelayQueue<number>({ delayMs: (item) => item, clock })
    for (const item of shuffled) queue.tryPut(item)
    const taken: [item: number, at: number][] = []
    const taking = (async () => {
      while (taken.length < SIZE) taken.push([await queue.get(), clock.now()])
    })()

    await clock.advance(SIZE)

    await taking
    expect(taken).toEqual(sorted.map((item) => [item, item]))
  })

  it('interrupted while it waits for an expiry, leaves the item to the next', async () => {
    const clock = new VirtualClock()
    const queue = new DelayQueue<number>({ delayMs: () => 10, clock })
    queue.tryPut(1)
    const controller = new AbortController()
    const first = queue.get({ signal: controller.signal })
    const second = queue.get()
    first.catch(() => {})

    controller.abort('interrupted')
    await clock.advance(10)

    await expect(first).rejects.toBe('interrupted')
    expect(await stateOf(second)).toBe('fulfilled')
  })
})
