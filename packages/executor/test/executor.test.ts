import { AsyncLocalStorage } from 'node:async_hooks'
import { getEventListeners } from 'node:events'
import { ClosedError, TimeoutError } from '@cupola/core'
import { Deferred } from '@cupola/core/authoring'
import { VirtualClock } from '@cupola/core/testing'
import { Executor } from '@cupola/executor'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/calls.ts'
import { stateOf } from '../../../test/state-of.ts'

const YEAR_MS = 365 * 24 * 3_600_000

function setUp(options: ConstructorParameters<typeof Executor>[0] = {}) {
  const clock = new VirtualClock()
  return { clock, executor: new Executor({ clock, ...options }) }
}

/** A function that is under way until it is told to end. */
function gate<Result>() {
  const deferred = new Deferred<Result>()
  return { fn: () => deferred.promise, open: deferred.resolve, fail: deferred.reject }
}

describe('Executor.delayExec()', () => {
  it('has changed nothing after 2 of 5 seconds, and has after 7', async () => {
    const { clock, executor } = setUp()
    let value = 'unchanged'
    executor.delayExec(5000, () => (value = 'changed'))

    await clock.advance(2000)
    expect(value).toBe('unchanged')

    await clock.advance(5000)
    expect(value).toBe('changed')
  })

  it('waits for a hundred years, with one timer', async () => {
    const { clock, executor } = setUp()
    const task = executor.delayExec(100 * YEAR_MS, () => 'well')
    executor.delayExec(200 * YEAR_MS, () => 'never mind')
    expect(clock.pending).toBe(1)

    await clock.advance(100 * YEAR_MS)

    await expect(task.result).resolves.toBe('well')
  })

  it('neither loses nor doubles a task when the wall clock jumps by a day either way', async () => {
    const { clock, executor } = setUp()
    const ran: number[] = []
    executor.delayExec(3_600_000, () => ran.push(clock.now()))

    clock.setWall(clock.wall() + 86_400_000)
    await clock.advance(1_800_000)
    clock.setWall(clock.wall() - 2 * 86_400_000)
    await clock.advance(86_400_000)

    expect(ran).toEqual([3_600_000])
  })

  it('runs those due at the same moment in the order they were submitted', async () => {
    const { clock, executor } = setUp({ delayConcurrency: 1 })
    const order: number[] = []
    for (let each = 0; each < 20; each++) executor.delayExec(7, () => order.push(each))

    await clock.advance(7)

    expect(order).toEqual(Array.from({ length: 20 }, (_, each) => each))
  })

  it('begins the most urgent first of those due at the same moment', async () => {
    const { clock, executor } = setUp({ delayConcurrency: 1 })
    const order: string[] = []
    for (const urgency of ['low', 'high', 'normal'] as const) {
      executor.delayExec(7, () => order.push(urgency), { urgency })
    }

    await clock.advance(7)

    expect(order).toEqual(['high', 'normal', 'low'])
  })

  it('waits for ever with an endless delay, until it is rescheduled', async () => {
    const { clock, executor } = setUp()
    const task = executor.delayExec(Infinity, () => 'at last')
    await clock.advance(YEAR_MS)
    expect(task).toMatchObject({ state: 'delayed', nextRun: undefined })

    expect(task.reschedule(10)).toBe(true)
    await clock.advance(10)

    await expect(task.result).resolves.toBe('at last')
  })

  it.each([
    [-1, RangeError],
    [Number.NaN, RangeError],
    ['5', TypeError],
  ])('refuses a delay of %s', (delay, error) => {
    // @ts-expect-error -- a caller without a compiler
    expect(() => setUp().executor.delayExec(delay, () => {})).toThrow(error)
  })
})

