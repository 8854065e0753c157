import { SharedRwLock } from '@cupola/rw-lock'
import { describe, expect, it } from 'vitest'
import { workerOf } from '../../interruptible-worker/test/fixtures/workers.ts'
import { threadsWaiting } from '../../../test/shared-memory/threads-waiting.ts'
import { until } from '../../../test/until.ts'
import { failureOf } from '../../../test/failure-of.ts'
import type * as Task from './fixtures/interrupted-rw-task.ts'

describe('SharedRwLock, when the code of a thread is terminated that waits for it', () => {
  it.each(['readSync', 'writeSync'] as const)('in %s(), is had by the others', async (method) => {
    const lock = new SharedRwLock()
    const worker = workerOf<typeof Task>(
      new URL('./fixtures/interrupted-rw-task.ts', import.meta.url),
    )
    const held = await lock.write()
    const failure = failureOf(worker.run('visit', [lock.handle, method]))
    await until(() => threadsWaiting(lock.handle) === 1)
    await worker.interrupt('stop', { checkpointMs: 0, executionMs: 10_000 })
    expect(await failure).toBeInstanceOf(Error)

    held.release()

    lock.tryRead()?.release()
    expect(lock.tryWrite()).toBeDefined()
  })
})
