import { VirtualClock } from '@cupola/core/testing'
import { Executor } from '@cupola/executor'
import { describe, expect, it } from 'vitest'
import { gate, setUp } from './fixtures/set-up.ts'

const YEAR_MS = 365 * 24 * 3_600_000

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