describe('Executor.queueExec()', () => {
  it('never calls a function before it has returned', async () => {
    const { executor } = setUp()
    let called = false
    const task = executor.queueExec(() => (called = true))

    expect([called, task.state]).toEqual([false, 'queued'])
    await task.result
    expect(called).toBe(true)
  })

  it('runs no more at a time than its budget', async () => {
    const { executor } = setUp({ queueConcurrency: 2 })
    const gates = [gate(), gate(), gate()]
    const tasks = gates.map(({ fn }) => executor.queueExec(fn))
    await eventLoopTurn()
    expect(tasks.map(({ state }) => state)).toEqual(['running', 'running', 'queued'])

    gates[1]?.open('done')
    await eventLoopTurn()

    expect(tasks.map(({ state }) => state)).toEqual(['running', 'done', 'running'])
  })

  it('has 4 slots, and delayed tasks have 3, of their own', async () => {
    const { clock, executor } = setUp()
    const { fn } = gate()
    for (let each = 0; each < 9; each++) {
      executor.queueExec(fn)
      executor.delayExec(0, fn)
    }

    await clock.advance(1)

    expect(executor.stats()).toMatchObject({ running: 7, queued: 11 })
    expect(executor.concurrency).toEqual({ delayConcurrency: 3, queueConcurrency: 4 })
  })

  it('begins the most urgent first, and of equals the first', async () => {
    const { executor } = setUp({ queueConcurrency: 1 })
    const order: string[] = []
    const urgencies = ['low', 'normal', 5, 'high', -7, 'normal', 5, 'low', 'high'] as const
    for (const [index, urgency] of urgencies.entries()) {
      executor.queueExec(() => order.push(`${urgency} ${index}`), { urgency })
    }

    await executor.close()

    expect(order).toEqual([
      '5 2',
      '5 6',
      'high 3',
      'high 8',
      'normal 1',
      'normal 5',
      'low 0',
      'low 7',
      '-7 4',
    ])
  })

  it('calls with the arguments, and then the run', async () => {
    const { executor } = setUp()
    const task = executor.queueExec(
      (name: string, size: number, { attempt }) => `${name} ${size} ${attempt}`,
      { args: ['disk', 7] },
    )

    await expect(task.result).resolves.toBe('disk 7 1')
  })

  it('lets files and sockets have their turn among thousands of short tasks', async () => {
    const { executor } = setUp({ queueConcurrency: 1 })
    let count = 0
    for (let each = 0; each < 5000; each++) executor.queueExec(() => count++)

    await eventLoopTurn()

    expect(count).toBeLessThan(5000)
    await executor.close()
    expect(count).toBe(5000)
  })

  it('shows the function the AsyncLocalStorage of whoever submitted it', async () => {
    const { clock, executor } = setUp({ queueConcurrency: 1 })
    const user = new AsyncLocalStorage<string>()
    const seen: (string | undefined)[] = []
    const look = async () => {
      seen.push(user.getStore())
      await Promise.resolve()
      seen.push(user.getStore())
    }
    user.run('Ada', () => executor.queueExec(look))
    user.run('Bob', () => executor.delayExec(5, look))
    executor.queueExec(look)
    user.run('Eve', () => executor.every(10, look, { maxRuns: 1 }))

    await clock.advance(10)

    expect(seen).toEqual(['Ada', 'Ada', undefined, undefined, 'Bob', 'Bob', 'Eve', 'Eve'])
  })

  it.each([
    [{ urgency: 'urgent' }, RangeError],
    [{ urgency: 101 }, RangeError],
    [{ urgency: 1.5 }, RangeError],
    [{ runTimeout: 0 }, RangeError],
    [{ args: 'x' }, TypeError],
    [{ signal: {} }, TypeError],
    [{ retries: -1 }, RangeError],
    [{ retries: { times: 1, delayMs: -1 } }, RangeError],
    [null, TypeError],
  ])('refuses %o', (options, error) => {
    // @ts-expect-error -- a caller without a compiler
    expect(() => setUp().executor.queueExec(() => {}, options)).toThrow(error)
  })

  it('refuses what is not a function', () => {
    // @ts-expect-error -- a caller without a compiler
    expect(() => setUp().executor.queueExec('later')).toThrow(TypeError)
  })
})

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
})

