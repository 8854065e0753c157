import type { Timer } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { DelayQueue } from '@cupola/queue'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { stateOf } from '../../../test/state-of.ts'

const { watch } = expectNoLeaks()

interface Options {
  readonly clock: VirtualClock
  readonly capacity?: number
}

/** Items are their own delay. */
function delaying(options: Options): DelayQueue<number> {
  return new DelayQueue({ ...options, delayMs: (item) => item })
}

describe('DelayQueue', () => {
  it('gives no item out before it is due', async () => {
    const clock = new VirtualClock()
    const queue = delaying({ clock })
    await queue.put(10)

    expect(queue.tryGet()).toBeUndefined()
    expect(queue.size).toBe(1)

    await clock.advance(10)
    expect(queue.tryGet()).toBe(10)
  })

  it('gives items out in the order they are due, equals in the order they came', async () => {
    const clock = new VirtualClock()
    const queue = new DelayQueue<string>({ clock, delayMs: (item) => item.length })
    for (const item of ['ccc', 'b', 'aa', 'a']) queue.tryPut(item)

    await clock.advance(3)

    expect(['b', 'a', 'aa', 'ccc'].map(() => queue.tryGet())).toEqual(['b', 'a', 'aa', 'ccc'])
  })

  it('serves those who wait when their item is due, in the order they came', async () => {
    const clock = new VirtualClock()
    const queue = delaying({ clock })
    const first = queue.get()
    const second = queue.get()
    queue.tryPut(20)
    queue.tryPut(10)

    await clock.advance(10)
    expect(await first).toBe(10)
    expect(await stateOf(second)).toBe('pending')

    await clock.advance(10)
    expect(await second).toBe(20)
  })

  it('notices that a new item is due before the others', async () => {
    const clock = new VirtualClock()
    const queue = delaying({ clock })
    queue.tryPut(1000)
    const item = queue.get()

    queue.tryPut(10)
    await clock.advance(10)

    expect(await item).toBe(10)
  })

  it.each([0, -1, -Infinity])('gives an item of delay %s out at once', (delay) => {
    const queue = delaying({ clock: new VirtualClock() })

    queue.tryPut(delay)

    expect(queue.tryGet()).toBe(delay)
  })

  it('keeps an item of infinite delay until it is terminated', async () => {
    const clock = new VirtualClock()
    const queue = delaying({ clock })
    queue.tryPut(Infinity)
    const item = queue.get()
    item.catch(() => {})

    await clock.advance(1e12)

    expect(await stateOf(item)).toBe('pending')
    expect(clock.pending).toBe(0)
    expect(await queue.terminate()).toEqual([Infinity])
  })

  it('runs one timer while somebody waits, and none otherwise', async () => {
    const clock = new VirtualClock()
    const queue = delaying({ clock })
    for (const item of [30, 20, 10]) queue.tryPut(item)
    expect(clock.pending).toBe(0)

    const controller = new AbortController()
    const first = queue.get({ signal: watch(controller.signal) })
    const second = queue.get()
    expect([clock.pending, clock.nextDueMs]).toEqual([1, 10])

    controller.abort('enough')
    await expect(first).rejects.toBe('enough')
    expect(clock.pending).toBe(1)

    await clock.advance(10)
    expect(await second).toBe(10)
    expect(clock.pending).toBe(0)
  })

  it('stops its timer when the last who waits gives up', async () => {
    const clock = new VirtualClock()
    const queue = delaying({ clock })
    queue.tryPut(1000)
    const late = queue.get({ timeout: 5 }).catch((error: unknown) => error)

    await clock.advance(5)

    expect(await late).toMatchObject({ code: 'ERR_TIMEOUT' })
    expect(clock.pending).toBe(0)
  })

  it('gives what has become due to those who waited, not to who comes just now', async () => {
    const clock = new StoppedTimers()
    const queue = new DelayQueue<number>({ clock, delayMs: (item) => item })
    const waiting = queue.get()
    queue.tryPut(10)

    clock.time = 10

    expect(queue.tryGet()).toBeUndefined()
    expect(await waiting).toBe(10)
  })

  it('does so even if an item gets due while it looks', () => {
    const clock = new StoppedTimers()
    const queue = new DelayQueue<number>({ clock, delayMs: (item) => item })
    void queue.get()
    queue.tryPut(10)

    clock.time = 9
    clock.step = 1

    expect(queue.tryGet()).toBeUndefined()
    expect(queue.stats()).toMatchObject({ size: 1, getting: 1 })
  })

  it('waits on if an item gets due between the look and the wait', async () => {
    const clock = new StoppedTimers()
    const queue = new DelayQueue<number>({ clock, delayMs: (item) => item })
    queue.tryPut(10)
    clock.time = 9
    clock.step = 2

    const item = queue.get({})
    expect(clock.pending).toBe(1)

    expect(queue.tryGet()).toBeUndefined()
    expect(await item).toBe(10)
  })

  it('waits on if its timer fires too early', async () => {
    const clock = new HastyTimers()
    const queue = delaying({ clock })
    queue.tryPut(10)
    const item = queue.get()

    await clock.advance(9)
    expect(await stateOf(item)).toBe('pending')

    await clock.advance(9)
    expect(await item).toBe(10)
  })

  it('counts items that are not due towards its capacity', async () => {
    const clock = new VirtualClock()
    const queue = delaying({ clock, capacity: 1 })
    queue.tryPut(10)
    const second = queue.put(5)

    expect(await stateOf(second)).toBe('pending')

    await clock.advance(10)
    expect(await queue.get()).toBe(10)
    await second
    expect(queue.tryGet()).toBeUndefined()
    await clock.advance(5)
    expect(queue.tryGet()).toBe(5)
  })

  it('lets in who waits for room while others wait for items', async () => {
    const clock = new VirtualClock()
    const queue = delaying({ clock, capacity: 1 })
    queue.tryPut(10)
    const items = [queue.get(), queue.get()]
    const second = queue.put(0)

    await clock.advance(10)

    expect(await Promise.all(items)).toEqual([10, 0])
    await second
  })

  it('waits when closed until what is left is due and taken', async () => {
    const clock = new VirtualClock()
    const queue = delaying({ clock })
    queue.tryPut(10)
    const closed = queue.close()
    const taken = (async () => {
      const items: number[] = []
      for await (const item of queue) items.push(item)
      return items
    })()

    await clock.advance(9)
    expect(await stateOf(closed)).toBe('pending')

    await clock.advance(1)
    expect(await taken).toEqual([10])
    await closed
  })

  it('gives back what was not due, and stops its timer, when terminated', async () => {
    const clock = new VirtualClock()
    const queue = delaying({ clock })
    for (const item of [20, 10]) queue.tryPut(item)
    const waiting = queue.get()

    expect(await queue.terminate()).toEqual([10, 20])

    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CLOSED' })
    expect(clock.pending).toBe(0)
  })

  it('rejects a put whose delay is no number', async () => {
    const queue = new DelayQueue<number>({ delayMs: () => Number.NaN })

    await expect(queue.put(1)).rejects.toBeInstanceOf(RangeError)
    expect(queue.size).toBe(0)
  })

  it.each([undefined, {}, { delayMs: 10 }])('cannot be made with %s', (options) => {
    expect(() => new DelayQueue(options as never)).toThrow(TypeError)
  })
})

/** Timers that fire a millisecond before they should. */
class HastyTimers extends VirtualClock {
  override setTimer(fn: () => void, delayMs: number): Timer {
    return super.setTimer(fn, Math.max(delayMs - 1, 0.5))
  }
}

/** A machine so busy that no timer has come to fire yet. */
class StoppedTimers extends VirtualClock {
  time = 0
  /** How far it goes on each time somebody looks. */
  step = 0

  override now(): number {
    const { time } = this
    this.time += this.step
    return time
  }
}
