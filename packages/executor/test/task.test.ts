import { getEventListeners } from 'node:events'
import { ClosedError } from '@cupola/core'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/calls.ts'
import { gate, setUp } from './fixtures/set-up.ts'

describe('Task.result', () => {
  it('is what the function returns, awaited or not, asked for before or after', async () => {
    const { executor } = setUp()
    const early = executor.queueExec(async () => 'early')
    const late = executor.queueExec(() => 'late')

    await expect(early.result).resolves.toBe('early')
    await expect(late.result).resolves.toBe('late')
    expect(late.result).toBe(late.result)
  })

  it('rejects with what the function throws, untouched', async () => {
    const { executor } = setUp()
    const error = new Error('mine')
    const thrown = executor.queueExec(() => {
      throw error
    })
    const rejected = executor.queueExec(() => Promise.reject(error))

    await expect(thrown.result).rejects.toBe(error)
    await expect(rejected.result).rejects.toBe(error)
  })

  it('takes a foreign promise that calls back twice by its first word', async () => {
    const { executor } = setUp()
    const foreign = {
      // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
      then(tell: (value: string) => void) {
        tell('first')
        tell('second')
      },
    }
    // @ts-expect-error -- less than a promise
    const task = executor.queueExec<string>(() => foreign)

    await expect(task.result).resolves.toBe('first')
    expect(executor.stats()).toMatchObject({ running: 0, done: 1 })
  })

  it('is no unhandled rejection if nobody asks, but is counted and told of', async () => {
    const { executor } = setUp()
    const failures: unknown[] = []
    executor.on('failure', ({ error }) => failures.push(error))

    const task = executor.queueExec(() => {
      throw new Error('nobody looks')
    })
    await eventLoopTurn()

    expect(task.state).toBe('failed')
    expect(failures).toEqual([new Error('nobody looks')])
    expect(executor.stats().failed).toBe(1)
  })

  it.each([
    ['calls back twice', (tell: (value: string) => void) => (tell('own'), tell('again'))],
    [
      'throws',
      () => {
        throw new Error('own')
      },
    ],
  ])('takes a promise with a `then` of its own, which %s, as `await` does', async (_, then) => {
    const { executor } = setUp({ queueConcurrency: 1 })
    // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
    const task = executor.queueExec(() => Object.assign(Promise.resolve('the value'), { then }))
    const next = executor.queueExec(() => 'next')

    await expect(task.result).resolves.toBe('the value')
    await expect(next.result).resolves.toBe('next')
  })
})

