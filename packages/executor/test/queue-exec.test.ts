import { AsyncLocalStorage } from 'node:async_hooks'
import { Executor } from '@cupola/executor'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/calls.ts'
import { gate, setUp } from './fixtures/set-up.ts'

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
    [{ urgency: {} }, TypeError],
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

  it.each([
    ['one after the other', async (executor: Executor) => executor.queueExec(() => 1).result],
    ['from within', async (executor: Executor) => executor.queueExec(async () => null).result],
  ])('lets timers have their turn among tasks submitted %s', async (_, submit) => {
    const executor = new Executor()
    const turned = new AbortController()
    setImmediate(() => setImmediate(() => turned.abort()))
    let count = 0

    while (!turned.signal.aborted && count < 100_000) {
      count++
      await submit(executor)
    }

    expect(count).toBeLessThan(100_000)
  })

  it('has all that are due begin before a clock that is moved comes to rest', async () => {
    const { clock, executor } = setUp()
    let count = 0
    for (let each = 0; each < 10_000; each++) {
      executor.queueExec(() => count++)
      executor.delayExec(10, () => count++)
    }

    await clock.advance(10)

    expect([count, clock.pending]).toEqual([20_000, 0])
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
