import { Deferred } from '@cupola/core/authoring'
import { pipeline } from '@cupola/pipeline'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/until.ts'
import { CountedSource } from './fixtures/counted-source.ts'
import { HeldCalls } from './fixtures/held-calls.ts'

const TEN = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

describe('Pipeline.map()', () => {
  it('takes plain and async functions, and those that are both', async () => {
    const mixed = pipeline(TEN)
      .map((n) => n + 1)
      .map(async (n) => n * 2)
      .map((n) => (n % 3 === 0 ? Promise.resolve(n) : n))

    expect(await mixed.toArray()).toEqual(TEN.map((n) => (n + 1) * 2))
  })

  it('calls one at a time unless told otherwise', async () => {
    const calls = new HeldCalls<number>()
    const running = pipeline(TEN.slice(0, 2)).map(calls.fn).toArray()
    await eventLoopTurn()

    expect(calls.begun).toEqual([0])
    await calls.release(0)
    expect(calls.begun).toEqual([0, 1])
    await calls.release(1)
    expect(await running).toEqual([0, 1])
  })

  it('calls `concurrency` at a time', async () => {
    const calls = new HeldCalls<number>()
    const running = pipeline(TEN.slice(0, 4)).map(calls.fn, { concurrency: 3 }).toArray()
    await eventLoopTurn()

    expect(calls.begun).toEqual([0, 1, 2])
    for (const n of [0, 1, 2, 3]) await calls.release(n)
    expect(await running).toEqual([0, 1, 2, 3])
  })

  it('keeps the order, and lets no later item begin in place of a slow one', async () => {
    const calls = new HeldCalls<number>()
    const seen: number[] = []
    const running = pipeline(TEN.slice(0, 4))
      .map(calls.fn, { concurrency: 2 })
      .forEach((n) => seen.push(n))
    await eventLoopTurn()

    await calls.release(1)

    expect(seen).toEqual([])
    expect(calls.begun).toEqual([0, 1])
    for (const n of [0, 2, 3]) await calls.release(n)
    await running
    expect(seen).toEqual([0, 1, 2, 3])
  })

  it('lets items leave as they are done when the order does not matter', async () => {
    const calls = new HeldCalls<number>()
    const seen: number[] = []
    const running = pipeline(TEN.slice(0, 4))
      .map(calls.fn, { concurrency: 2, ordered: false })
      .forEach((n) => seen.push(n))
    await eventLoopTurn()

    for (const n of [1, 2, 3, 0]) await calls.release(n)

    await running
    expect(seen).toEqual([1, 2, 3, 0])
  })

  it('lets an item that is answered at once overtake a slow one', async () => {
    const gate = new Deferred<number>()
    const numbers = pipeline([0, 1])
      .map((n) => (n === 0 ? gate.promise : n), { concurrency: 2, ordered: false })
      .tap((n) => {
        if (n === 1) gate.resolve(0)
      })

    expect(await numbers.toArray()).toEqual([1, 0])
  })

  it('works ahead while the stage below is busy', async () => {
    const first = new HeldCalls<number>()
    const second = new HeldCalls<number>()
    const running = pipeline(TEN.slice(0, 2)).map(first.fn).map(second.fn).toArray()
    await eventLoopTurn()

    await first.release(0)

    expect(first.begun).toEqual([0, 1])
    expect(second.begun).toEqual([0])
    await first.release(1)
    for (const n of [0, 1]) await second.release(n)
    expect(await running).toEqual([0, 1])
  })

  it('works ahead of a busy stage on what a slow source brings late', async () => {
    const item = new Deferred<number>()
    const first = new HeldCalls<number>()
    const second = new HeldCalls<number>()
    const running = pipeline([0, item.promise]).map(first.fn).map(second.fn).toArray()
    await eventLoopTurn()
    await first.release(0)

    item.resolve(1)
    await eventLoopTurn()

    expect(first.begun).toEqual([0, 1])
    await first.release(1)
    for (const n of [0, 1]) await second.release(n)
    expect(await running).toEqual([0, 1])
  })

  it('does not call a plain function ahead of need', async () => {
    let called = 0
    const iterator = pipeline(TEN)
      .map((n) => called++ + n)
      .iterate()

    await iterator.next()

    expect(called).toBe(1)
    await iterator.return?.()
  })

  it('awaits whatever has a then()', async () => {
    const foreign = Object.assign(() => {}, {
      // oxlint-disable-next-line unicorn/no-thenable -- the very thing
      then: (resolve: (value: string) => void) => resolve('awaited'),
    }) as unknown as PromiseLike<string>

    const words = pipeline([1]).map(() => foreign)

    expect(await words.toArray()).toEqual(['awaited'])
  })

  it('takes as many items as there are, and no more memory than its window', async () => {
    let alive = 0
    let peak = 0
    const numbers = pipeline(() => new CountedSource(10_000))
      .tap(() => (peak = Math.max(peak, ++alive)))
      .map(async (n) => n, { concurrency: 8 })
      .map(async (n) => n, { concurrency: 4, ordered: false })

    await numbers.forEach(async () => alive--)

    expect(alive).toBe(0)
    expect(peak).toBeLessThanOrEqual(8 + 4 + 1 + 1)
  })
})

