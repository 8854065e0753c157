import { Executor } from '@cupola/executor'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/calls.ts'
import { stateOf } from '../../../test/state-of.ts'
import { gate, setUp } from './fixtures/set-up.ts'

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

  it.each([
    [0, { tasks: 3, perMs: 100, burst: 1 }],
    [86_400_000, { tasks: 3, perMs: 1000 }],
    [1000.7, { tasks: 7, perMs: 10, burst: 2 }],
    [1e10, { tasks: 1000, perMs: 1 }],
  ])('comes to its end from %s on, with %o', async (start, rate) => {
    const { clock, executor } = setUp()
    await clock.advance(start)
    const limited = new Executor({ clock, rate })
    let count = 0
    for (let each = 0; each < 50; each++) limited.queueExec(() => count++)

    await clock.advance((50 * rate.perMs) / rate.tasks + 1)

    expect(count).toBe(50)
    expect(executor.stats().open).toBe(0)
  })

  it('has the more urgent of both budgets begin first, and of equals each in turn', async () => {
    const { clock, executor } = setUp({ rate: { tasks: 1, perMs: 10 } })
    const order: string[] = []
    for (let each = 0; each < 50; each++) {
      executor.delayExec(0, () => order.push('low'), { urgency: 'low' })
    }
    await clock.advance(5)
    executor.queueExec(() => order.push('high'), { urgency: 'high' })
    for (let each = 0; each < 3; each++) {
      executor.queueExec(() => order.push('queued'), { urgency: 'low' })
    }

    await clock.advance(1000)

    expect(order[0]).toBe('low')
    expect(order[1]).toBe('high')
    expect(order.slice(2, 8).toSorted()).toEqual([
      'low',
      'low',
      'low',
      'queued',
      'queued',
      'queued',
    ])
  })

  it('loses no token where the event loop has its turn', async () => {
    const { clock, executor } = setUp({
      queueConcurrency: Infinity,
      rate: { tasks: 3000, perMs: 3_600_000 },
    })
    let count = 0
    for (let each = 0; each < 3001; each++) executor.queueExec(() => count++)

    await clock.advance(0)

    expect(count).toBe(3000)
  })

  it('keeps nobody waiting for a token that nobody waits for', async () => {
    const { clock, executor } = setUp({ rate: { tasks: 1, perMs: 5000 } })
    executor.every(1_000_000, () => {})
    executor.queueExec(() => {})
    const second = executor.queueExec(() => {})
    await eventLoopTurn()
    expect(clock.nextDueMs).toBe(5000)

    second.cancel()
    await clock.advance(5000)

    expect(clock.nextDueMs).toBe(995_000)
  })
})

describe('Executor.pause()', () => {
  it('has nothing begin until resume(), while moments come and tasks are accepted', async () => {
    const { clock, executor } = setUp({ rate: { tasks: 1, perMs: 1 } })
    const order: string[] = []
    const { fn, open } = gate()
    const running = executor.queueExec(fn)
    await eventLoopTurn()

    executor.pause()
    executor.queueExec(() => order.push('queued'))
    executor.delayExec(5, () => order.push('delayed'))
    executor.every(10, () => order.push('every'), { maxRuns: 1 })
    open('well')
    await clock.advance(100)
    await expect(running.result).resolves.toBe('well')
    expect([order, executor.paused, executor.stats().queued]).toEqual([[], true, 3])
    executor.resume()
    await clock.advance(10)

    expect(order.toSorted()).toEqual(['delayed', 'every', 'queued'])
    expect([executor.paused, executor.stats().open]).toEqual([false, 0])
  })

  it('stops what is under way in the middle of a thousand', async () => {
    const { clock, executor } = setUp()
    let count = 0
    for (let each = 0; each < 5000; each++) {
      executor.queueExec(() => {
        count++
        if (count === 1500) executor.pause()
      })
    }

    await clock.advance(1)
    expect(count).toBe(1500)
    executor.resume()
    await clock.advance(1)

    expect(count).toBe(5000)
  })

  it('keeps close() waiting, but not terminate()', async () => {
    const { executor } = setUp()
    executor.pause()
    const task = executor.queueExec(() => {})
    const closing = executor.close()
    await expect(stateOf(closing)).resolves.toBe('pending')

    await executor.terminate('enough')

    await closing
    await expect(task.result).rejects.toBe('enough')
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

describe('new Executor()', () => {
  it.each([
    [{ delayConcurrency: 0 }, RangeError],
    [{ queueConcurrency: 1.5 }, RangeError],
    [{ ageingMs: 0 }, RangeError],
    [{ rate: { tasks: 0, perMs: 1 } }, RangeError],
    [{ rate: { tasks: 1, perMs: 0 } }, RangeError],
    [{ rate: { tasks: 1, perMs: Infinity } }, RangeError],
    [{ rate: 5 }, TypeError],
    [{ random: 0.5 }, TypeError],
    [7, TypeError],
  ])('refuses %o', (options, error) => {
    // @ts-expect-error -- a caller without a compiler
    expect(() => new Executor(options)).toThrow(error)
  })

  it.each([[{}], [null], [5], [{ now: () => 0 }]])('refuses the clock %o', (clock) => {
    // @ts-expect-error -- a caller without a compiler
    expect(() => new Executor({ clock })).toThrow('Cannot use clock')
  })
})
