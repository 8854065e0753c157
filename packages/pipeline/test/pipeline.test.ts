import type { Clock } from '@cupola/core'
import { pipeline } from '@cupola/pipeline'
import { describe, expect, it } from 'vitest'
import { CountedSource } from './fixtures/counted-source.ts'

describe('pipeline()', () => {
  it('reads nothing before a run asks', () => {
    const source = new CountedSource()

    pipeline(source)
      .map((n) => n)
      .batch({ size: 2 })
      .iterate()

    expect(source.asked).toBe(0)
  })

  it('throws for a clock that is none', () => {
    expect(() => pipeline([1], { clock: null as unknown as Clock })).toThrow(TypeError)
  })

  it('reads its source anew in each run', async () => {
    const words = pipeline(['a', 'b']).map((word) => word.toUpperCase())

    const both = [await words.toArray(), await words.toArray()]

    expect(both).toEqual([
      ['A', 'B'],
      ['A', 'B'],
    ])
  })

  it('leaves a pipeline as it was when a stage is added', async () => {
    const numbers = pipeline([1, 2])
    const doubled = numbers.map((n) => 2 * n)
    const tripled = numbers.map((n) => 3 * n)

    const results = [await numbers.toArray(), await doubled.toArray(), await tripled.toArray()]

    expect(results).toEqual([
      [1, 2],
      [2, 4],
      [3, 6],
    ])
  })

  it('lets two runs of one description go on side by side', async () => {
    const numbers = pipeline(() => [1, 2, 3]).map(async (n) => n, { concurrency: 2 })

    const both = await Promise.all([numbers.toArray(), numbers.toArray()])

    expect(both).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ])
  })

  it.each([undefined, null, 7, {}])('throws a TypeError for the source %j', (source) => {
    expect(() => pipeline(source as Iterable<number>)).toThrow(TypeError)
  })

  it('throws a TypeError for a stage of no function', () => {
    const missing = undefined as unknown as () => boolean
    const numbers = pipeline([1])

    expect(() => numbers.map(missing)).toThrow(TypeError)
    expect(() => numbers.filter(missing)).toThrow(TypeError)
    expect(() => numbers.tap(missing)).toThrow(TypeError)
  })

  it.each([0, -1, 1.5, Number.NaN, Infinity])('throws a RangeError for the concurrency %d', (n) => {
    expect(() => pipeline([1]).map((item) => item, { concurrency: n })).toThrow(RangeError)
  })

  it.each([0, -1, 1.5, Number.NaN, Infinity])(
    'throws a RangeError for the batch size %d',
    (size) => {
      expect(() => pipeline([1]).batch({ size })).toThrow(RangeError)
    },
  )

  it.each([-1, Number.NaN])('throws a RangeError for batches after %d ms', (afterMs) => {
    expect(() => pipeline([1]).batch({ size: 1, afterMs })).toThrow(RangeError)
  })

  it('rejects for options of the wrong type', async () => {
    const numbers = pipeline([1])

    await expect(numbers.run({ signal: 'now' as unknown as AbortSignal })).rejects.toThrow(
      TypeError,
    )
    await expect(numbers.run({ onProgress: 1 as unknown as () => void })).rejects.toThrow(TypeError)
    await expect(numbers.run({ progressIntervalMs: 0 })).rejects.toThrow(RangeError)
    await expect(numbers.forEach(1 as unknown as () => void)).rejects.toThrow(TypeError)
  })
})
