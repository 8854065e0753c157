import { AsyncLocalStorage } from 'node:async_hooks'
import { getEventListeners } from 'node:events'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { Deferred } from '@cupola/core/authoring'
import { VirtualClock } from '@cupola/core/testing'
import { pipeline } from '@cupola/pipeline'
import type { ThreadPool } from '@cupola/thread-pool'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'
import { eventLoopTurn } from '../../../test/until.ts'
import { CountedSource } from './fixtures/counted-source.ts'
import { HeldCalls } from './fixtures/held-calls.ts'
import { failureOf } from '../../../test/failure-of.ts'
import type * as work from './fixtures/work.ts'

const failure = new Error('bad item')

const failAt = (bad: number) => (n: number) => {
  if (n === bad) throw failure
  return n
}

/** A function that runs until it is told to stop, and then rejects as it is told. */
const untilAborted = (_item: unknown, { signal }: { readonly signal: AbortSignal }) =>
  sleep(2 ** 30, undefined, { signal })

describe('a run whose function fails', () => {
  it('rejects with the very error, from plain and async functions', async () => {
    const numbers = pipeline([1, 2, 3])

    await expect(numbers.map(failAt(2)).toArray()).rejects.toBe(failure)
    await expect(numbers.map(async (n) => failAt(2)(n)).toArray()).rejects.toBe(failure)
    await expect(numbers.filter((n) => failAt(2)(n) > 0).run()).rejects.toBe(failure)
    await expect(numbers.forEach(failAt(3))).rejects.toBe(failure)
  })

  it('rejects with what was thrown, even if that was undefined', async () => {
    const nothing = () => {
      throw undefined
    }

    await expect(pipeline([1]).map(nothing).run()).rejects.toBeUndefined()
  })

  it('begins nothing more, at no stage', async () => {
    const calls = new HeldCalls<number>()
    const seen: number[] = []
    const running = pipeline([0, 1, 2, 3])
      .map(calls.fn, { concurrency: 2 })
      .forEach((n) => seen.push(n))
    const caught = failureOf(running)
    await eventLoopTurn()

    await calls.fail(1, failure)
    await calls.release(0)

    expect(await caught).toBe(failure)
    expect(calls.begun).toEqual([0, 1])
    expect(seen).toEqual([])
  })

  it('tells the functions in flight, and waits for them', async () => {
    const cleanedUp = new Deferred<void>()
    const signals: AbortSignal[] = []
    const running = pipeline([0, 1])
      .map(
        async (n, { signal }) => {
          signals.push(signal)
          if (n === 1) throw failure
          await cleanedUp.promise
        },
        { concurrency: 2 },
      )
      .run()
    const caught = failureOf(running)

    expect(await stateOf(caught)).toBe('pending')
    expect(signals[0]?.reason).toBe(failure)
    cleanedUp.resolve()
    expect(await caught).toBe(failure)
  })

  it('gives the source back once, and waits until that is done', async () => {
    const source = new CountedSource()

    await expect(pipeline(source).map(failAt(2)).run()).rejects.toBe(failure)

    expect(source.returned).toBe(1)
    expect(source.asked).toBe(3)
  })

  it('does not count errors that only say that it was ended', async () => {
    const reactions = [
      untilAborted,
      async (item: unknown, context: { readonly signal: AbortSignal }) => {
        await untilAborted(item, context).catch(() => {})
        throw context.signal.reason
      },
      async (item: unknown, context: { readonly signal: AbortSignal }) => {
        await untilAborted(item, context).catch(() => {})
        throw new Error('gave up', { cause: context.signal.reason })
      },
      async (item: unknown, context: { readonly signal: AbortSignal }) => {
        await untilAborted(item, context).catch(() => {})
        throw new DOMException('It was aborted', 'AbortError')
      },
      () => Promise.reject(failure),
    ]

    const running = pipeline(reactions)
      .map((react, context) => react(0, context), { concurrency: 5 })
      .run()

    await expect(running).rejects.toBe(failure)
  })

  it('rejects with all errors, the first one first, when more went wrong', async () => {
    const late = new Error('cannot clean up')
    const calls = new HeldCalls<number>()
    const running = pipeline([0, 1]).map(calls.fn, { concurrency: 2 }).run()
    const caught = failureOf(running)
    await eventLoopTurn()

    await calls.fail(1, failure)
    await calls.fail(0, late)

    const error = await caught
    expect(error).toBeInstanceOf(AggregateError)
    expect(error).toMatchObject({ errors: [failure, late] })
  })
})

