import { getEventListeners } from 'node:events'
import { closesWithin, Deferred, fulfillsWithin } from '@cupola/core/authoring'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { untyped } from '../../../test/untyped.ts'

describe('fulfillsWithin()', () => {
  it('is true when the promise fulfills in time', async () => {
    const clock = new VirtualClock()
    const work = new Deferred<void>()
    const inTime = fulfillsWithin(work.promise, { timeout: 10 }, clock)

    await clock.advance(9)
    work.resolve()

    expect(await inTime).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('is false when the time passes first', async () => {
    const clock = new VirtualClock()
    const inTime = fulfillsWithin(new Deferred().promise, { timeout: 10 }, clock)

    await clock.advance(10)

    expect(await inTime).toBe(false)
  })

  it('is true with timeout 0 for what has fulfilled already', async () => {
    expect(await fulfillsWithin(Promise.resolve(), { timeout: 0 })).toBe(true)
  })

  it('rejects with what the promise rejects with', async () => {
    const clock = new VirtualClock()

    await expect(fulfillsWithin(Promise.reject(new Error('disk')), {}, clock)).rejects.toThrow(
      'disk',
    )

    expect(clock.pending).toBe(0)
  })

  it('rejects with the abort reason and leaves no timer and no listener', async () => {
    const clock = new VirtualClock()
    const { signal, abort } = abortable()
    const inTime = fulfillsWithin(new Deferred().promise, { signal, timeout: 10 }, clock)

    abort('enough')

    await expect(inTime).rejects.toBe('enough')
    expect(clock.pending).toBe(0)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('does not swallow a later rejection as unhandled', async () => {
    const clock = new VirtualClock()
    const work = new Deferred<void>()
    const inTime = fulfillsWithin(work.promise, { timeout: 1 }, clock)
    await clock.advance(1)

    work.reject('too late')

    expect(await inTime).toBe(false)
  })

  it.each([{ timeout: -1 }, { timeout: NaN }, { timeout: '5' }, { signal: {} }, 500])(
    'rejects bad options: %o',
    async (options) => {
      await expect(fulfillsWithin(Promise.resolve(), untyped(options))).rejects.toThrow(
        /Cannot use/,
      )
    },
  )
})

describe('closesWithin()', () => {
  it('closes, and is true when that ends in time', async () => {
    const clock = new VirtualClock()
    const door = new Door()
    const inTime = closesWithin(door, { timeout: 10 }, clock)

    await clock.advance(9)
    door.closing.resolve()

    expect(await inTime).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('is false when the time passes first, and closes all the same', async () => {
    const clock = new VirtualClock()
    const door = new Door()
    const inTime = closesWithin(door, { timeout: 10 }, clock)

    await clock.advance(10)

    expect(await inTime).toBe(false)
    expect(door.asked).toBe(1)
  })

  it('closes nothing for a signal that has aborted already', async () => {
    const door = new Door()

    await expect(closesWithin(door, { signal: AbortSignal.abort('enough') })).rejects.toBe('enough')

    expect(door.asked).toBe(0)
  })

  it.each([
    [
      { timeout: -1 },
      new RangeError('Cannot use timeout: got -1, expected milliseconds from 0 up'),
    ],
    [{ signal: {} }, new TypeError('Cannot use signal: got object, expected an AbortSignal')],
    [500, new TypeError('Cannot use options: got number, expected an object')],
  ])('closes nothing for bad options: %o', async (options, error) => {
    const door = new Door()

    await expect(closesWithin(door, untyped(options))).rejects.toEqual(error)

    expect(door.asked).toBe(0)
  })

  it('rejects with what closing rejects with', async () => {
    const door = new Door()
    door.closing.reject(new Error('stuck'))

    await expect(closesWithin(door)).rejects.toThrow('stuck')
  })
})

/** Counts how often it was asked to close. */
class Door {
  asked = 0
  readonly closing = new Deferred<void>()

  close(): Promise<void> {
    this.asked++
    return this.closing.promise
  }
}

function abortable() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: (reason: unknown) => controller.abort(reason) }
}