describe('Task.reschedule()', () => {
  it('moves a task to an earlier or a later time, and takes a queued one out of its queue', async () => {
    const { clock, executor } = setUp({ delayConcurrency: 1 })
    const order: string[] = []
    const early = executor.delayExec(100, () => order.push(`early ${clock.now()}`))
    const late = executor.delayExec(5, () => order.push(`late ${clock.now()}`))
    const { fn, open } = gate()
    const blocking = executor.delayExec(0, fn)
    const queued = executor.delayExec(1, () => order.push(`queued ${clock.now()}`))
    await clock.advance(1)

    expect([early.reschedule(9), late.reschedule(49)]).toEqual([true, true])
    expect([queued.state, queued.reschedule(99), queued.state]).toEqual(['queued', true, 'delayed'])
    expect(blocking.reschedule(1)).toBe(false)
    open('free')
    await clock.advance(200)

    expect(order).toEqual(['early 10', 'late 50', 'queued 100'])
    expect(early.reschedule(1)).toBe(false)
  })

  it('says when the task runs next, by the wall clock', () => {
    const clock = new VirtualClock({ wall: Date.UTC(2026, 0, 1) })
    const executor = new Executor({ clock })
    const task = executor.delayExec(86_400_000, () => {})

    expect(task.nextRun).toEqual(new Date(Date.UTC(2026, 0, 2)))
    task.reschedule(YEAR_MS)
    expect(task.nextRun).toEqual(new Date(Date.UTC(2027, 0, 1)))
    expect(executor.queueExec(() => {}).nextRun).toBeUndefined()
  })

  it('refuses what is no delay, and leaves the task where it was', async () => {
    const { clock, executor } = setUp()
    const task = executor.delayExec(5, () => 'ran')

    expect(() => task.reschedule(-1)).toThrow(RangeError)
    await clock.advance(5)

    await expect(task.result).resolves.toBe('ran')
  })
})

describe('runTimeout', () => {
  it('fails the task and aborts its signal, but keeps the slot until the function has settled', async () => {
    const { clock, executor } = setUp({ queueConcurrency: 1 })
    const { fn, open } = gate()
    let reason: unknown
    const stuck = executor.queueExec(
      ({ signal }) => {
        signal.addEventListener('abort', () => (reason = signal.reason))
        return fn()
      },
      { runTimeout: 50 },
    )
    const next = executor.queueExec(() => 'next')

    await clock.advance(50)

    await expect(stuck.result).rejects.toBeInstanceOf(TimeoutError)
    expect(reason).toBeInstanceOf(TimeoutError)
    expect([stuck.state, next.state, executor.stats().running]).toEqual(['failed', 'queued', 1])
    open('late')
    await expect(next.result).resolves.toBe('next')
  })

  it('counts from the call of the function, and leaves no timer', async () => {
    const { clock, executor } = setUp({ queueConcurrency: 1 })
    const first = gate()
    executor.queueExec(first.fn)
    const second = gate<string>()
    const task = executor.queueExec(second.fn, { runTimeout: 50 })
    await clock.advance(100)
    first.open(undefined)
    await clock.advance(49)

    second.open('in time')

    await expect(task.result).resolves.toBe('in time')
    expect(clock.pending).toBe(0)
  })

  it('is tried again once the function has settled', async () => {
    const { clock, executor } = setUp()
    const gates = [gate<string>(), gate<string>()]
    const task = executor.queueExec(({ attempt }) => gates[attempt - 1]?.fn(), {
      runTimeout: 50,
      retries: 1,
    })
    await clock.advance(50)
    expect(task.state).toBe('running')

    gates[0]?.open('too late')
    await clock.advance(0)
    gates[1]?.open('in time')

    await expect(task.result).resolves.toBe('in time')
  })
})

