import { ClosedError, FullError, TimeoutError } from '@cupola/core'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/calls.ts'
import { reasonOf } from '../../../test/reason-of.ts'
import { stateOf } from '../../../test/state-of.ts'
import { gate, setUp } from './fixtures/set-up.ts'

describe('queueCapacity', () => {
  it('refuses a task beyond one for each slot and so many more, with its function', async () => {
    const { executor } = setUp({ queueConcurrency: 2, queueCapacity: 3 })
    const run = gate()
    for (let each = 0; each < 5; each++) executor.queueExec(run.fn)
    const fn = () => {}

    const refused = await reasonOf(Promise.resolve().then(() => executor.queueExec(fn)))

    expect(refused).toBeInstanceOf(FullError)
    expect(refused).toMatchObject({ refused: fn })
    run.open(undefined)
    await executor.close()
    expect(executor.stats().done).toBe(5)
  })

  it('has room again when a task has ended, was cancelled or rescheduled, and with more slots', async () => {
    const { executor } = setUp({ queueConcurrency: 1, queueCapacity: 0 })
    const run = gate()
    executor.queueExec(run.fn)
    expect(() => executor.queueExec(run.fn)).toThrow(FullError)
    executor.resize({ queueConcurrency: 2 })
    const cancelled = executor.queueExec(run.fn)
    cancelled.cancel()
    executor.queueExec(run.fn).reschedule(1_000_000)
    executor.queueExec(run.fn)
    await eventLoopTurn()
    expect(() => executor.queueExec(run.fn)).toThrow(FullError)

    run.open(undefined)
    await eventLoopTurn()

    executor.queueExec(run.fn)
    expect(executor.stats()).toMatchObject({ done: 2, cancelled: 1 })
  })

  it('counts those that wait for others of their key, but not those that wait for a moment', () => {
    const { executor } = setUp({ queueConcurrency: 2, queueCapacity: 1 })
    const { fn } = gate()
    for (let each = 0; each < 9; each++) executor.delayExec(0, fn, { key: 1 })
    for (let each = 0; each < 3; each++) executor.queueExec(fn, { key: 1 })

    expect(() => executor.queueExec(fn)).toThrow(FullError)
  })

  it.each([
    [{ queueCapacity: -1 }, RangeError],
    [{ queueCapacity: '5' }, TypeError],
    [{ whenFull: 'wait' }, TypeError],
    [{ whenFull: 5 }, TypeError],
  ])('refuses %o', (options, error) => {
    // @ts-expect-error -- a caller without a compiler
    expect(() => setUp(options)).toThrow(error)
  })
})

describe('whenFull', () => {
  /** Who is dropped of those that wait, when an urgent task comes. */
  async function dropped(whenFull: 'drop-oldest' | 'drop-newest', urgency: number) {
    const { executor } = setUp({ queueConcurrency: 1, queueCapacity: 4, whenFull })
    const { fn } = gate()
    executor.queueExec(fn, { urgency: -5 })
    await eventLoopTurn()
    const tasks = [1, -1, 0, -1].map((each) => executor.queueExec(fn, { urgency: each }))
    const comes = executor.queueExec(fn, { urgency })
    expect([comes.state, executor.stats().queued]).toEqual(['queued', 4])
    const index = tasks.findIndex(({ state }) => state === 'cancelled')
    await expect(tasks[index]?.result).rejects.toMatchObject({
      code: 'ERR_FULL',
      refused: tasks[index],
    })
    return index
  }

  it('drops the oldest of the least urgent', async () => {
    await expect(dropped('drop-oldest', 0)).resolves.toBe(1)
    await expect(dropped('drop-oldest', -1)).resolves.toBe(1)
  })

  it('drops the newest of the least urgent', async () => {
    await expect(dropped('drop-newest', 0)).resolves.toBe(3)
  })

  it('refuses a task if all that wait are more urgent', async () => {
    await expect(dropped('drop-oldest', -2)).rejects.toBeInstanceOf(FullError)
  })

  it('drops those that wait for others of their key only if there is nobody else', async () => {
    const options = { queueConcurrency: 1, queueCapacity: 2, whenFull: 'drop-oldest' } as const
    const { executor } = setUp(options)
    const { fn } = gate()
    executor.queueExec(fn, { key: 1 })
    await eventLoopTurn()
    const behind = [0, 0].map(() => executor.queueExec(fn, { key: 1 }))

    const comes = executor.queueExec(fn)
    expect(behind.map(({ state }) => state)).toEqual(['cancelled', 'queued'])
    executor.queueExec(fn)

    expect([comes.state, behind[1]?.state]).toEqual(['cancelled', 'queued'])
  })
})

