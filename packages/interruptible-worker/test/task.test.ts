import { currentTask } from '@cupola/interruptible-worker/task'
import type { InterruptibleWorker, InterruptionOptions } from '@cupola/interruptible-worker'
import { describe, expect, it } from 'vitest'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import type * as Tasks from './fixtures/tasks.ts'
import { workerOf } from './fixtures/workers.ts'

type Blocking = Exclude<keyof typeof Tasks, 'describeTask' | 'mendBy' | 'sleepFor' | 'takeMended'>

const AT_ONCE = { checkpointMs: 0, executionMs: 10_000 }
const PATIENT = { checkpointMs: 10_000 }

function taskWorker(): InterruptibleWorker<typeof Tasks> {
  return workerOf(new URL('./fixtures/tasks.ts', import.meta.url))
}

/** Has the function come to its gate, then interrupts it. */
async function interrupted(
  worker: InterruptibleWorker<typeof Tasks>,
  name: Blocking,
  options: InterruptionOptions,
) {
  const gate = new ThreadGate()
  const call: Promise<unknown> = worker.run(name, [gate.buffer])
  const end = call.then(
    (value) => ({ value, reason: undefined }),
    (reason: unknown) => ({ value: undefined, reason }),
  )
  await until(() => gate.entered === 1)
  const outcome = worker.interrupt('why', options)
  return { gate, end, outcome }
}

describe('currentTask()', () => {
  it('knows the call', async () => {
    const worker = taskWorker()

    const described = await worker.run('describeTask', [])

    expect(described).toEqual({ name: 'describeTask', threadId: worker.threadId, aborted: false })
  })

  it('throws a TypeError outside of a call', () => {
    expect(() => currentTask()).toThrow(TypeError)
  })

  it.each(['checkpoints', 'sleep', 'sleepSync'] as const)(
    'lets %s end at a checkpoint, with the error that it raises',
    async (name) => {
      const worker = taskWorker()

      const { end, outcome } = await interrupted(worker, name, PATIENT)

      await expect(outcome).resolves.toMatchObject({ stage: 'checkpoint', survived: true })
      const { reason } = await end
      expect(reason).toMatchObject({ code: 'ERR_INTERRUPTED', stage: 'checkpoint' })
      expect(worker.stats()).toMatchObject({ started: 1, failed: 1 })
    },
  )

  it('lets a function return what it has at a checkpoint', async () => {
    const worker = taskWorker()

    const { end, outcome } = await interrupted(worker, 'returnAtCheckpoint', PATIENT)

    await expect(outcome).resolves.toHaveProperty('stage', 'checkpoint')
    await expect(end).resolves.toHaveProperty('value', 'as far as it got')
  })

  it('sleeps on when its call is over, where to raise would end the thread', async () => {
    const worker = taskWorker()

    const { outcome } = await interrupted(worker, 'sleepAndSpin', AT_ONCE)

    await expect(outcome).resolves.toHaveProperty('stage', 'execution')
    await expect(worker.run('sleepFor', [20])).resolves.toBe('slept')
    expect(worker.stats()).toMatchObject({ started: 1, crashed: 0 })
  })

  it('has a signal that aborts with the reason', async () => {
    const worker = taskWorker()

    const { end, outcome } = await interrupted(worker, 'waitForSignal', PATIENT)

    await expect(outcome).resolves.toMatchObject({ stage: 'signal', survived: true })
    const { reason } = await end
    expect(reason).toMatchObject({ code: 'ERR_INTERRUPTED', stage: 'signal', cause: 'why' })
  })
})

describe('uninterruptible()', () => {
  it('keeps a section from being ended, and no more than the section', async () => {
    const worker = taskWorker()
    const { gate, end, outcome } = await interrupted(worker, 'masked', AT_ONCE)

    gate.open()

    await expect(outcome).resolves.toMatchObject({ stage: 'execution', survived: true })
    await expect(end).resolves.toHaveProperty('reason.stage', 'execution')
  })

  it('keeps an async section from its checkpoints and from the end of its thread', async () => {
    const worker = taskWorker()
    const options = { signalMs: 0, checkpointMs: 20 }
    const { gate, end, outcome } = await interrupted(worker, 'maskedAsync', options)

    gate.open()

    await expect(outcome).resolves.toMatchObject({ stage: 'checkpoint', survived: true })
    await expect(end).resolves.toHaveProperty('reason.stage', 'checkpoint')
  })

  it.each(['masked', 'maskedAsync'] as const)('holds up for maskedMs at most: %s', async (name) => {
    const worker = taskWorker()

    const { end, outcome } = await interrupted(worker, name, { checkpointMs: 0, maskedMs: 1 })

    await expect(outcome).resolves.toMatchObject({ stage: 'thread', survived: false })
    await expect(end).resolves.toHaveProperty('reason.stage', 'thread')
  })
})

describe('onInterrupted()', () => {
  it('tells the function whose execution was terminated, before the next call', async () => {
    const worker = taskWorker()

    await interrupted(worker, 'spin', AT_ONCE)

    await expect(worker.run('takeMended', [])).resolves.toEqual(['spin'])
  })

  it('is waited for', async () => {
    const worker = taskWorker()
    await worker.run('mendBy', ['async'])

    await interrupted(worker, 'spin', AT_ONCE)

    await expect(worker.run('takeMended', [])).resolves.toEqual(['spin'])
  })

  it('tells nothing when the function has ended by itself', async () => {
    const worker = taskWorker()

    await interrupted(worker, 'checkpoints', PATIENT)

    await expect(worker.run('takeMended', [])).resolves.toEqual([])
  })

  it('costs the thread if it throws', async () => {
    const worker = taskWorker()
    await worker.run('mendBy', ['throwing'])

    const { end, outcome } = await interrupted(worker, 'spin', AT_ONCE)

    await expect(outcome).resolves.toMatchObject({ stage: 'thread', survived: false })
    await expect(end).resolves.toHaveProperty('reason.code')
    await expect(worker.run('takeMended', [])).resolves.toEqual([])
  })

  it('costs the thread if it takes longer than the termination may', async () => {
    const worker = taskWorker()
    await worker.run('mendBy', ['hanging'])

    const { outcome } = await interrupted(worker, 'spin', { checkpointMs: 0, executionMs: 200 })

    await expect(outcome).resolves.toMatchObject({ stage: 'thread', survived: false })
  })
})
