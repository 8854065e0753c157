import { getEventListeners } from 'node:events'
import { BrokenError, ClosedError, FullError, TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'
import { stateOf } from '../../../test/state-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { eventLoopTurn, until } from '../../../test/until.ts'
import { Log } from './fixtures/log.ts'
import { poolOf, sharedPool, textPool } from './fixtures/pools.ts'
import type * as Streams from './fixtures/streams.ts'

const MODULE = new URL('./fixtures/streams.ts', import.meta.url)
const shared = sharedPool<typeof Streams>(MODULE)
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

async function toArray<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('ThreadPool.stream()', () => {
  it.each(['count', 'countLater'] as const)('gives what %s yields, in order', async (name) => {
    await expect(toArray(shared.stream(name, [0, 1000]))).resolves.toEqual(upTo(1000))
  })

  it('gives nothing if nothing is yielded', async () => {
    await expect(toArray(shared.stream('count', [0, 0]))).resolves.toEqual([])
  })

  it('awaits items that are promises', async () => {
    await expect(toArray(shared.stream('promises', []))).resolves.toEqual(['one', 'two'])
  })

  it('takes any function that promises an iterable', async () => {
    await expect(toArray(shared.stream('listLater', []))).resolves.toEqual(['a', 'b'])
  })

  it('rejects if the function gives nothing iterable', async () => {
    const items = shared.stream('plain' as never, [])

    await expect(items.next()).rejects.toThrow(
      new TypeError('Cannot stream: the function gave number, expected something iterable'),
    )
    await expect(items.next()).resolves.toEqual({ done: true, value: undefined })
  })

  it('answers several questions at once, in order', async () => {
    const items = shared.stream('countLater', [0, 2])

    const answers = await Promise.all([items.next(), items.next(), items.next(), items.next()])

    expect(answers.map(({ value }) => value)).toEqual([0, 1, undefined, undefined])
  })

  it('calls nothing before the first item is asked for', async () => {
    const pool = poolOf<typeof Streams>(MODULE)

    const items = pool.stream('count', [0, 1])
    await eventLoopTurn()

    expect(pool.stats()).toMatchObject({ started: 0, queued: 0 })
    await items.return?.()
    await expect(items.next()).resolves.toEqual({ done: true, value: undefined })
    expect(pool.stats()).toMatchObject({ started: 0 })
  })

  it('counts as one call', async () => {
    const pool = poolOf<typeof Streams>(MODULE)

    await toArray(pool.stream('count', [0, 100]))

    expect(pool.stats()).toMatchObject({ completed: 1, failed: 0, idle: 1 })
  })

  it('moves what the function marks', async () => {
    const items = await toArray(shared.stream('buffers', [[8, 16, 24]]))

    expect(items.map((buffer) => buffer.byteLength)).toEqual([8, 16, 24])
  })

  it('hears of progress', async () => {
    const heard: unknown[] = []

    const items = await toArray(
      shared.stream('reporting', [], { onProgress: (value) => heard.push(value) }),
    )

    expect(items).toEqual(['item'])
    expect(heard).toEqual(['half'])
  })
})

describe('ThreadPool.stream(), flow control', () => {
  it.each([1, 2, 3, 16])('is never more than %i items ahead', async (highWaterMark) => {
    const log = new Log()
    const items = shared.stream('noted', [log.buffer], { highWaterMark })

    for (let taken = 1; taken <= 20; taken++) {
      await items.next()
      expect(log.entries.length).toBeLessThanOrEqual(taken + highWaterMark)
    }
    await items.return?.()
  })

  it('goes as far ahead as it may, and no further', async () => {
    const log = new Log()
    const items = shared.stream('noted', [log.buffer], { highWaterMark: 4 })

    await items.next()
    await until(() => log.entries.length === 4)
    await eventLoopTurn()

    expect(log.entries).toEqual([0, 1, 2, 3])
    await items.return?.()
  })
})

describe('ThreadPool.stream(), left early', () => {
  it('runs the finally of the generator, and is over when that has run', async () => {
    const log = new Log()

    for await (const item of shared.stream('noted', [log.buffer])) {
      if (item === 2) break
    }

    expect(log.entries.at(-1)).toBe(-1)
    await expect(shared.run('plain', [])).resolves.toBe(5)
  })

  it('keeps the thread', async () => {
    const pool = poolOf<typeof Streams>(MODULE, { maxThreads: 1 })

    for await (const _ of pool.stream('noted', [new Log().buffer])) break
    await pool.run('plain', [])

    expect(pool.stats()).toMatchObject({ started: 1, crashed: 0, completed: 2 })
  })

  it('rejects with what the finally throws', async () => {
    const items = shared.stream('stubborn', [])
    await items.next()

    await expect(items.return?.()).rejects.toThrow(new RangeError('not like this'))
  })

  it('takes back a call that has not begun', async () => {
    const pool = poolOf<typeof Streams>(MODULE, { maxThreads: 1 })
    const gate = new ThreadGate()
    const first = pool.stream('gated', [gate.buffer])
    await first.next()
    const second = pool.stream('noted', [new Log().buffer])
    const question = second.next()

    await second.return?.()

    await expect(question).resolves.toEqual({ done: true, value: undefined })
    expect(pool.stats()).toMatchObject({ cancelled: 1 })
    gate.open()
    await first.return?.()
  })

  it('waits for a generator that is busy', async () => {
    const gate = new ThreadGate()
    const items = shared.stream('gated', [gate.buffer], { highWaterMark: 2 })
    await items.next()
    await until(() => gate.entered === 1)

    const returned = items.return?.() ?? Promise.reject(new Error('no return'))

    await expect(stateOf(returned)).resolves.toBe('pending')
    gate.open()
    await expect(returned).resolves.toEqual({ done: true, value: undefined })
  })
})

describe('ThreadPool.stream(), failures', () => {
  it('gives the items before an error, then the error, then no more', async () => {
    const items = shared.stream('failing', [2])

    await expect(items.next()).resolves.toEqual({ done: false, value: 0 })
    await expect(items.next()).resolves.toEqual({ done: false, value: 1 })
    await expect(items.next()).rejects.toThrow(new RangeError('no more'))
    await expect(items.next()).resolves.toEqual({ done: true, value: undefined })
  })

  it.each([0, 3])('ends at an item that cannot be cloned after %i that can', async (after) => {
    const items = shared.stream('uncloneable', [after])

    for (let item = 0; item < after; item++) {
      await expect(items.next()).resolves.toEqual({ done: false, value: item })
    }
    await expect(reasonOf(items.next())).resolves.toMatchObject({ name: 'DataCloneError' })
    await expect(items.next()).resolves.toEqual({ done: true, value: undefined })
    await expect(shared.run('plain', [])).resolves.toBe(5)
  })

  it('rejects with a BrokenError if the thread dies', async () => {
    const pool = poolOf<typeof Streams>(MODULE)

    const error = await errorOf(toArray(pool.stream('exiting', [])))

    expect(error).toBeInstanceOf(BrokenError)
  })

  it('rejects with the reason of a signal, which reaches the generator', async () => {
    const log = new Log()
    const controller = new AbortController()
    const items = shared.stream('heeding', [log.buffer], { signal: controller.signal })
    await items.next()
    await until(() => log.entries.includes(1))

    controller.abort('enough')

    await expect(items.next()).rejects.toBe('enough')
    await until(() => log.entries.includes(7))
    await expect(shared.run('plain', [])).resolves.toBe(5)
  })

  it('rejects with the reason of a signal that has aborted, and runs nothing', async () => {
    const log = new Log()
    const items = shared.stream('noted', [log.buffer], { signal: AbortSignal.abort('before') })

    await expect(items.next()).rejects.toBe('before')
    await expect(items.next()).resolves.toEqual({ done: true, value: undefined })
    expect(log.entries).toEqual([])
  })

  it('runs the finally of a generator that stands still when a signal aborts', async () => {
    const log = new Log()
    const controller = new AbortController()
    const { signal } = controller
    const items = shared.stream('noted', [log.buffer], { signal, highWaterMark: 2 })
    await items.next()
    await until(() => log.entries.length >= 2)

    controller.abort('enough')

    await until(() => log.entries.includes(-1))
    await expect(reasonOf(toArray(items))).resolves.toBe('enough')
  })

  it('ends a thread that does not let go, and replaces it', async () => {
    const pool = poolOf<typeof Streams>(MODULE, { maxThreads: 1 })

    const error = await errorOf(toArray(pool.stream('hogging', [], { timeout: 20 })))

    expect(error).toBeInstanceOf(TimeoutError)
    await expect(pool.run('plain', [])).resolves.toBe(5)
    expect(pool.stats().interrupted.thread).toBe(1)
  })

  it('rejects with the reason of terminate()', async () => {
    const pool = poolOf<typeof Streams>(MODULE)
    const items = pool.stream('gated', [new ThreadGate().buffer])
    await items.next()
    const next = items.next()

    void pool.terminate('all over')

    await expect(next).rejects.toBe('all over')
  })

  it('rejects when the pool is closed', async () => {
    const pool = poolOf<typeof Streams>(MODULE)
    await pool.close()

    await expect(pool.stream('count', [0, 1]).next()).rejects.toBeInstanceOf(ClosedError)
  })

  it.each([
    { args: ['count', [0, 1], { highWaterMark: 0 }], problem: RangeError },
    { args: ['count', [0, 1], { timeout: -1 }], problem: RangeError },
    { args: ['count', 7, {}], problem: TypeError },
    { args: ['count', [0, 1], 7], problem: TypeError },
  ])('throws at once for $args', ({ args, problem }) => {
    expect(() => Reflect.apply(shared.stream, shared, args)).toThrow(problem)
  })
})

describe('ThreadPool.stream(), beside other calls', () => {
  it('holds those that were sent behind it no longer than a call without items would', async () => {
    const clock = new VirtualClock()
    const pool = poolOf<typeof Streams>(MODULE, { minThreads: 1, maxThreads: 2, clock })
    await pool.resize({})
    // Otherwise it is taken for long, and nothing is sent behind it.
    for (let call = 0; call < 50; call++) await toArray(pool.stream('countLater', [0, 0]))
    const items = pool.stream('countLater', [0, 1e9])
    const first = items.next()
    const behind = upTo(5).map(async () => await pool.run('plain', []))
    await first
    await until(() => pool.stats().idle === 1)

    await clock.advance(0.6)
    for (let taken = 0; taken < 40; taken++) await items.next()
    await clock.advance(0.6)

    await expect(Promise.all(behind)).resolves.toHaveLength(5)
    await items.return?.()
  })

  it('is finished by close()', async () => {
    const pool = poolOf<typeof Streams>(MODULE)
    const items = pool.stream('count', [0, 100])
    await items.next()

    const closing = pool.close()

    await expect(stateOf(closing)).resolves.toBe('pending')
    await expect(toArray(items)).resolves.toHaveLength(99)
    await closing
  })

  it('leaves nothing on the signal of the caller', async () => {
    const { signal } = new AbortController()

    await toArray(shared.stream('count', [0, 3], { signal }))

    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('waits for a place where calls do, and gives the wait up when it is left', async () => {
    const pool = poolOf<typeof Streams>(MODULE, {
      maxThreads: 1,
      queueCapacity: 0,
      whenFull: 'wait',
    })
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    const left = pool.stream('count', [0, 3])
    const question = left.next()
    const items = toArray(pool.stream('count', [0, 3]))
    await until(() => pool.stats().waiting === 2)

    await left.return?.()

    expect(pool.stats().waiting).toBe(1)
    await expect(question).resolves.toEqual({ done: true, value: undefined })
    gate.open()
    await held
    await expect(items).resolves.toEqual([0, 1, 2])
  })

  it('is not run by the caller', async () => {
    const pool = poolOf<typeof Streams>(MODULE, {
      maxThreads: 1,
      queueCapacity: 0,
      whenFull: 'caller-runs',
    })
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])

    await expect(pool.stream('count', [0, 3]).next()).rejects.toBeInstanceOf(FullError)

    gate.open()
    await held
  })
})

describe('ThreadPool.run() of a generator function', () => {
  it('says that its items come from stream()', async () => {
    const error = await errorOf(shared.run('count', [0, 1]))

    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toBe(
      'Cannot call "count": it is a generator function, whose items come from stream(), expected a function that returns once',
    )
  })

  it('rejects as well what returns a generator without being one', async () => {
    const pool = textPool('export const sly = () => (function* () { yield 1 })()')

    await expect(reasonOf(pool.run('sly', []))).resolves.toMatchObject({ name: 'DataCloneError' })
    await expect(toArray(pool.stream('sly', []))).resolves.toEqual([1])
  })
})