describe('retries', () => {
  it('tries again after pauses that double up to a limit', async () => {
    const { clock, executor } = setUp()
    const begun: number[] = []
    const task = executor.queueExec(
      ({ attempt }) => {
        begun.push(clock.now())
        throw new Error(`attempt ${attempt}`)
      },
      { retries: { times: 4, delayMs: 100, maxDelayMs: 300 } },
    )

    await clock.advance(10_000)

    expect(begun).toEqual([0, 100, 300, 600, 900])
    await expect(task.result).rejects.toThrow('attempt 5')
  })

  it('gives up an error that is not worth it, and one that is thrown when that is asked', async () => {
    const { executor } = setUp()
    const fail = () => Promise.reject(new Error('no'))
    const hopeless = executor.queueExec(fail, { retries: { times: 9, when: () => false } })
    const confused = executor.queueExec(fail, {
      retries: {
        times: 9,
        when() {
          throw new Error('who knows')
        },
      },
    })

    await expect(hopeless.result).rejects.toThrow('no')
    await expect(confused.result).rejects.toThrow('who knows')
  })

  it('frees the slot during a pause, in which the task can be cancelled', async () => {
    const { clock, executor } = setUp({ queueConcurrency: 1 })
    const failing = executor.queueExec(() => Promise.reject(new Error('no')), {
      retries: { times: 9, delayMs: 100 },
    })
    const next = executor.queueExec(() => 'next')

    await expect(next.result).resolves.toBe('next')
    expect(failing.state).toBe('delayed')
    failing.cancel('enough')

    await expect(failing.result).rejects.toBe('enough')
    expect(clock.pending).toBe(0)
  })
})

describe('key', () => {
  it('has tasks run one after the other, in order, whatever their urgencies and slots', async () => {
    const { executor } = setUp()
    const order: string[] = []
    const gates = [gate(), gate(), gate()]
    gates.forEach(({ fn }, index) =>
      executor.queueExec(
        async () => {
          order.push(`begin ${index}`)
          await fn()
          order.push(`end ${index}`)
        },
        { key: 'account', urgency: index },
      ),
    )
    const other = executor.queueExec(() => 'beside', { key: 'another' })
    await expect(other.result).resolves.toBe('beside')

    for (const { open } of gates.toReversed()) open(undefined)
    await executor.close()

    expect(order).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1', 'begin 2', 'end 2'])
  })

  it('passes the turn on when whoever has it is cancelled, queued, delayed or in line', async () => {
    const { executor } = setUp({ queueConcurrency: 1 })
    const { fn, open } = gate()
    executor.queueExec(fn)
    const tasks = ['first', 'second', 'third'].map((name) =>
      executor.queueExec(() => name, { key: 1 }),
    )

    tasks[1]?.cancel('in line')
    tasks[0]?.cancel('its turn')
    open('free')

    await expect(tasks[2]?.result).resolves.toBe('third')
    expect(executor.stats()).toMatchObject({ open: 0, cancelled: 2 })
  })

  it('lets nobody overtake a task that is tried again', async () => {
    const { clock, executor } = setUp()
    const order: string[] = []
    executor.queueExec(
      ({ attempt }) => {
        order.push(`first ${attempt}`)
        if (attempt < 3) throw new Error('again')
      },
      { key: 1, retries: { times: 2, delayMs: 10 } },
    )
    executor.queueExec(() => order.push('second'), { key: 1 })

    await clock.advance(100)

    expect(order).toEqual(['first 1', 'first 2', 'first 3', 'second'])
  })
})