describe('Executor.ready()', () => {
  it('resolves at once while there is a place, and then one by one as there are', async () => {
    const { executor } = setUp({ queueConcurrency: 1, queueCapacity: 1 })
    await executor.ready()
    const runs = [gate(), gate()]
    for (const { fn } of runs) executor.queueExec(fn)
    const order: string[] = []
    const submitters = ['first', 'second'].map(async (name) => {
      await executor.ready()
      order.push(name)
      executor.queueExec(gate().fn)
    })
    await eventLoopTurn()
    expect(order).toEqual([])

    runs[0]?.open(undefined)
    await eventLoopTurn()
    expect(order).toEqual(['first'])
    runs[1]?.open(undefined)
    await Promise.all(submitters)

    expect(order).toEqual(['first', 'second'])
  })

  it('tells the next if a place is not taken', async () => {
    const { executor } = setUp({ queueConcurrency: 1, queueCapacity: 0 })
    const run = gate()
    executor.queueExec(run.fn)
    const waits = [executor.ready(), executor.ready(), executor.ready()]

    run.open(undefined)

    await expect(Promise.all(waits)).resolves.toHaveLength(3)
  })

  it('rejects when the time is over, the signal aborts or the executor is closed', async () => {
    const { clock, executor } = setUp({ queueConcurrency: 1, queueCapacity: 0 })
    executor.queueExec(gate().fn)
    const controller = new AbortController()
    const waits = [
      reasonOf(executor.ready({ timeout: 5 })),
      reasonOf(executor.ready({ signal: controller.signal })),
      reasonOf(executor.ready()),
    ]

    controller.abort('enough')
    await clock.advance(5)
    void executor.close()

    await expect(Promise.all(waits)).resolves.toEqual([
      expect.any(TimeoutError),
      'enough',
      expect.any(ClosedError),
    ])
    await expect(executor.ready()).rejects.toBeInstanceOf(ClosedError)
  })
})

describe('waitTimeout', () => {
  it('fails a task that is not begun in time, and leaves one that is', async () => {
    const { clock, executor } = setUp({ queueConcurrency: 1 })
    const run = gate()
    const first = executor.queueExec(run.fn, { waitTimeout: 10 })
    const second = executor.queueExec(() => expect.unreachable(), { waitTimeout: 10 })

    await clock.advance(10)

    await expect(second.result).rejects.toBeInstanceOf(TimeoutError)
    expect([first.state, second.state]).toEqual(['running', 'failed'])
    await clock.advance(1000)
    run.open('well')
    await expect(first.result).resolves.toBe('well')
    expect([clock.pending, executor.stats().open]).toEqual([0, 0])
  })

  it('counts from the moment of a task, also behind others of its key, and in each attempt', async () => {
    const { clock, executor } = setUp({ delayConcurrency: 2 })
    const runs = [gate(), gate()]
    executor.delayExec(100, runs[0]?.fn ?? gate().fn, { key: 1 })
    const late = executor.delayExec(100, () => 'late', { key: 1, waitTimeout: 10 })
    const again = executor.delayExec(0, ({ attempt }) => Promise.reject(new Error(`${attempt}`)), {
      retries: { times: 1, delayMs: 50 },
      waitTimeout: 10,
    })
    await clock.advance(105)
    await expect(stateOf(late.result)).resolves.toBe('pending')

    await clock.advance(5)

    await expect(late.result).rejects.toBeInstanceOf(TimeoutError)
    await expect(again.result).rejects.toThrow('2')
  })

  it('is that of each run of a repeating task', async () => {
    const { clock, executor } = setUp({ delayConcurrency: 1 })
    executor.delayExec(0, gate().fn)
    const task = executor.every(100, () => {}, { waitTimeout: 10, onError: 'stop' })

    await clock.advance(110)

    await expect(task.result).rejects.toBeInstanceOf(TimeoutError)
  })

  it('leaves no timer when the task is cancelled or rescheduled', async () => {
    const { clock, executor } = setUp({ queueConcurrency: 1 })
    executor.queueExec(gate().fn)
    const tasks = [0, 0].map(() => executor.queueExec(() => {}, { waitTimeout: 10 }))

    tasks[0]?.cancel()
    tasks[1]?.reschedule(Infinity)
    await clock.advance(100)

    expect([clock.pending, tasks[1]?.state]).toEqual([0, 'delayed'])
  })

  it('has to be more than 0', () => {
    expect(() => setUp().executor.queueExec(() => {}, { waitTimeout: 0 })).toThrow(RangeError)
  })
})