describe('a run whose signal aborts', () => {
  it('rejects with the reason before it begins, and reads nothing', async () => {
    const source = new CountedSource()

    const running = pipeline(source).run({ signal: AbortSignal.abort('no') })

    await expect(running).rejects.toBe('no')
    expect(source).toMatchObject({ asked: 0, returned: 0 })
  })

  it('rejects with the reason, gives the source back once and leaves no listener', async () => {
    const source = new CountedSource()
    const controller = new AbortController()
    const running = pipeline(source)
      .map(untilAborted, { concurrency: 3 })
      .run({ signal: controller.signal })
    const caught = failureOf(running)
    await eventLoopTurn()

    controller.abort('enough')

    expect(await caught).toBe('enough')
    expect(source).toMatchObject({ asked: 3, returned: 1 })
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })

  it('waits for a function that does not heed it', async () => {
    const calls = new HeldCalls<number>()
    const controller = new AbortController()
    const running = pipeline([1]).map(calls.fn).toArray({ signal: controller.signal })
    const caught = failureOf(running)
    await eventLoopTurn()

    controller.abort('enough')

    expect(await stateOf(caught)).toBe('pending')
    await calls.release(1)
    expect(await caught).toBe('enough')
  })

  it('tells of a function that failed because of something else', async () => {
    const calls = new HeldCalls<number>()
    const controller = new AbortController()
    const running = pipeline([1]).map(calls.fn).run({ signal: controller.signal })
    const caught = failureOf(running)
    await eventLoopTurn()

    controller.abort('enough')
    await calls.fail(1, failure)

    expect(await caught).toMatchObject({ errors: ['enough', failure] })
  })

  it('ends at once when one of its own plain functions aborts it', async () => {
    const controller = new AbortController()
    const seen: number[] = []
    const running = pipeline([1, 2, 3])
      .tap((n) => {
        if (n === 2) controller.abort('two')
      })
      .forEach((n) => seen.push(n), { signal: controller.signal })

    await expect(running).rejects.toBe('two')
    expect(seen).toEqual([1])
  })

  it('is waited for by the function that aborts it and then fails', async () => {
    const controller = new AbortController()
    const running = pipeline([1])
      .tap(() => {
        controller.abort('enough')
        throw failure
      })
      .run({ signal: controller.signal })

    await expect(running).rejects.toMatchObject({ errors: ['enough', failure] })
  })

  it('leaves no listener after it ended well or failed', async () => {
    const { signal } = new AbortController()

    await pipeline([1]).run({ signal })
    await pipeline([1])
      .map(failAt(1))
      .run({ signal })
      .catch(() => {})

    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('leaves no listener and no timer if it cannot even open', async () => {
    const { signal } = new AbortController()
    const clock = new VirtualClock()
    const noPool = {} as unknown as ThreadPool<typeof work>
    const numbers = pipeline([1], { clock }).via(noPool, 'square')

    await expect(numbers.run({ signal, onProgress: () => {} })).rejects.toThrow(TypeError)
    await expect(numbers.iterate({ signal }).next()).rejects.toThrow(TypeError)

    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('leaves a stream alone that it never read, as the signal had aborted', async () => {
    const stream = Readable.from([1])

    await expect(pipeline(stream).run({ signal: AbortSignal.abort('no') })).rejects.toBe('no')

    expect(stream.destroyed).toBe(false)
    expect(await pipeline(stream).toArray()).toEqual([1])
  })

  it('warns of no leak, however many functions listen to its signal', async () => {
    const warnings: Error[] = []
    const listen = (warning: Error) => warnings.push(warning)
    process.on('warning', listen)
    const controller = new AbortController()
    const running = pipeline(Array.from({ length: 50 }, (_, n) => n))
      .map(untilAborted, { concurrency: 50 })
      .run({ signal: controller.signal })
    const caught = failureOf(running)

    controller.abort('enough')

    expect(await caught).toBe('enough')
    await eventLoopTurn()
    process.off('warning', listen)
    expect(warnings).toEqual([])
  })
})

describe('the AsyncLocalStorage of whoever began a run', () => {
  it('is seen by every function, the source and onProgress included', async () => {
    const user = new AsyncLocalStorage<string>()
    const seen = new Set<unknown>()
    const look = () => void seen.add(user.getStore())
    const numbers = pipeline(lookingSource(look))
      .map(async () => look())
      .filter(() => look() === undefined)

    await user.run('Ada', () => numbers.forEach(look, { onProgress: look }))

    expect([...seen]).toEqual(['Ada'])
  })

  it('is seen when it is a timer that goes on with the run', async () => {
    const user = new AsyncLocalStorage<string>()
    const clock = new VirtualClock()
    const seen: unknown[] = []
    const end = new Deferred<number>()
    const batches = pipeline([1, end.promise], { clock }).batch({ size: 3, afterMs: 100 })
    const running = user.run('Ada', () => batches.forEach(() => seen.push(user.getStore())))

    await user.run('Bob', () => clock.advance(100))

    expect(seen).toEqual(['Ada'])
    end.resolve(2)
    await running
  })

  it('is seen by functions when somebody else asks for the items', async () => {
    const user = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const iterator = pipeline([1, 2])
      .tap(() => seen.push(user.getStore()))
      .iterate()

    await user.run('Ada', () => iterator.next())
    await user.run('Bob', () => iterator.next())

    expect(seen).toEqual(['Ada', 'Ada'])
  })

  it('is seen by onProgress at the end when somebody else aborts', async () => {
    const user = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const { signal, abort } = abortable()
    const onProgress = () => seen.push(user.getStore())
    const iterator = pipeline([1, 2]).iterate({ signal, onProgress })
    await user.run('Ada', () => iterator.next())

    user.run('Bob', abort)

    expect(seen).toEqual(['Ada'])
  })

  it('is seen by the return() of a source when somebody else aborts', async () => {
    const user = new AsyncLocalStorage<string>()
    const seen = new Set<unknown>()
    const controller = new AbortController()
    const source = lookingSource(() => void seen.add(user.getStore()))
    const { signal } = controller
    const running = user.run('Ada', () => pipeline(source).map(untilAborted).run({ signal }))
    const caught = failureOf(running)
    await eventLoopTurn()

    user.run('Bob', () => controller.abort('enough'))

    expect(await caught).toBe('enough')
    expect([...seen]).toEqual(['Ada'])
  })
})

function abortable(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort('enough') }
}

function lookingSource(look: () => void): () => Iterable<number> {
  return function* () {
    try {
      look()
      yield 1
      look()
    } finally {
      look()
    }
  }
}
