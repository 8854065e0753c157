// Answers to p-queue's suites (`basic`, `advanced`, `priority-queue`, `rate-limit`), and to those of
// bottleneck on priorities, stopping and states: what they expect and applies here, written anew.
import { getEventListeners } from 'node:events'
import { ClosedError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { Executor } from '@cupola/executor'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/calls.ts'

function pausing(clock: VirtualClock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.setTimer(resolve, ms))
}

describe('a queue of p-queue', () => {
  it('reaches its concurrency and never exceeds it', async () => {
    const clock = new VirtualClock()
    const executor = new Executor({ clock, queueConcurrency: 5 })
    let running = 0
    let most = 0
    for (let each = 0; each < 100; each++) {
      executor.queueExec(async () => {
        most = Math.max(most, ++running)
        await pausing(clock, (each * 7) % 20)
        running--
      })
    }

    await clock.advance(2000)

    expect([most, executor.stats().done]).toEqual([5, 100])
  })

  it('accepts functions that are not async, and that throw', async () => {
    const executor = new Executor()
    const tasks = [
      executor.queueExec(() => 'sync'),
      executor.queueExec(() => {
        throw new Error('thrown')
      }),
      executor.queueExec(async () => 'async'),
    ]

    const results = await Promise.allSettled(tasks.map(({ result }) => result))

    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  it('is idle at once when there is nothing to do', async () => {
    await expect(new Executor().tryClose({ timeout: 0 })).resolves.toBe(true)
  })

  it('counts as idle only when the functions have settled that it gave up', async () => {
    const clock = new VirtualClock()
    const executor = new Executor({ clock })
    executor.queueExec(() => pausing(clock, 100), { runTimeout: 10 })
    let idle = 0
    executor.on('idle', () => idle++)

    await clock.advance(50)
    expect(idle).toBe(0)
    await clock.advance(50)
    expect(idle).toBe(1)
  })

  it('drops a task that is aborted while it is queued, at once', async () => {
    const executor = new Executor({ queueConcurrency: 1 })
    const controller = new AbortController()
    const { signal } = controller
    executor.queueExec(() => eventLoopTurn())
    const tasks = Array.from({ length: 1000 }, () => executor.queueExec(() => {}, { signal }))
    expect(executor.stats().queued).toBe(1001)

    controller.abort()

    expect(executor.stats()).toMatchObject({ queued: 1, cancelled: 1000 })
    await expect(tasks.at(-1)?.result).rejects.toBe(signal.reason)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    await executor.close()
  })

  it('does not count a task that is aborted before it begins against the rate', async () => {
    const clock = new VirtualClock()
    const executor = new Executor({ clock, rate: { tasks: 1, perMs: 100 } })
    const begun: number[] = []
    executor.queueExec(() => begun.push(clock.now()))
    executor.queueExec(() => begun.push(clock.now())).cancel()
    executor.queueExec(() => begun.push(clock.now()))

    await clock.advance(1000)

    expect(begun).toEqual([0, 100])
  })

  it('does not let a burst through at a border between two periods', async () => {
    const clock = new VirtualClock()
    const executor = new Executor({ clock, queueConcurrency: 99, rate: { tasks: 10, perMs: 1000 } })
    const begun: number[] = []
    const note = () => begun.push(clock.now())
    for (let each = 0; each < 5; each++) executor.queueExec(note)
    await clock.advance(990)
    for (let each = 0; each < 30; each++) executor.queueExec(note)
    await clock.advance(2000)

    const most = begun.map((end) => begun.filter((each) => each > end - 100 && each <= end).length)
    expect(Math.max(...most)).toBeLessThanOrEqual(11)
    expect(begun).toHaveLength(35)
  })

  it('settles every promise when it is cleared, instead of leaving some pending', async () => {
    const executor = new Executor({ queueConcurrency: 1 })
    const tasks = Array.from({ length: 10 }, () => executor.queueExec(() => eventLoopTurn()))
    await Promise.resolve()
    const results = Promise.allSettled(tasks.map(({ result }) => result))

    await executor.terminate()

    for (const result of await results) {
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(ClosedError) })
    }
    await executor.close()
  })

  it('survives a hundred thousand tasks that are over at once, without a deep stack', async () => {
    const executor = new Executor({ queueConcurrency: 1 })
    let count = 0
    for (let each = 0; each < 100_000; each++) executor.queueExec(() => count++)

    await executor.close()

    expect(count).toBe(100_000)
  })

  it('runs what a task submits, also while it is the last', async () => {
    const executor = new Executor({ queueConcurrency: 1 })
    const order: string[] = []
    executor.queueExec(() => {
      executor.queueExec(() => order.push('inner'))
      order.push('outer')
    })

    await eventLoopTurn()

    expect(order).toEqual(['outer', 'inner'])
  })
})
