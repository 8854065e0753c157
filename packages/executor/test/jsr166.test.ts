// Answers to `ScheduledExecutorTest` of the JSR 166 TCK: what its cases expect, written anew. Left out:
// thread factories, queues handed out, and bulk calls, which `Promise.all()` and `any()` are for.
// `shutdown()` is `close()`, which runs what is delayed and ends what repeats, as Java does unless told.
import { ClosedError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { Executor } from '@cupola/executor'
import { beforeEach, describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/calls.ts'

let clock: VirtualClock
let executor: Executor

beforeEach(() => {
  clock = new VirtualClock()
  executor = new Executor({ clock })
})

describe('a scheduled executor', () => {
  it('executes what is submitted', async () => {
    await expect(executor.queueExec(() => true).result).resolves.toBe(true)
  })

  it('never executes before the delay is over', async () => {
    const task = executor.delayExec(50.5, () => clock.now())

    await clock.advance(50)
    expect(task.state).toBe('delayed')
    await clock.advance(1)

    await expect(task.result).resolves.toBe(50.5)
  })

  it('executes at a fixed rate, and with a fixed delay', async () => {
    const rate: number[] = []
    const delay: number[] = []
    const lasting = (log: number[]) => () => {
      log.push(clock.now())
      return new Promise<void>((resolve) => clock.setTimer(resolve, 30))
    }
    executor.every(50, lasting(rate))
    executor.every(50, lasting(delay), { countFrom: 'end' })

    await clock.advance(250)

    expect(rate).toEqual([50, 100, 150, 200, 250])
    expect(delay).toEqual([50, 130, 210])
  })

  it('refuses no function, and anything after it is shut down', () => {
    // @ts-expect-error -- a caller without a compiler
    expect(() => executor.delayExec(1, null)).toThrow(TypeError)
    void executor.close()

    expect(() => executor.delayExec(1, () => {})).toThrow(ClosedError)
    expect(() => executor.every(1, () => {})).toThrow(ClosedError)
    expect(() => executor.cron('@daily', () => {})).toThrow(ClosedError)
    expect(() => executor.at(1, () => {})).toThrow(ClosedError)
    expect(executor.closed).toBe(true)
  })

  it('counts what is active, queued and completed', async () => {
    const { promise, resolve } = gate()
    for (let each = 0; each < 6; each++) executor.queueExec(() => promise)
    await eventLoopTurn()
    expect(executor.stats()).toMatchObject({
      queued: 2,
      running: 4,
      repeating: 0,
      open: 6,
      done: 0,
      failed: 0,
      cancelled: 0,
    })

    resolve()
    await executor.close()

    expect(executor.stats()).toMatchObject({ running: 0, open: 0, done: 6 })
    expect(Object.isFrozen(executor.stats())).toBe(true)
  })

  it('removes a cancelled task at once, and a repeating one for good', async () => {
    const tasks = [executor.delayExec(10, () => {}), executor.every(10, () => {})]

    for (const task of tasks) task.cancel()

    expect(clock.pending).toBe(0)
    await clock.advance(100)
    expect(executor.stats().done).toBe(0)
  })

  it('hands back what had not begun when it is shut down now, and runs none of it', async () => {
    const ran: number[] = []
    const tasks = Array.from({ length: 5 }, (_, each) =>
      executor.delayExec(10 + each, () => ran.push(each)),
    )

    const { unbegun } = await executor.terminate()
    await clock.advance(100)

    expect(unbegun).toEqual(tasks)
    expect(ran).toEqual([])
  })

  it('ends the schedule of a task that throws only if it is told to', async () => {
    const fail = () => {
      throw new Error('no')
    }
    const stopping = executor.every(10, fail, { onError: 'stop' })
    const going = executor.every(10, fail)

    await clock.advance(30)

    expect([stopping.state, going.state]).toEqual(['failed', 'delayed'])
  })

  it('executes a storm of tasks that schedule each other, each once', async () => {
    let count = 0
    const spawn = (depth: number): void => {
      count++
      if (depth === 0) return
      executor.delayExec(depth, () => spawn(depth - 1))
      executor.queueExec(() => spawn(depth - 1))
    }
    spawn(10)

    await clock.advance(100)

    expect(count).toBe(2 ** 11 - 1)
  })
})

function gate() {
  let resolve = (): void => {}
  const promise = new Promise<void>((open) => (resolve = open))
  return { promise, resolve: () => resolve() }
}