describe('Executor.resize()', () => {
  it('has more begin at once, and fewer when some have ended', async () => {
    const { executor } = setUp({ queueConcurrency: 1 })
    const gates = Array.from({ length: 6 }, () => gate())
    for (const { fn } of gates) executor.queueExec(fn)
    await eventLoopTurn()
    expect(executor.stats().running).toBe(1)

    executor.resize({ queueConcurrency: 3 })
    await eventLoopTurn()
    expect(executor.stats().running).toBe(3)

    executor.resize({ queueConcurrency: 1 })
    for (const { open } of gates.slice(0, 2)) open(undefined)
    await eventLoopTurn()
    expect(executor.stats()).toMatchObject({ running: 1, queued: 3 })
  })

  it('leaves the other budget, and all of them if one is no number of slots', () => {
    const { executor } = setUp()

    executor.resize({ delayConcurrency: 9 })
    expect(() => executor.resize({ delayConcurrency: 1, queueConcurrency: 0 })).toThrow(RangeError)

    expect(executor.concurrency).toEqual({ delayConcurrency: 9, queueConcurrency: 4 })
  })
})

describe('rate', () => {
  it('has no more begin than so many at once, and then at an even pace', async () => {
    const { clock, executor } = setUp({ rate: { tasks: 2, perMs: 1000 }, queueConcurrency: 9 })
    const begun: number[] = []
    for (let each = 0; each < 5; each++) executor.queueExec(() => begun.push(clock.now()))

    await clock.advance(5000)

    expect(begun).toEqual([0, 0, 500, 1000, 1500])
    expect(clock.pending).toBe(0)
  })

  it('does not care for the wall clock', async () => {
    const { clock, executor } = setUp({ rate: { tasks: 1, perMs: 1000 } })
    const begun: number[] = []
    for (let each = 0; each < 3; each++) executor.queueExec(() => begun.push(clock.now()))

    await clock.advance(100)
    clock.setWall(86_400_000)
    await clock.advance(5000)

    expect(begun).toEqual([0, 1000, 2000])
  })

  it('is for both budgets together, with a burst of its own', async () => {
    const { clock, executor } = setUp({ rate: { tasks: 10, perMs: 1000, burst: 1 } })
    const begun: string[] = []
    executor.queueExec(() => begun.push(`queued ${clock.now()}`))
    executor.delayExec(10, () => begun.push(`delayed ${clock.now()}`))

    await clock.advance(1000)

    expect(begun).toEqual(['queued 0', 'delayed 100'])
  })

  it('leaves no timer when those that waited for it are cancelled', async () => {
    const { clock, executor } = setUp({ rate: { tasks: 1, perMs: 1000 } })
    executor.queueExec(() => {})
    const second = executor.queueExec(() => {})
    await eventLoopTurn()

    second.cancel()

    expect(clock.pending).toBe(0)
  })
})

describe('ageingMs', () => {
  it('lets a task of a low urgency have its turn, which it has not otherwise', async () => {
    const orders = await Promise.all(
      [100, Infinity].map(async (ageingMs) => {
        const { clock, executor } = setUp({ queueConcurrency: 1, ageingMs })
        const order: string[] = []
        const first = gate()
        executor.queueExec(first.fn)
        executor.queueExec(() => order.push('low'), { urgency: 'low' })
        await clock.advance(250)
        executor.queueExec(() => order.push('high'), { urgency: 'high' })
        executor.queueExec(() => order.push('normal'))
        first.open(undefined)
        await executor.close()
        return order.join(' ')
      }),
    )

    expect(orders).toEqual(['low high normal', 'high normal low'])
  })
})

describe('Executor.close()', () => {
  it('finishes what was accepted, be it delayed, refuses more, and gives the same promise', async () => {
    const { clock, executor } = setUp()
    const ran: string[] = []
    executor.queueExec(() => ran.push('queued'))
    executor.delayExec(5000, () => ran.push('delayed'))
    const repeating = executor.every(1000, () => ran.push('again'))

    const closing = executor.close()
    expect(executor.close()).toBe(closing)
    expect(() => executor.queueExec(() => {})).toThrow(ClosedError)
    expect(() => executor.every(1, () => {})).toThrow(ClosedError)
    expect(repeating.state).toBe('done')
    await clock.advance(4999)
    await expect(stateOf(closing)).resolves.toBe('pending')
    await clock.advance(1)

    await closing
    expect(ran).toEqual(['queued', 'delayed'])
    expect(clock.pending).toBe(0)
  })

  it('waits for the run of a repeating task that is under way', async () => {
    const { clock, executor } = setUp()
    const { fn, open } = gate()
    const repeating = executor.every(10, fn)
    await clock.advance(10)

    const closing = executor.close()
    await expect(stateOf(closing)).resolves.toBe('pending')
    open('last')

    await closing
    await expect(repeating.result).resolves.toBe('last')
  })
})

