import { getEventListeners } from 'node:events'
import { LinkedList } from '@cupola/core/authoring'
import { VirtualClock } from '@cupola/core/testing'
import { RwLock, type RwLockPolicy } from '@cupola/rw-lock'
import { describe, expect, it, vi } from 'vitest'

// Of a hundred thousand, a step that walks all others is ten billion steps.
const MANY = process.env['CUPOLA_SLOW'] === '1' ? 100_000 : 2000

const policies: readonly RwLockPolicy[] = [
  'phase-fair',
  'fifo',
  'writer-preferring',
  'reader-preferring',
]

describe.each(policies)(`${MANY} waiters, %s`, (policy) => {
  it('leave from the middle, each by one step of the queue', async () => {
    const remove = vi.spyOn(LinkedList.prototype, 'remove')
    const walk = vi.spyOn(LinkedList.prototype, Symbol.iterator)
    const lock = new RwLock({ policy })
    await lock.write()
    const controllers = Array.from({ length: MANY }, () => new AbortController())
    const waits = controllers.map(({ signal }, index) =>
      (index % 2 === 0 ? lock.read({ signal }) : lock.write({ signal })).catch(String),
    )

    for (const controller of fromTheMiddle(controllers)) controller.abort('enough')

    expect(lock.stats()).toMatchObject({ waitingReaders: 0, waitingWriters: 0, writers: 1 })
    expect([remove.mock.calls.length, walk.mock.calls.length]).toEqual([MANY, 0])
    expect(new Set(await Promise.all(waits))).toEqual(new Set(['enough']))
    vi.restoreAllMocks()
  })

  it('time out together, and leave no timer', async () => {
    const clock = new VirtualClock()
    const lock = new RwLock({ policy, clock })
    await lock.write()
    const waits = Array.from({ length: MANY }, () => lock.read({ timeout: 5 }).catch(String))

    await clock.advance(5)

    expect([lock.stats().waitingReaders, clock.pending]).toEqual([0, 0])
    expect(new Set(await Promise.all(waits)).size).toBe(1)
  })

  it('come in together without a deep recursion, and leave no listener', async () => {
    const lock = new RwLock({ policy })
    const controller = new AbortController()
    const writing = await lock.write()
    const waits = Array.from({ length: MANY }, () => lock.read({ signal: controller.signal }))

    writing.release()

    expect(lock.stats()).toMatchObject({ readers: MANY, waitingReaders: 0 })
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    for (const guard of await Promise.all(waits)) guard.release()
    expect(lock.stats().readers).toBe(0)
  })
})

function fromTheMiddle<T>(all: readonly T[]): T[] {
  return [...all.slice(MANY / 2), ...all.slice(0, MANY / 2)]
}