describe('Pipeline.filter()', () => {
  it('takes plain and async functions', async () => {
    const odd = pipeline(TEN).filter((n) => n % 2 === 1)
    const oddAndSmall = odd.filter(async (n) => n < 6)

    expect(await oddAndSmall.toArray()).toEqual([1, 3, 5])
  })

  it('keeps the order with several calls at a time', async () => {
    const calls = new HeldCalls<number>()
    const running = pipeline([1, 2, 3])
      .filter(async (n) => (await calls.fn(n)) !== 2, { concurrency: 3 })
      .toArray()
    await eventLoopTurn()

    for (const n of [3, 2, 1]) await calls.release(n)

    expect(await running).toEqual([1, 3])
  })

  it('gives the place of a dropped item away at once, in whatever order', async () => {
    const calls = new HeldCalls<number>()
    const running = pipeline([0, 1, 2])
      .filter(async (n) => (await calls.fn(n)) === 0, { concurrency: 2 })
      .toArray()
    await eventLoopTurn()

    await calls.release(1)

    expect(calls.begun).toEqual([0, 1, 2])
    for (const n of [0, 2]) await calls.release(n)
    expect(await running).toEqual([0])
  })

  it('ends well when nothing passes', async () => {
    expect(
      await pipeline(TEN)
        .filter(() => false)
        .toArray(),
    ).toEqual([])
    expect(
      await pipeline(TEN)
        .filter(async () => false)
        .toArray(),
    ).toEqual([])
  })
})

describe('Pipeline.tap()', () => {
  it('hands each item on, once the function is done with it', async () => {
    const calls = new HeldCalls<number>()
    const seen: number[] = []
    const running = pipeline([1])
      .tap(calls.fn)
      .forEach((n) => seen.push(n))
    await eventLoopTurn()

    expect(seen).toEqual([])
    await calls.release(1)
    await running
    expect(seen).toEqual([1])
  })

  it('drops what the function returns', async () => {
    expect(
      await pipeline([1])
        .tap(() => 2)
        .tap(async () => 3)
        .toArray(),
    ).toEqual([1])
  })
})

describe('Pipeline.forEach()', () => {
  it('calls `concurrency` at a time', async () => {
    const calls = new HeldCalls<number>()
    const running = pipeline([0, 1, 2]).forEach(calls.fn, { concurrency: 2 })
    await eventLoopTurn()

    expect(calls.begun).toEqual([0, 1])
    await calls.release(1)
    expect(calls.begun).toEqual([0, 1, 2])
    for (const n of [0, 2]) await calls.release(n)
    expect(await running).toMatchObject({ items: 3 })
  })
})

describe('a stage function', () => {
  it('gets a signal with each item', async () => {
    const signals = await pipeline([1, 2])
      .map((_, { signal }) => signal)
      .toArray()

    expect(signals[0]).toBeInstanceOf(AbortSignal)
    expect(signals[0]).toBe(signals[1])
  })
})