describe('Executor.tryClose()', () => {
  it('tells whether all had ended in time, and goes on closing', async () => {
    const { clock, executor } = setUp()
    const task = executor.delayExec(100, () => 'ran')
    const trying = executor.tryClose({ timeout: 50 })
    await clock.advance(50)
    await expect(trying).resolves.toBe(false)

    const again = executor.tryClose({ timeout: 50 })
    await clock.advance(50)

    await expect(again).resolves.toBe(true)
    expect(task.state).toBe('done')
  })

  it('closes nothing with a signal that has aborted', async () => {
    const { executor } = setUp()

    await expect(executor.tryClose({ signal: AbortSignal.abort('no') })).rejects.toBe('no')

    expect(executor.closed).toBe(false)
  })
})

describe('Executor.terminate()', () => {
  it('cancels everything, and reports what did not run', async () => {
    const { clock, executor } = setUp({ queueConcurrency: 1 })
    const { fn, open } = gate()
    const running = executor.queueExec(fn)
    const rest = [
      executor.queueExec(fn, { urgency: 'low' }),
      executor.queueExec(fn, { key: 1, urgency: 'low' }),
      executor.queueExec(fn, { key: 1 }),
      executor.delayExec(20, fn),
      executor.delayExec(10, fn),
      executor.every(10, fn),
    ]
    await eventLoopTurn()

    const report = await executor.terminate('power cut')

    expect(report.interrupted).toBe(1)
    expect(report.unbegun).toHaveLength(rest.length)
    for (const task of rest) expect(report.unbegun).toContain(task)
    for (const task of [running, ...rest]) await expect(task.result).rejects.toBe('power cut')
    expect(clock.pending).toBe(0)
    await expect(stateOf(executor.close())).resolves.toBe('pending')
    open('at last')
    await executor.close()
    expect(executor.stats()).toMatchObject({ open: 0, running: 0 })
  })

  it('gives a ClosedError for a reason, and finds nothing the second time', async () => {
    const { executor } = setUp()
    const task = executor.delayExec(5, () => {})

    await executor.terminate()

    await expect(task.result).rejects.toBeInstanceOf(ClosedError)
    await expect(executor.terminate()).resolves.toEqual({ unbegun: [], interrupted: 0 })
  })
})

describe('Executor.on()', () => {
  it('tells when the last task is over', async () => {
    const { executor } = setUp()
    const idle: unknown[] = []
    executor.on('idle', (event) => idle.push(event))
    executor.queueExec(() => {})
    executor.delayExec(1, () => {}).cancel()

    await eventLoopTurn()

    expect(idle).toEqual([{ done: 1, failed: 0, cancelled: 1 }])
  })
})

describe('new Executor()', () => {
  it.each([
    [{ delayConcurrency: 0 }, RangeError],
    [{ queueConcurrency: 1.5 }, RangeError],
    [{ ageingMs: 0 }, RangeError],
    [{ rate: { tasks: 0, perMs: 1 } }, RangeError],
    [{ rate: { tasks: 1, perMs: 0 } }, RangeError],
    [{ rate: { tasks: 1, perMs: Infinity } }, RangeError],
    [{ rate: 5 }, TypeError],
    [7, TypeError],
  ])('refuses %o', (options, error) => {
    // @ts-expect-error -- a caller without a compiler
    expect(() => new Executor(options)).toThrow(error)
  })
})
