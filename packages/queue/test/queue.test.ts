import { systemClock } from '@cupola/core'
import { Queue } from '@cupola/queue'
import { describe, expect, it } from 'vitest'
import { kinds } from './fixtures/queues.ts'
import { untyped } from '../../../test/untyped.ts'

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
})
