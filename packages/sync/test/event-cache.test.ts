import { VirtualClock } from '@cupola/core/testing'
import type { AsyncEvent } from '@cupola/sync'
import { EventCache } from '@cupola/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { untyped } from '../../../test/untyped.ts'

describe('EventCache', () => {
  it('gives an event again that it was given, cleared', () => {
    const cache = new EventCache()
    const event = cache.take()
    event.set()

    expect(cache.give(event)).toBe(true)
    expect(cache.size).toBe(1)

    expect(cache.take()).toBe(event)
    expect([event.isSet, cache.size]).toEqual([false, 0])
  })

  it('gives no event out set, though it was set after it was given', () => {
    const cache = new EventCache()
    const event = cache.take()
    cache.give(event)

    event.set()

    expect(cache.take()).toBe(event)
    expect(event.isSet).toBe(false)
  })

  it('gives the event out first that was given last', () => {
    const cache = new EventCache()
    const events = [cache.take(), cache.take()]

    for (const event of events) cache.give(event)

    expect(cache.take()).toBe(events[1])
    expect(cache.take()).toBe(events[0])
  })

  it('keeps an event again that was taken again', () => {
    const cache = new EventCache()
    const event = cache.take()

    expect([cache.give(event), cache.take(), cache.give(event)]).toEqual([true, event, true])
  })

  it('refuses a clock that is none, though it makes no event yet', () => {
    expect(() => new EventCache({ clock: untyped({}) })).toThrow(TypeError)
  })

  it('gives no event to two', () => {
    const cache = new EventCache()

    expect(cache.take()).not.toBe(cache.take())
  })

  it('keeps an event once that it is given twice', () => {
    const cache = new EventCache()
    const event = cache.take()

    expect([cache.give(event), cache.give(event)]).toEqual([true, false])

    expect(cache.size).toBe(1)
  })

  it('drops an event that somebody waits for, and leaves it as it is', async () => {
    const cache = new EventCache()
    const event = cache.take()
    const waiting = event.wait()

    expect(cache.give(event)).toBe(false)

    event.set()
    await waiting
    expect(cache.stats()).toEqual({ size: 0, capacity: 1000, made: 1, reused: 0, dropped: 1 })
  })

  it('keeps no more than its capacity', () => {
    const cache = new EventCache({ capacity: 1 })
    const events = [cache.take(), cache.take()]

    expect(events.map((event) => cache.give(event))).toEqual([true, false])
  })

  it.each([-1, 0.5, Number.NaN])('refuses a capacity of %s', (capacity) => {
    expect(() => new EventCache({ capacity })).toThrow(RangeError)
  })

  it('refuses what is no event', () => {
    expect(() => new EventCache().give({} as never)).toThrow(TypeError)
  })

  it('makes events on its own clock', async () => {
    const clock = new VirtualClock()
    const cache = new EventCache({ clock })
    const waiting = cache
      .take()
      .wait({ timeout: 5 })
      .catch((error: unknown) => error)

    await clock.advance(5)

    expect(await waiting).toMatchObject({ code: 'ERR_TIMEOUT' })
  })

  describe('.run()', () => {
    it('uses one event for call after call', async () => {
      const cache = new EventCache()
      const seen = new Set<AsyncEvent>()

      for (let call = 0; call < 3; call++) await cache.run((event) => seen.add(event))

      expect(seen.size).toBe(1)
      expect(cache.stats()).toMatchObject({ made: 1, reused: 2, dropped: 0 })
    })

    it('drops the event after an error: somebody may yet set it', async () => {
      const cache = new EventCache()
      const late = cache.run((event) => event.wait({ timeout: 0 }))

      await expect(late).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })

      expect(cache.stats()).toMatchObject({ size: 0, dropped: 1 })
    })

    it('rejects what is no function, and takes no event', async () => {
      const cache = new EventCache()

      await expect(cache.run(1 as never)).rejects.toBeInstanceOf(TypeError)

      expect(cache.stats().made).toBe(0)
    })
  })

  it('never hands out what somebody has, nor what is set, whatever is taken and given', () =>
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 9 })), (choices) => {
        const cache = new EventCache({ capacity: 3 })
        const taken: AsyncEvent[] = []
        let kept = 0

        for (const choice of choices) {
          const [event] = choice > 5 ? taken.splice(choice % (taken.length || 1), 1) : []
          if (event === undefined) {
            const fresh = cache.take()
            expect([taken.includes(fresh), fresh.isSet]).toEqual([false, false])
            fresh.set()
            taken.push(fresh)
            kept = Math.max(0, kept - 1)
          } else {
            expect(cache.give(event)).toBe(kept < 3)
            kept = Math.min(3, kept + 1)
          }
          expect(cache.size).toBe(kept)
        }
      }),
    ))
})
