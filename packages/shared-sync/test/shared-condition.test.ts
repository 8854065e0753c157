// What a condition adds to its mutex where threads die.
import { BrokenError } from '@cupola/core'
import { SharedCondition, type SharedMutex, type SharedGuard } from '@cupola/shared-sync'
import { describe, expect, it } from 'vitest'
import { failureOf } from '../../../test/failure-of.ts'
import { Actor } from '../../../test/shared-memory/actor.ts'

/** A thread that holds the mutex. */
async function holderOf(mutex: SharedMutex): Promise<Actor> {
  const holder = new Actor(mutex.handle, new URL('./fixtures/actor-worker.ts', import.meta.url))
  await holder.ask('acquire')
  return holder
}

/** Takes the mutex over at the first moment at which that is possible. */
function recovered(mutex: SharedMutex): SharedGuard {
  for (;;) {
    const guard = mutex.recover()
    if (guard !== undefined) return guard
  }
}

describe('SharedCondition.wait()', () => {
  it('is refused when a thread ends that holds the mutex', async () => {
    const condition = new SharedCondition()
    const failure = failureOf(condition.wait(await condition.mutex.acquire()))
    const holder = await holderOf(condition.mutex)

    await holder.thread.terminate()

    expect(await failure).toBeInstanceOf(BrokenError)
  })

  it('goes on if the mutex was mended before it could be told', async () => {
    const condition = new SharedCondition()
    const waiting = condition.wait(await condition.mutex.acquire())
    const holder = await holderOf(condition.mutex)

    void holder.thread.terminate()
    recovered(condition.mutex).release()

    await expect(waiting).resolves.toBeUndefined()
    expect(condition.mutex.locked).toBe(true)
  })
})
