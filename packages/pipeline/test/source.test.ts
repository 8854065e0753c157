import { createReadStream } from 'node:fs'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from '@cupola/pipeline'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { eventLoopTurn } from '../../../test/until.ts'
import { failureOf } from '../../../test/failure-of.ts'

expectNoLeaks()

async function* countTo(last: number): AsyncGenerator<number> {
  for (let n = 1; n <= last; n++) yield n
}

describe('a source', () => {
  it('may be any iterable', async () => {
    expect(await pipeline(new Set([1, 2])).toArray()).toEqual([1, 2])
    expect(await pipeline('ab').toArray()).toEqual(['a', 'b'])
  })

  it('may be an async iterable', async () => {
    expect(await pipeline(countTo(3)).toArray()).toEqual([1, 2, 3])
  })

  it('may be a function, called once per run with the signal of the run', async () => {
    const signals: AbortSignal[] = []
    const numbers = pipeline(({ signal }) => {
      signals.push(signal)
      return countTo(2)
    })

    await numbers.toArray()
    await numbers.toArray()

    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false])
    expect(signals[0]).not.toBe(signals[1])
  })

  it('may be another pipeline', async () => {
    const inner = pipeline([1, 2]).map(async (n) => n + 1)

    expect(await pipeline(inner).toArray()).toEqual([2, 3])
  })

  it('may be a stream of objects', async () => {
    expect(await pipeline(Readable.from([{ a: 1 }])).toArray()).toEqual([{ a: 1 }])
  })

  it('may be a stream of bytes', async () => {
    const chunks = pipeline<Buffer>(createReadStream(import.meta.filename, { highWaterMark: 100 }))

    const { items } = await chunks
      .map(({ length }) => length)
      .filter((length) => length === 100)
      .run()

    expect(items).toBeGreaterThan(10)
  })

  it('has its promises awaited, also those of an async iterable', async () => {
    const asyncSource: AsyncIterable<Promise<number>> = {
      [Symbol.asyncIterator]: () => {
        const values = [Promise.resolve(3), Promise.resolve(4)].values()
        return { next: async () => values.next() }
      },
    }

    expect(await pipeline([Promise.resolve(1), 2]).toArray()).toEqual([1, 2])
    expect(await pipeline(asyncSource).toArray()).toEqual([3, 4])
  })

  it('that is not iterable after all fails the run', async () => {
    const numbers = pipeline((() => 7) as unknown as () => number[])

    await expect(numbers.toArray()).rejects.toThrow(TypeError)
  })

  it('that gives no result object fails the run', async () => {
    const broken = { [Symbol.iterator]: () => ({ next: () => 7 }) } as unknown as number[]
    const late = { [Symbol.asyncIterator]: () => ({ next: async () => 7 }) } as unknown as number[]

    await expect(pipeline(broken).toArray()).rejects.toThrow('next() gave no object')
    await expect(pipeline(late).toArray()).rejects.toThrow('next() gave no object')
  })

  it('ends with any `done` that is truthy', async () => {
    const values = [{ done: 0, value: 1 }, { done: 1 }].values()
    const source = {
      [Symbol.iterator]: () => ({ next: () => values.next().value }),
    } as unknown as Iterable<number>

    expect(await pipeline(source).toArray()).toEqual([1])
  })

  it('is not given back when it has ended', async () => {
    let returned = 0
    const values = [1, 2].values()
    const source = {
      [Symbol.iterator]: () => ({
        next: () => values.next(),
        return: () => ({ done: true, value: returned++ }),
      }),
    } as unknown as Iterable<number>

    await pipeline(source).toArray()

    expect(returned).toBe(0)
  })

  it('is not given back when it fails itself', async () => {
    let returned = 0
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(new Error('torn')),
        return: async () => ({ done: true, value: returned++ }),
      }),
    }

    await expect(pipeline(source).toArray()).rejects.toThrow('torn')
    expect(returned).toBe(0)
  })

  it('is given back when one of its promises rejects', async () => {
    let returned = 0
    function* promises() {
      try {
        yield Promise.reject(new Error('rotten'))
      } finally {
        returned++
      }
    }

    await expect(pipeline(promises()).toArray()).rejects.toThrow('rotten')
    expect(returned).toBe(1)
  })

  it('is given back when it ends the run itself', async () => {
    const controller = new AbortController()
    let returned = 0
    function* suicidal() {
      try {
        controller.abort('enough')
        yield 1
      } finally {
        returned++
      }
    }

    await expect(pipeline(suicidal()).run({ signal: controller.signal })).rejects.toBe('enough')
    expect(returned).toBe(1)
  })

  it('that fails while it is given back is not silent about it', async () => {
    const failure = new Error('first')
    const late = new Error('cannot close')
    const source: Iterable<number> = {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: 1 }),
        return: () => {
          throw late
        },
      }),
    }
    const fail = () => {
      throw failure
    }

    const error = await failureOf(pipeline(source).map(fail).toArray())

    expect(error).toMatchObject({ errors: [failure, late] })
  })

  it('that is a stream is destroyed at once, even if it has nothing to give', async () => {
    const stream = new PassThrough()
    const controller = new AbortController()
    const running = pipeline(stream).run({ signal: controller.signal })
    await eventLoopTurn()

    controller.abort('too slow')

    await expect(running).rejects.toBe('too slow')
    expect(stream.destroyed).toBe(true)
  })

  it('that is a stream need not emit `close` for the run to end', async () => {
    const stream = new Readable({ read: () => {}, emitClose: false })
    const controller = new AbortController()
    const running = pipeline(stream).run({ signal: controller.signal })
    await eventLoopTurn()

    controller.abort('too slow')

    await expect(running).rejects.toBe('too slow')
    expect(stream.destroyed).toBe(true)
  })

  it('that is a stream and cannot be closed says so once, even if it was being read', async () => {
    const late = new Error('cannot close')
    const stream = new Readable({
      read: () => {},
      destroy: (_error, callback) => callback(late),
    })
    const controller = new AbortController()
    const caught = failureOf(pipeline(stream).run({ signal: controller.signal }))
    await eventLoopTurn()

    controller.abort('too slow')

    expect(await caught).toMatchObject({ errors: ['too slow', late] })
  })

  it('that is a stream is closed when a run that ended early is over', async () => {
    const stream = createReadStream(import.meta.filename, { highWaterMark: 1 })

    for await (const _ of pipeline(stream)) break

    expect(stream.closed).toBe(true)
  })

  it('that is a stream is not silent about what fails while it is closed', async () => {
    const late = new Error('cannot close')
    const stream = new Readable({
      read: () => stream.push('a'),
      destroy: (_error, callback) => callback(late),
    })
    const iterator = pipeline(stream).iterate()
    await iterator.next()

    await expect(iterator.return?.()).rejects.toBe(late)
  })

  it('that is a stream passes its error on, as it is', async () => {
    const failure = new Error('disk full')
    const stream = new Readable({ read: () => stream.destroy(failure) })

    await expect(pipeline(stream).run()).rejects.toBe(failure)
  })
})
