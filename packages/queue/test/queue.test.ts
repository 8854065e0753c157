import { ClosedError, systemClock, TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { Queue } from '@cupola/queue'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { stateOf } from '../../../test/state-of.ts'
import { kinds } from './fixtures/queues.ts'
import { untyped } from './fixtures/untyped.ts'

const { watch } = expectNoLeaks()

describe('Queue', () => {
  it('gives items out in the order they came', async () => {
    const queue = new Queue<string>()

    for (const item of ['first', 'second', 'third']) await queue.put(item)

    const items = [await queue.get(), await queue.get(), await queue.get()]
    expect(items).toEqual(['first', 'second', 'third'])
  })

  it('takes undefined for an item like any other', async () => {
    const queue = new Queue<undefined>()

    await queue.put(undefined)

    expect(queue.size).toBe(1)
    expect(await queue.get()).toBeUndefined()
    expect(queue.size).toBe(0)
  })

  it.each([0, -1, 1.5, Number.NaN])('refuses a capacity of %s', (capacity) => {
    expect(() => new Queue({ capacity })).toThrow(RangeError)
  })

  it('refuses a capacity that is no number', () => {
    expect(() => new Queue({ capacity: untyped('3') })).toThrow(TypeError)
  })

  it.each([
    ['a number', 2],
    ['null', null],
    ['a store that is none', { store: 5 }],
    ['a store that cannot give items out', { store: { size: 0, push: () => {} } }],
    ['a store that does not know its size', { store: { push: () => {}, shift: () => {} } }],
  ])('cannot be made with %s', (__, options) => {
    expect(() => new Queue(options as never)).toThrow(/^Cannot use (?:options|store)/)
  })

  it('is unbounded unless it is told', () => {
    expect(new Queue().stats().capacity).toBe(Infinity)
  })

  it('keeps its items in a store of your own', async () => {
    const items = new Set<string>()
    const store = {
      get size() {
        return items.size
      },
      push: (item: string) => void items.add(item),
      shift: () => {
        const longest = [...items].reduce((one, other) => (other.length > one.length ? other : one))
        items.delete(longest)
        return longest
      },
    }
    const queue = new Queue<string>({ store })

    for (const item of ['a', 'ccc', 'bb']) await queue.put(item)

    expect([await queue.get(), await queue.get(), await queue.get()]).toEqual(['ccc', 'bb', 'a'])
  })
})

describe.each(kinds)('%s', (__, make) => {
  it('refuses a clock that cannot tell the time', () => {
    const clock = { ...systemClock, now: untyped(undefined) }

    expect(() => make({ clock })).toThrow('Cannot use clock: it has no now(), expected a Clock')
  })

  describe('.put()', () => {
    it('waits for room', async () => {
      const queue = make({ capacity: 1 })
      await queue.put(1)
      const second = queue.put(2)

      expect(await stateOf(second)).toBe('pending')
      expect(queue.stats()).toMatchObject({ size: 1, putting: 1, unfinished: 1 })

      queue.tryGet()
      await second
      expect(queue.stats()).toMatchObject({ size: 1, putting: 0, unfinished: 2 })
    })

    it('lets nobody overtake those who wait for room', async () => {
      const queue = make({ capacity: 1 })
      queue.tryPut(1)
      const second = queue.put(2)

      queue.tryGet()

      expect(queue.tryPut(3)).toBe(false)
      expect(queue.tryGet()).toBe(2)
      await second
    })

    it('hands its item to somebody who waits before it returns', async () => {
      const queue = make()
      const waiting = queue.get()

      void queue.put(7)

      expect(queue.stats()).toMatchObject({ size: 0, getting: 0, unfinished: 1 })
      expect(queue.tryGet()).toBeUndefined()
      expect(await waiting).toBe(7)
    })

    it('that is aborted has left its place, and its item is not in the queue', async () => {
      const queue = make({ capacity: 1 })
      queue.tryPut(1)
      const controller = new AbortController()
      const signal = watch(controller.signal)
      const gaveUp = queue.put(2, { signal })
      const third = queue.put(3)

      controller.abort('enough')

      await expect(gaveUp).rejects.toBe('enough')
      expect(queue.tryGet()).toBe(1)
      expect(queue.tryGet()).toBe(3)
      await third
    })

    it('that times out has left its place', async () => {
      const clock = new VirtualClock()
      const queue = make({ capacity: 1, clock })
      queue.tryPut(1)
      const late = queue.put(2, { timeout: 10 }).catch((error: unknown) => error)

      await clock.advance(10)

      expect(await late).toMatchObject({
        code: 'ERR_TIMEOUT',
        message: 'Cannot put an item: waited 10 ms',
      })
      expect(queue.stats()).toMatchObject({ putting: 0, unfinished: 1 })
      expect(clock.pending).toBe(0)
    })

    it('with timeout 0 puts now or not at all', async () => {
      const queue = make({ capacity: 1 })

      await queue.put(1, { timeout: 0 })

      await expect(queue.put(2, { timeout: 0 })).rejects.toBeInstanceOf(TimeoutError)
      expect(queue.size).toBe(1)
    })

    it('puts nothing if the signal has aborted already', async () => {
      const queue = make()

      await expect(queue.put(1, { signal: AbortSignal.abort('no') })).rejects.toBe('no')

      expect(queue.stats()).toMatchObject({ size: 0, unfinished: 0 })
    })

    it.each([-1, Number.NaN])(
      'rejects a timeout of %s even when there is room',
      async (timeout) => {
        await expect(make().put(1, { timeout })).rejects.toBeInstanceOf(RangeError)
      },
    )
  })

  describe('.get()', () => {
    it('waits for an item', async () => {
      const queue = make()
      const item = queue.get()

      expect(await stateOf(item)).toBe('pending')
      expect(queue.stats()).toMatchObject({ getting: 1 })

      queue.tryPut(5)
      expect(await item).toBe(5)
    })

    it('serves callers in the order of their calls', async () => {
      const queue = make()
      const served: number[] = []
      const calls = [1, 2, 3].map(async (caller) => {
        await queue.get()
        served.push(caller)
      })

      for (const item of [7, 8, 9]) queue.tryPut(item)

      await Promise.all(calls)
      expect(served).toEqual([1, 2, 3])
    })

    it('that is aborted leaves the next item to somebody else', async () => {
      const queue = make()
      const controller = new AbortController()
      const signal = watch(controller.signal)
      const gaveUp = queue.get({ signal })
      const next = queue.get()

      controller.abort('enough')
      queue.tryPut(1)

      await expect(gaveUp).rejects.toBe('enough')
      expect(await next).toBe(1)
    })

    it('that is aborted just after it was handed an item resolves with it', async () => {
      const queue = make()
      const controller = new AbortController()
      const item = queue.get({ signal: watch(controller.signal) })

      queue.tryPut(1)
      controller.abort('too late')

      expect(await item).toBe(1)
    })

    it('that is aborted just before an item is put loses none', async () => {
      const queue = make()
      const controller = new AbortController()
      const gaveUp = queue.get({ signal: watch(controller.signal) })

      controller.abort('enough')
      queue.tryPut(1)

      await expect(gaveUp).rejects.toBe('enough')
      expect(queue.tryGet()).toBe(1)
    })

    it('that times out has left its place', async () => {
      const clock = new VirtualClock()
      const queue = make({ clock })
      const late = queue.get({ timeout: 2 ** 31 }).catch((error: unknown) => error)

      await clock.advance(2 ** 31)

      expect(await late).toMatchObject({ code: 'ERR_TIMEOUT', timeout: 2 ** 31 })
      expect(queue.stats().getting).toBe(0)
      expect(clock.pending).toBe(0)
    })

    it('takes nothing if the signal has aborted already', async () => {
      const queue = make()
      queue.tryPut(1)

      await expect(queue.get({ signal: AbortSignal.abort('no') })).rejects.toBe('no')

      expect(queue.size).toBe(1)
    })

    it('lets in who waits for room', async () => {
      const queue = make({ capacity: 1 })
      queue.tryPut(1)
      const second = queue.put(2)

      expect(await queue.get()).toBe(1)

      expect(queue.stats()).toMatchObject({ size: 1, putting: 0 })
      await second
    })
  })

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

describe('whose signal has aborted, and who has not been told yet,', () => {
  it('gets no item', async () => {
    const queue = new Queue<string>()
    const controller = new AbortController()
    controller.signal.addEventListener('abort', () => queue.tryPut('for the other'))
    const aborted = queue.get({ signal: controller.signal })
    const other = queue.get()

    controller.abort('enough')

    await expect(aborted).rejects.toBe('enough')
    await expect(other).resolves.toBe('for the other')
  })

  it('gets its reason, not an error of the queue that closes', async () => {
    const queue = new Queue<string>()
    const controller = new AbortController()
    controller.signal.addEventListener('abort', () => void queue.close())
    const getting = queue.get({ signal: controller.signal })
    const other = queue.get().catch((error: unknown) => error)

    controller.abort('enough')

    await expect(getting).rejects.toBe('enough')
    expect(await other).toMatchObject({ code: 'ERR_CLOSED' })
  })

  it('gets its reason when it waits for room', async () => {
    const queue = new Queue<string>({ capacity: 1 })
    queue.tryPut('first')
    const controller = new AbortController()
    controller.signal.addEventListener('abort', () => void queue.close())
    const putting = queue.put('second', { signal: controller.signal })

    controller.abort('enough')

    await expect(putting).rejects.toBe('enough')
  })

  it('puts no item in', async () => {
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
