import { describe, expect, it } from 'vitest'
import { reasonOf } from '../../../test/reason-of.ts'
import { runProgram } from '../../../test/run-program.ts'
import { type BusyName, busyWorker, Entrance, occupy } from './fixtures/busy-workers.ts'

const INTERRUPTED = { name: 'InterruptedError', code: 'ERR_INTERRUPTED', cause: 'not needed' }

describe('a thread that is busy with', () => {
  it.each<BusyName>([
    'loop',
    'catchEverything',
    'regularExpression',
    'atomicsWait',
    'webAssembly',
    'sorts',
    'jsonParse',
    'allocate',
    'asyncScopes',
    'localStorage',
    'enterWith',
    'asyncHooks',
    'thrownGetter',
  ])('%s is stopped, and lives on with the state of its module', async (name) => {
    const worker = busyWorker()
    const { threadId } = worker
    if (name !== 'asyncScopes') await worker.run('increase', [])
    const { rejected } = await occupy(worker, name)
    const behind = [worker.run('store', []), worker.run('increase', [])]

    const outcome = await worker.interrupt('not needed')

    expect(outcome).toMatchObject({ stage: 'execution', survived: true })
    await expect(rejected).resolves.toMatchObject({ ...INTERRUPTED, stage: 'execution' })
    const [store, count] = await Promise.all(behind)
    expect(store).toBeUndefined()
    expect(count).toBeGreaterThan(1)
    expect(worker.threadId).toBe(threadId)
    expect(worker.stats()).toMatchObject({ started: 1, crashed: 0, failed: 1 })
  })

  it.each<BusyName>([
    'loopAfterAwait',
    'microtasks',
    'timerCallback',
    'returnedGetter',
    'promisedGetter',
    'rejectedGetter',
  ])('%s, out of reach after its promise, is replaced', async (name) => {
    const worker = busyWorker()
    const { threadId } = worker
    await worker.run('increase', [])
    const { rejected } = await occupy(worker, name)
    const behind = worker.run('increase', [])

    const outcome = await worker.interrupt('not needed')

    expect(outcome).toMatchObject({ stage: 'thread', survived: false })
    await expect(rejected).resolves.toMatchObject({ ...INTERRUPTED, stage: 'thread' })
    await expect(behind).resolves.toBe(1)
    expect(worker.threadId).not.toBe(threadId)
    expect(worker.stats()).toMatchObject({ started: 2, crashed: 0, lost: 0 })
  })

  it.each<BusyName>(['asyncScope', 'tickCallback', 'contextMicrotask', 'newContextMicrotask'])(
    '%s, where a hit would abort the process, is replaced',
    async (name) => {
      const worker = busyWorker({ interruption: { checkpointMs: 0, executionMs: 20 } })
      const { rejected } = await occupy(worker, name)
      const behind = worker.run('increase', [])

      const outcome = await worker.interrupt('not needed')

      expect(outcome).toMatchObject({ stage: 'thread', survived: false })
      await expect(rejected).resolves.toMatchObject({ ...INTERRUPTED, stage: 'thread' })
      await expect(behind).resolves.toBe(1)
    },
  )

  it('async hooks that go on and off can be hit often, and the process lives on', async () => {
    const worker = busyWorker()

    for (let hits = 0; hits < 30; hits++) {
      const { rejected } = await occupy(worker, 'exitStorage')
      await worker.interrupt('not needed')
      await expect(rejected).resolves.toMatchObject(INTERRUPTED)
      await worker.run('turn', [])
    }

    expect(worker.stats()).toMatchObject({ crashed: 0, failed: 30 })
  })

  it('native code, which nothing can end, is counted as lost and waited for no longer', async () => {
    const worker = busyWorker({ interruption: { checkpointMs: 0, executionMs: 1, threadMs: 1 } })
    const entrance = new Entrance()
    const rejected = reasonOf(worker.run('native', [entrance.words, 4]))
    await entrance.passed()
    const behind = worker.run('increase', [])

    const outcome = await worker.interrupt('not needed')

    expect(outcome).toMatchObject({ stage: 'thread', survived: false })
    await expect(rejected).resolves.toMatchObject({ ...INTERRUPTED, stage: 'thread' })
    await expect(behind).resolves.toBe(1)
    expect(worker.stats()).toMatchObject({ started: 2, lost: 1 })
  })

  it('a loop that V8 may not stop at all does not keep its call, nor the calls behind', async () => {
    const program = new URL('fixtures/unstoppable-program.ts', import.meta.url)

    const { stdout } = await runProgram(program)

    expect(JSON.parse(stdout)).toEqual({
      rejected: 'InterruptedError',
      isKnown: true,
      behind: 1,
    })
  })
})
