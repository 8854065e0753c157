import { getEventListeners } from 'node:events'
import { ClosedError } from '@cupola/core'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import { sharedPool, textPool, workPool } from './fixtures/pools.ts'
import type * as Work from './fixtures/work.ts'

const shared = sharedPool<typeof Work>(new URL('./fixtures/work.ts', import.meta.url))
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

/** A source that says how far it was read and whether it was given back. */
class Source implements AsyncIterableIterator<number> {
  read = 0
  returned = 0
  readonly #length: number

  constructor(length: number) {
    this.#length = length
  }

  async next(): Promise<IteratorResult<number>> {
    if (this.read === this.#length) return { done: true, value: undefined }
    return { done: false, value: this.read++ }
  }

  async return(): Promise<IteratorResult<number>> {
    this.returned++
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

async function toArray<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('ThreadPool.map()', () => {
  it('gives a result for each item, in order', async () => {
    const pool = workPool({ maxThreads: 2 })

    await expect(toArray(pool.map('echo', upTo(300)))).resolves.toEqual(upTo(300))
  })

  it('reads an async iterable', async () => {
    await expect(toArray(shared.map('echo', new Source(50)))).resolves.toEqual(upTo(50))
  })

  it('awaits items that are promises', async () => {
    const items = [Promise.resolve(1), 2, Promise.resolve(3)]

    await expect(toArray(shared.map('echo', items))).resolves.toEqual([1, 2, 3])
  })

  it('gives nothing for nothing', async () => {
    await expect(toArray(shared.map('echo', []))).resolves.toEqual([])
  })

  it('gives undefined where the function returns that', async () => {
    await expect(toArray(shared.map('echo', [undefined]))).resolves.toEqual([undefined])
  })

  it('reads nothing before the first result is asked for', async () => {
    const source = new Source(5)

    shared.map('echo', source)

    await expect(stateOf(new Promise(() => {}))).resolves.toBe('pending')
    expect(source.read).toBe(0)
  })

  it('reads no further than it has places', async () => {
    const source = new Source(100)
    const results = shared.map('echo', source, { concurrency: 3 })

    await results.next()
    await until(() => shared.stats().idle === 1 && source.read === 4)
    await expect(stateOf(new Promise(() => {}))).resolves.toBe('pending')

    expect(source.read).toBeLessThanOrEqual(4)
    await results.return(undefined)
  })

  it('has two calls for each thread under way unless told otherwise', async () => {
    const pool = workPool({ maxThreads: 2 })
    const gate = new ThreadGate()
    const source = upTo(10).map(() => gate.buffer)

    const results = toArray(pool.map('hold', source))
    await until(() => gate.entered === 2)

    expect(pool.stats()).toMatchObject({ working: 2, queued: 2 })
    gate.open()
    await expect(results).resolves.toHaveLength(10)
  })

  it('gives results as they come if they need not be in order', async () => {
    const pool = workPool({ maxThreads: 2 })
    const gate = new ThreadGate()
    const open = new ThreadGate()
    open.open()
    const results = pool.map('hold', [gate.buffer, open.buffer], { ordered: false })

    await expect(results.next()).resolves.toEqual({ done: false, value: 'held' })
    await until(() => gate.entered === 1)
    expect(open.entered).toBe(1)

    gate.open()
    await expect(toArray(results)).resolves.toEqual(['held'])
  })

  it('gives the first result while the source is slow with the next item', async () => {
    const forEver = new Promise<number>(() => {})
    async function* source(): AsyncGenerator<number> {
      yield 7
      yield await forEver
    }
    const results = shared.map('echo', source())

    await expect(results.next()).resolves.toEqual({ done: false, value: 7 })
  })
})

describe('ThreadPool.map(), ended early', () => {
  it('gives the source back and gives open calls up when it is left', async () => {
    const pool = workPool({ maxThreads: 1 })
    const source = new Source(100)

    for await (const _ of pool.map('echo', source, { concurrency: 4 })) break

    expect(source.returned).toBe(1)
    await until(() => pool.stats().idle === 1)
    const { completed, cancelled } = pool.stats()
    expect(completed + cancelled).toBe(source.read)
  })

  it('throws the first failure of a call, and ends', async () => {
    const pool = textPool(
      'export function odd(n) { if (n % 2 === 0) throw new RangeError(String(n)); return n }',
    )
    const source = new Source(100)

    await expect(toArray(pool.map('odd', source))).rejects.toThrow(new RangeError('0'))

    expect(source.returned).toBe(1)
  })

  it('throws the failure of the source, which is not given back', async () => {
    let returned = 0
    const source = {
      next: () => Promise.reject(new RangeError('dry')),
      return: () => {
        returned++
        return Promise.resolve({ done: true as const, value: undefined })
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }

    await expect(toArray(shared.map('echo', source))).rejects.toThrow(new RangeError('dry'))

    expect(returned).toBe(0)
  })

  it('gives the source back when an item rejects', async () => {
    let left = false
    function* source(): Generator<Promise<number>> {
      try {
        yield Promise.reject(new RangeError('bad item'))
        yield Promise.resolve(1)
      } finally {
        left = true
      }
    }

    await expect(toArray(shared.map('echo', source()))).rejects.toThrow(new RangeError('bad item'))

    expect(left).toBe(true)
  })

  it('throws the reason of a signal', async () => {
    const pool = workPool({ maxThreads: 1 })
    const gate = new ThreadGate()
    const controller = new AbortController()
    const results = toArray(pool.map('hold', [gate.buffer], { signal: controller.signal }))
    await until(() => gate.entered === 1)

    controller.abort('enough')

    await expect(results).rejects.toBe('enough')
    gate.open()
  })

  it('leaves nothing on the signal of the caller', async () => {
    const { signal } = new AbortController()

    await toArray(shared.map('echo', [1, 2], { signal }))

    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('does not wait for a source that never gives its next item when it is aborted', async () => {
    const controller = new AbortController()
    async function* stuck(): AsyncGenerator<number> {
      yield 1
      await new Promise(() => {})
    }
    const results = shared.map('echo', stuck(), { signal: controller.signal })
    await results.next()

    const next = results.next()
    controller.abort('enough')

    await expect(next).rejects.toBe('enough')
  })

  it('throws the reason of a signal that has aborted', async () => {
    const source = new Source(5)
    const results = shared.map('echo', source, { signal: AbortSignal.abort('before') })

    await expect(results.next()).rejects.toBe('before')
    expect(source.read).toBe(0)
  })

  it('throws that the pool is closed', async () => {
    const pool = workPool()
    await pool.close()

    await expect(toArray(pool.map('echo', [1]))).rejects.toBeInstanceOf(ClosedError)
  })

  it.each([
    { args: ['echo', [], { concurrency: 0 }], problem: RangeError },
    { args: ['echo', [], { timeout: -1 }], problem: RangeError },
    { args: ['echo', 7], problem: TypeError },
    { args: ['echo', [], null], problem: TypeError },
    { args: [7, []], problem: TypeError },
  ])('throws at once for $args', ({ args, problem }) => {
    expect(() => Reflect.apply(shared.map, shared, args)).toThrow(problem)
  })
})
