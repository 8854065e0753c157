import { Deferred } from '@cupola/core/authoring'
import { VirtualClock } from '@cupola/core/testing'
import { pipeline } from '@cupola/pipeline'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/until.ts'
import { CountedSource } from './fixtures/counted-source.ts'
import { HeldCalls } from './fixtures/held-calls.ts'
import { failureOf } from '../../../test/failure-of.ts'

/** Items that come when a test says so. */
class Tap {
  readonly #items = Array.from({ length: 10 }, () => new Deferred<number>())
  #next = 0

  async *[Symbol.asyncIterator](): AsyncGenerator<number> {
    for (const { promise } of this.#items) {
      const item = await promise
      if (item < 0) return
      yield item
    }
  }

  async give(...items: number[]): Promise<void> {
    for (const item of items) this.#items[this.#next++]?.resolve(item)
    await eventLoopTurn()
  }

  async end(): Promise<void> {
    await this.give(-1)
  }
}

describe('Pipeline.batch()', () => {
  it('hands full batches on, and at the end the rest', async () => {
    expect(await pipeline([1, 2, 3, 4, 5]).batch({ size: 2 }).toArray()).toEqual([
      [1, 2],
      [3, 4],
      [5],
    ])
  })

  it('hands on no empty batch', async () => {
    expect(await pipeline([]).batch({ size: 2 }).toArray()).toEqual([])
    expect(await pipeline([1, 2]).batch({ size: 2 }).toArray()).toEqual([[1, 2]])
  })

  it('hands a partial batch on when the time after its first item has passed', async () => {
    const clock = new VirtualClock()
    const tap = new Tap()
    const seen: number[][] = []
    const running = pipeline(tap, { clock })
      .batch({ size: 3, afterMs: 100 })
      .forEach((batch) => seen.push(batch))
    await tap.give(1)
    await clock.advance(60)
    await tap.give(2)

    await clock.advance(39)
    expect(seen).toEqual([])
    await clock.advance(1)
    expect(seen).toEqual([[1, 2]])

    await tap.end()
    await running
  })

  it('counts the time of each batch anew', async () => {
    const clock = new VirtualClock()
    const tap = new Tap()
    const seen: number[][] = []
    const running = pipeline(tap, { clock })
      .batch({ size: 2, afterMs: 100 })
      .forEach((batch) => seen.push(batch))
    await tap.give(1)
    await clock.advance(60)
    await tap.give(2, 3)

    await clock.advance(99)
    expect(seen).toEqual([[1, 2]])
    await clock.advance(1)
    expect(seen).toEqual([[1, 2], [3]])

    await tap.end()
    await running
    expect(clock.pending).toBe(0)
  })

  it('keeps the next batch back when one was handed on before it was full', async () => {
    const clock = new VirtualClock()
    const tap = new Tap()
    const seen: number[][] = []
    const running = pipeline(tap, { clock })
      .batch({ size: 3, afterMs: 100 })
      .forEach((batch) => seen.push(batch))
    await tap.give(1)
    await clock.advance(100)

    await tap.give(2)

    expect(seen).toEqual([[1]])
    await tap.end()
    await running
    expect(seen).toEqual([[1], [2]])
  })

  it('lets a batch whose time has come grow while nobody has room for it', async () => {
    const clock = new VirtualClock()
    const tap = new Tap()
    const calls = new HeldCalls<string>()
    const running = pipeline(tap, { clock })
      .batch({ size: 3, afterMs: 10 })
      .map((batch) => calls.fn(batch.join()))
      .toArray()
    await tap.give(1)
    await clock.advance(10)
    await tap.give(2)
    await clock.advance(10)
    await tap.give(3)

    await calls.release('1')

    expect(calls.begun).toEqual(['1', '2,3'])
    await tap.end()
    await calls.release('2,3')
    expect(await running).toEqual(['1', '2,3'])
  })

  it('gathers the next batch while one is worked on', async () => {
    const source = new CountedSource(6)
    const calls = new HeldCalls<string>()
    const running = pipeline(source)
      .batch({ size: 2 })
      .map((batch) => calls.fn(batch.join()))
      .toArray()
    await eventLoopTurn()

    expect(calls.begun).toEqual(['0,1'])
    expect(source.asked).toBe(4)

    for (const batch of ['0,1', '2,3', '4,5']) await calls.release(batch)
    expect(await running).toEqual(['0,1', '2,3', '4,5'])
  })

  it('gathers nothing ahead where nobody has to wait for items', async () => {
    let read = 0
    const iterator = pipeline([1, 2, 3, 4])
      .tap(() => read++)
      .batch({ size: 2 })
      .iterate()

    await iterator.next()

    expect(read).toBe(2)
    await iterator.return?.()
  })

  it('arms no timer when the run ends while it gathers', async () => {
    const clock = new VirtualClock()
    const fail = (n: number) => {
      if (n === 2) throw new Error('bad item')
    }
    const batches = pipeline([1, 2], { clock }).tap(fail).batch({ size: 3, afterMs: 100 })

    await expect(batches.run()).rejects.toThrow('bad item')
    expect(clock.pending).toBe(0)
  })

  it('disarms its timer when the run ends early', async () => {
    const clock = new VirtualClock()
    const tap = new Tap()
    const controller = new AbortController()
    const running = pipeline(tap, { clock })
      .batch({ size: 3, afterMs: 100 })
      .run({ signal: controller.signal })
    const caught = failureOf(running)
    await tap.give(1)
    expect(clock.pending).toBe(1)

    controller.abort('stop')

    expect(clock.pending).toBe(0)
    await tap.end()
    expect(await caught).toBe('stop')
  })
})
