import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from '@cupola/pipeline'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/until.ts'
import { CountedSource } from './fixtures/counted-source.ts'
import { HeldCalls } from './fixtures/held-calls.ts'
import { failureOf } from '../../../test/failure-of.ts'

const failure = new Error('bad item')

describe('iterating a pipeline', () => {
  it('gives its items in order', async () => {
    const seen: number[] = []

    for await (const n of pipeline([1, 2, 3]).map(async (m) => m * 2)) seen.push(n)

    expect(seen).toEqual([2, 4, 6])
  })

  it('is what a stream can be made from', async () => {
    const source = new CountedSource()
    const stream = Readable.from(pipeline(source).map(async (n) => n * 2))
    const closed = once(stream, 'close')

    const [first] = (await once(stream, 'data')) as number[]
    stream.destroy()

    await closed
    expect(first).toBe(0)
    expect(source.returned).toBe(1)
  })

  it('takes no more from an endless source than its stages have room for', async () => {
    const source = new CountedSource()
    const endless = pipeline(source)
      .map(async (n) => n, { concurrency: 5 })
      .filter(async () => true, { concurrency: 3, ordered: false })
      .batch({ size: 10 })

    for await (const batch of endless) {
      await eventLoopTurn()
      if (batch.includes(95)) break
    }

    expect(source.asked).toBeLessThanOrEqual(100 + 5 + 3 + 10)
    expect(source.returned).toBe(1)
  })

  it('ends when the loop is left, and waits until all is over', async () => {
    const source = new CountedSource()
    const cleanedUp: number[] = []
    const numbers = pipeline(source).map(
      async (n, { signal }) => {
        if (n === 0) return n
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        await eventLoopTurn()
        cleanedUp.push(n)
        throw signal.reason
      },
      { concurrency: 3 },
    )

    for await (const _ of numbers) {
      await eventLoopTurn()
      break
    }

    expect(cleanedUp).toEqual([1, 2, 3])
    expect(source).toMatchObject({ asked: 4, returned: 1 })
  })

  it('throws what fails in a function, and is done then', async () => {
    const iterator = pipeline([1])
      .map(() => Promise.reject(failure))
      .iterate()

    await expect(iterator.next()).rejects.toBe(failure)
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  it('keeps what failed unasked for the next who asks', async () => {
    const calls = new HeldCalls<number>()
    const iterator = pipeline([0, 1]).map(calls.fn, { concurrency: 2 }).iterate()
    const first = iterator.next()
    await calls.release(0)
    await first

    await calls.fail(1, failure)

    await expect(iterator.next()).rejects.toBe(failure)
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined })
  })

  it('throws what failed unasked when it is left', async () => {
    const calls = new HeldCalls<number>()
    const iterator = pipeline([0, 1]).map(calls.fn, { concurrency: 2 }).iterate()
    const first = iterator.next()
    await calls.release(0)
    await first

    await calls.fail(1, failure)

    await expect(iterator.return?.()).rejects.toBe(failure)
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  it('answers those who ask at the same time in turn', async () => {
    const iterator = pipeline([1, 2])
      .map(async (n) => n)
      .iterate()

    const answers = await Promise.all([iterator.next(), iterator.next(), iterator.next()])

    expect(answers.map(({ value }) => value)).toEqual([1, 2, undefined])
  })

  it('tells a failure to the first of those who ask at the same time', async () => {
    const iterator = pipeline([1])
      .map(() => Promise.reject(failure))
      .iterate()

    const answers = await Promise.allSettled([iterator.next(), iterator.next()])

    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  })

  it('tells a failure to the first who asks even if it fails at once', async () => {
    const iterator = pipeline([1])
      .map(() => {
        throw failure
      })
      .iterate()

    const answers = await Promise.allSettled([iterator.next(), iterator.next()])

    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  })

  it('may be asked by one of its own functions', async () => {
    const inner: Promise<IteratorResult<number>>[] = []
    const iterator: AsyncIterator<number> = pipeline([1, 2])
      .tap((n) => {
        if (n === 1) inner.push(iterator.next())
      })
      .iterate()

    const outer = await iterator.next()

    expect(outer.value).toBe(1)
    expect((await inner[0])?.value).toBe(2)
  })

  it('may be left before it has begun', async () => {
    const source = new CountedSource()
    const iterator = pipeline(source).iterate()

    expect(await iterator.return?.()).toEqual({ done: true, value: undefined })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    expect(source).toMatchObject({ asked: 0, returned: 0 })
  })

  it('may be left twice', async () => {
    const source = new CountedSource()
    const iterator = pipeline(source).iterate()
    await iterator.next()

    await Promise.all([iterator.return?.(), iterator.return?.()])

    expect(source.returned).toBe(1)
  })

  it('ends those who wait for an item when it is left', async () => {
    const calls = new HeldCalls<number>()
    const iterator = pipeline([1]).map(calls.fn).iterate()
    const waiting = iterator.next()

    const leaving = iterator.return?.()
    await calls.release(1)

    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(await leaving).toEqual({ done: true, value: undefined })
  })

  it('rejects with the reason when its signal aborts', async () => {
    const controller = new AbortController()
    const calls = new HeldCalls<number>()
    const iterator = pipeline([1]).map(calls.fn).iterate({ signal: controller.signal })
    const caught = failureOf(iterator.next())

    controller.abort('enough')
    await calls.release(1)

    expect(await caught).toBe('enough')
  })

  it('rejects with the reason when its signal has aborted, and is done then', async () => {
    const iterator = pipeline([1]).iterate({ signal: AbortSignal.abort('no') })

    await expect(iterator.next()).rejects.toBe('no')
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  it('throws for options of the wrong type', () => {
    expect(() => pipeline([1]).iterate({ signal: 1 as unknown as AbortSignal })).toThrow(TypeError)
  })
})