describe('Task.cancel()', () => {
  it('ends a delayed, a queued and a running task, with the reason', async () => {
    const { executor } = setUp({ queueConcurrency: 1 })
    let aborted: unknown
    const { fn } = gate()
    const running = executor.queueExec(({ signal }) => {
      signal.addEventListener('abort', () => (aborted = signal.reason))
      return fn()
    })
    const queued = executor.queueExec(() => expect.unreachable())
    const delayed = executor.delayExec(5, () => expect.unreachable())
    await eventLoopTurn()
    const results = [running, queued, delayed].map(async ({ result }) =>
      expect(result).rejects.toBe('why'),
    )

    expect([running, queued, delayed].map((task) => task.cancel('why'))).toEqual([true, true, true])

    await Promise.all(results)
    expect(aborted).toBe('why')
    expect([running, queued, delayed].map((task) => task.cancel())).toEqual([false, false, false])
  })

  it('keeps the slot of a running task until its function has settled', async () => {
    const { executor } = setUp({ queueConcurrency: 1 })
    const { fn, open } = gate()
    const running = executor.queueExec(fn)
    const next = executor.queueExec(() => 'next')
    await eventLoopTurn()

    running.cancel()
    await eventLoopTurn()
    expect([running.state, next.state]).toEqual(['cancelled', 'queued'])

    open('too late')
    await expect(next.result).resolves.toBe('next')
    await expect(running.result).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('leaves no timer when the last task that waited is gone', () => {
    const { clock, executor } = setUp()
    const tasks = [5, 1, 9, 3].map((delay) => executor.delayExec(delay, () => {}))

    for (const task of tasks) task.cancel()

    expect(clock.pending).toBe(0)
    expect(executor.stats()).toMatchObject({ open: 0, cancelled: 4 })
  })

  it('gives an AbortError for a reason if there is none', async () => {
    const { executor } = setUp()
    const unasked = executor.delayExec(5, () => {})
    const asked = executor.delayExec(5, () => {})
    const { result } = asked

    asked.cancel()
    unasked.cancel()

    await expect(result).rejects.toMatchObject({ name: 'AbortError' })
    await expect(unasked.result).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('the signal of a task', () => {
  it('cancels it with its reason, wherever it is, and is not listened to afterwards', async () => {
    const { clock, executor } = setUp()
    const controller = new AbortController()
    const { signal } = controller
    const { fn, open } = gate()
    const tasks = [
      executor.queueExec(fn, { signal }),
      executor.delayExec(50, fn, { signal, urgency: 'high' }),
      executor.every(50, fn, { signal }),
    ]
    executor.queueExec(() => {}, { signal })
    await clock.advance(1)
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)

    controller.abort('enough')
    open('end')

    for (const task of tasks) await expect(task.result).rejects.toBe('enough')
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    expect([clock.pending, executor.stats().open]).toEqual([0, 0])
  })

  it('refuses a task if it has aborted, but bad arguments and a closed executor come first', async () => {
    const { executor } = setUp()
    const signal = AbortSignal.abort('no')

    expect(() => executor.queueExec(() => {}, { signal })).toThrow('no')
    expect(() => executor.delayExec(-1, () => {}, { signal })).toThrow(RangeError)
    await executor.close()
    expect(() => executor.queueExec(() => {}, { signal })).toThrow(ClosedError)
  })

  it('is not listened to once the task has ended by itself', async () => {
    const { clock, executor } = setUp()
    const { signal } = new AbortController()
    executor.queueExec(() => {}, { signal })
    executor.queueExec(() => Promise.reject(new Error('no')), { signal })
    executor.delayExec(5, () => {}, { signal })
    executor.every(5, () => {}, { signal, maxRuns: 2 })
    executor.at(5, () => {}, { signal })
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)

    await clock.advance(10)

    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})

describe('Executor.stats()', () => {
  it('counts at() and every() that are cancelled before they run', () => {
    const { executor } = setUp()

    executor.at(10, () => {}).cancel()
    executor.every(10, () => {}).cancel()

    expect(executor.stats()).toMatchObject({ cancelled: 2, open: 0, repeating: 0 })
  })

  it('counts a task once, also while it runs', async () => {
    const { clock, executor } = setUp()
    const run = gate()
    const task = executor.at(0, run.fn)
    await clock.advance(0)
    expect(executor.stats()).toMatchObject({ open: 1, running: 1 })

    task.cancel()
    expect(executor.stats()).toMatchObject({ open: 1, running: 1, cancelled: 1 })
    run.open(undefined)
    await eventLoopTurn()

    expect(executor.stats()).toMatchObject({ open: 0, running: 0, cancelled: 1, done: 0 })
  })

  it('counts those that wait for others of their key', async () => {
    const { executor } = setUp()
    const tasks = Array.from({ length: 5 }, () => executor.queueExec(gate().fn, { key: 1 }))
    await eventLoopTurn()
    expect(executor.stats()).toMatchObject({ queued: 4, running: 1 })

    tasks[2]?.cancel()

    expect(executor.stats()).toMatchObject({ queued: 3, running: 1 })
  })
})

describe('Executor.stats().levels', () => {
  it('says how many wait for a slot, and for how long, by budget and urgency', async () => {
    const { clock, executor } = setUp({ delayConcurrency: 1, queueConcurrency: 1 })
    const { fn, open } = gate()
    expect(executor.stats().levels).toEqual([])
    executor.delayExec(10, fn)
    executor.queueExec(fn, { key: 1 })
    executor.delayExec(20, fn)
    await clock.advance(20)
    executor.queueExec(fn, { key: 1 })
    executor.queueExec(fn, { urgency: 'low' })
    executor.queueExec(fn, { urgency: 'high' })
    await clock.advance(5)
    executor.queueExec(fn, { urgency: 'high' })
    await clock.advance(5)

    expect(executor.stats().levels).toEqual([
      { budget: 'delay', urgency: 0, queued: 1, oldestMs: 10 },
      { budget: 'queue', urgency: 1, queued: 2, oldestMs: 10 },
      { budget: 'queue', urgency: -1, queued: 1, oldestMs: 10 },
    ])
    expect(executor.stats().queued).toBe(5)
    open(undefined)
    await clock.advance(0)
    expect(executor.stats().levels).toEqual([])
  })
})

describe('at() in a pause before another attempt', () => {
  it('is delayed, and can be rescheduled, as any task in a pause', async () => {
    const { clock, executor } = setUp()
    const options = { retries: { times: 1, delayMs: 1000 } }
    const attempts: number[] = []
    const fail = () => {
      attempts.push(clock.now())
      throw new Error('no')
    }
    const tasks = [executor.at(0, fail, options), executor.delayExec(0, fail, options)]
    await clock.advance(10)
    expect(tasks.map(({ state }) => state)).toEqual(['delayed', 'delayed'])
    expect(tasks.map(({ nextRun }) => nextRun)).toEqual([new Date(1000), new Date(1000)])

    expect(tasks.map((task) => task.reschedule(5))).toEqual([true, true])
    await clock.advance(5)

    expect(attempts).toEqual([0, 0, 15, 15])
  })
})
