import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { liveThreads } from '../../../test/live-threads.ts'
import { reasonOf } from '../../../test/reason-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import { busyWorker, Entrance, occupy } from './fixtures/busy-workers.ts'
import { workWorker } from './fixtures/workers.ts'

const AT_ONCE = { checkpointMs: 0, executionMs: 10_000 }

describe('InterruptibleWorker.terminate()', () => {
  it('is true as soon as the thread has ended, without waiting for the interval', async () => {
    const clock = new VirtualClock()
    const worker = workWorker({ clock })
    const gate = new ThreadGate()
    const call = reasonOf(worker.run('spin', [gate.buffer]))
    const waiting = reasonOf(worker.run('add', [1, 2]))
    await until(() => gate.entered === 1)

    await expect(worker.terminate()).resolves.toBe(true)

    await expect(call).resolves.toHaveProperty('code', 'ERR_CLOSED')
    await expect(waiting).resolves.toHaveProperty('code', 'ERR_CLOSED')
    expect(clock.now()).toBe(new VirtualClock().now())
    expect(worker.closed).toBe(true)
    expect(liveThreads()).toBe(0)
  })

  it('is true if the thread had ended before', async () => {
    const worker = workWorker()
    await worker.terminate()

    await expect(worker.terminate({ retries: 0, intervalMs: 0 })).resolves.toBe(true)
  })

  it('is false if the thread would not end, and true when it is asked again later', async () => {
    const worker = busyWorker()
    const entrance = new Entrance()
    const call = reasonOf(worker.run('native', [entrance.words, 2]))
    await entrance.passed()

    await expect(worker.terminate({ retries: 1, intervalMs: 1 })).resolves.toBe(false)

    await expect(call).resolves.toHaveProperty('code', 'ERR_CLOSED')
    expect(worker.stats().lost).toBe(1)
    await expect(worker.terminate()).resolves.toBe(true)
  })

  it.each([
    { options: { retries: -1 }, name: 'RangeError' },
    { options: { retries: 0.5 }, name: 'RangeError' },
    { options: { intervalMs: -1 }, name: 'RangeError' },
    { options: { intervalMs: 'long' }, name: 'TypeError' },
    { options: 15, name: 'TypeError' },
  ])('rejects $options, and terminates nothing', async ({ options, name }) => {
    const worker = workWorker()

    await expect(reasonOf(worker.terminate(options as never))).resolves.toHaveProperty('name', name)
    await expect(worker.run('add', [1, 2])).resolves.toBe(3)
  })
})

describe('what interruptible threads are known to fail at', () => {
  it('an interrupt reaches its thread, whatever its number', async () => {
    const workers = [workWorker(), workWorker(), workWorker({ interruption: AT_ONCE })]
    const last = workers[2]
    const gate = new ThreadGate()
    const call = reasonOf(last?.run('spin', [gate.buffer]) ?? Promise.resolve())
    await until(() => gate.entered === 1)

    await expect(last?.interrupt()).resolves.toHaveProperty('stage', 'execution')
    await expect(call).resolves.toHaveProperty('code', 'ERR_INTERRUPTED')
  })

  it('a broad handler does not swallow an interrupt', async () => {
    const worker = busyWorker()
    const { rejected } = await occupy(worker, 'catchEverything')

    await expect(worker.interrupt()).resolves.toHaveProperty('stage', 'execution')
    await expect(rejected).resolves.toHaveProperty('code', 'ERR_INTERRUPTED')
  })

  it('an interrupt of a thread that is not alive is idle', async () => {
    const worker = workWorker()
    await worker.terminate()

    await expect(worker.interrupt()).resolves.toMatchObject({ stage: 'idle' })
  })

  it('the number of a thread that is not alive is −1', async () => {
    const worker = workWorker()
    await worker.terminate()

    expect(worker.threadId).toBe(-1)
  })
})
