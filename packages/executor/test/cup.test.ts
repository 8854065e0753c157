// Answers to `cup.services.executor` of CUP 3.2.38: each test is a fault of it, or a gap, and says
// what happens here instead.
import { ClosedError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { Executor, ExecutorRegistry } from '@cupola/executor'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/calls.ts'

function setUp(options: ConstructorParameters<typeof Executor>[0] = {}) {
  const clock = new VirtualClock({ wall: Date.UTC(2026, 0, 10) })
  return { clock, executor: new Executor({ clock, ...options }) }
}

describe('what goes wrong in CUP', () => {
  it('runs three different functions of equal urgency and delay in one slot, in order', async () => {
    const { clock, executor } = setUp({ delayConcurrency: 1 })
    const ran: string[] = []
    executor.delayExec(1000, () => ran.push('one'))
    executor.delayExec(1000, () => ran.push('two'))
    executor.delayExec(1000, () => ran.push('three'))

    await clock.advance(1000)

    expect(ran).toEqual(['one', 'two', 'three'])
  })

  it('goes on with its slots after a task that throws', async () => {
    const { executor } = setUp({ queueConcurrency: 1 })
    executor.queueExec(() => {
      throw new Error('no')
    })

    await expect(executor.queueExec(() => 'alive').result).resolves.toBe('alive')
  })

  it('finishes what was accepted when it is stopped, and refuses what comes after', async () => {
    const { clock, executor } = setUp({ queueConcurrency: 1 })
    const ran: number[] = []
    for (const each of [1, 2, 3]) executor.queueExec(() => ran.push(each))
    executor.delayExec(10, () => ran.push(4))

    const stopped = executor.close()
    await clock.advance(10)
    await stopped

    expect(ran).toEqual([1, 2, 3, 4])
    expect(() => executor.queueExec(() => ran.push(5))).toThrow(ClosedError)
  })

  it('says what was dropped, if it is stopped at once, and leaves no timer', async () => {
    const { clock, executor } = setUp()
    const task = executor.delayExec(10, () => {})

    const { unbegun } = await executor.terminate()

    expect(unbegun).toEqual([task])
    expect(clock.pending).toBe(0)
  })

  it('has one timer for all delays, not a thread for each', () => {
    const { clock, executor } = setUp()

    for (let each = 0; each < 10_000; each++) executor.delayExec(each, () => {})

    expect(clock.pending).toBe(1)
  })

  it('refuses to share one instance under conflicting options', () => {
    const executors = new ExecutorRegistry()
    const shared = executors.named('shared', { delayConcurrency: 5 })

    expect(executors.named('shared')).toBe(shared)
    expect(() => executors.named('shared', { delayConcurrency: 3 })).toThrow(TypeError)
  })

  it('never unschedules a cron task because it threw', async () => {
    const { clock, executor } = setUp()
    const task = executor.cron('* * * * *', () => Promise.reject(new Error('no')))

    await clock.advance(180_000)

    expect([task.state, executor.stats().failed]).toEqual(['delayed', 3])
  })

  it('reads a rule in its own zone', () => {
    const { executor } = setUp()
    const task = executor.cron('0 9 * * *', () => {}, { timeZone: 'Asia/Tokyo' })

    // Midnight in Greenwich is nine in Tokyo, which has just been.
    expect(task.nextRun?.toISOString()).toBe('2026-01-11T00:00:00.000Z')
  })

  it.each([
    ['0 0 1,3 JAN,JUL *', '2026-07-01T00:00:00.000Z'],
    ['15 20 * * TUE', '2026-01-13T20:15:00.000Z'],
    ['0 0 31 * *', '2026-01-31T00:00:00.000Z'],
  ])('finds the right day for %s', (rule, expected) => {
    const { executor } = setUp()

    expect(executor.cron(rule, () => {}, { timeZone: 'UTC' }).nextRun?.toISOString()).toBe(expected)
  })

  it('still runs on the 29th to 31st after a February', () => {
    const { clock, executor } = setUp()
    const days = Array.from({ length: 80 }, () => {
      const task = executor.cron('0 0 * * *', () => {}, { timeZone: 'UTC' })
      clock.setWall(task.nextRun?.getTime() ?? 0)
      task.cancel()
      return new Date(clock.wall()).getUTCDate()
    })

    expect(days.slice(0, 22).at(-1)).toBe(1)
    expect(days.filter((day) => day > 28)).toEqual([29, 30, 31, 29, 30, 31])
  })

  it.each(['0 0 30 2 *', '60 * * * *', '0 0 * * 8'])('refuses the rule %s at once', (rule) => {
    expect(() => setUp().executor.cron(rule, () => {})).toThrow(RangeError)
  })

  it('gives the result, which CUP drops, and a way to cancel, which CUP lacks', async () => {
    const { executor } = setUp()
    const task = executor.queueExec((one: number, other: number) => one + other, { args: [2, 3] })
    const other = executor.delayExec(1, () => {})

    await expect(task.result).resolves.toBe(5)
    expect(other.cancel()).toBe(true)
  })

  it('lets a low urgency have its turn, if it is told how long it may wait', async () => {
    const { clock, executor } = setUp({ queueConcurrency: 1, ageingMs: 10 })
    const low = executor.queueExec(() => 'at last', { urgency: 'low' })
    let flood = 0
    executor.queueExec(
      function again(): Promise<void> {
        flood++
        if (low.state === 'queued') executor.queueExec(again, { urgency: 'high' })
        return new Promise((resolve) => clock.setTimer(resolve, 1))
      },
      { urgency: 'high' },
    )

    await clock.advance(100)

    await expect(low.result).resolves.toBe('at last')
    expect(flood).toBeLessThan(30)
    await eventLoopTurn()
  })
})
