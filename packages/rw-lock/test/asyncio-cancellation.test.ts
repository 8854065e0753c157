// Answers to the cancellation races of asyncio's `test_locks`, told anew: a grant and an abort that
// meet in the same turn have one winner, nobody loses a turn by it, and the order stays.
import { getEventListeners } from 'node:events'
import { RwLock, type RwLockPolicy } from '@cupola/rw-lock'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'
import { failureOf } from '../../../test/failure-of.ts'

const policies: readonly RwLockPolicy[] = [
  'phase-fair',
  'fifo',
  'writer-preferring',
  'reader-preferring',
]

describe.each(policies)('cancellation races, %s', (policy) => {
  it('an abort after the grant, before the waiter has heard of it, comes too late', async () => {
    const lock = new RwLock({ policy })
    const first = await lock.write()
    const controller = new AbortController()
    const second = lock.write({ signal: controller.signal })

    first.release()
    controller.abort('too late')

    const guard = await second
    expect(lock.stats().writers).toBe(1)
    guard.release()
    expect(lock.stats().writers).toBe(0)
  })

  it('an abort before the release hands the turn to the next', async () => {
    const lock = new RwLock({ policy })
    const first = await lock.write()
    const controller = new AbortController()
    const second = failureOf(lock.write({ signal: controller.signal }))
    const third = lock.write()

    controller.abort('gone')
    first.release()

    expect(await second).toBe('gone')
    expect(await stateOf(third)).toBe('fulfilled')
  })

  it('aborts among many leave the others in order', async () => {
    const lock = new RwLock({ policy })
    const order: number[] = []
    const first = await lock.write()
    const controllers = Array.from({ length: 6 }, () => new AbortController())
    const visits = controllers.map(({ signal }, name) =>
      lock.runWrite(() => order.push(name), { signal }).catch(String),
    )

    for (const name of [1, 4, 2]) controllers[name]?.abort('gone')
    first.release()
    await Promise.all(visits)

    expect(order).toEqual([0, 3, 5])
  })

  it('a holder that is told to stop by its own signal still holds', async () => {
    const lock = new RwLock({ policy })
    const controller = new AbortController()
    await lock.write({ signal: controller.signal })

    controller.abort('stop')

    expect(lock.stats().writers).toBe(1)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })

  it('a waiter may release and abort others from what follows its own wait', async () => {
    const lock = new RwLock({ policy })
    const first = await lock.write()
    const controller = new AbortController()
    const chain = lock.write().then((guard) => {
      controller.abort('gone')
      guard.release()
    })
    const aborted = failureOf(lock.write({ signal: controller.signal }))
    const last = lock.write()

    first.release()
    await chain
    expect(await aborted).toBe('gone')

    expect(await stateOf(last)).toBe('fulfilled')
  })

  it('all waiters of one signal leave, and nobody comes in by it who may not', async () => {
    const lock = new RwLock({ policy })
    await lock.read()
    const controller = new AbortController()
    const waits = [
      lock.write({ signal: controller.signal }),
      lock.write({ signal: controller.signal }),
    ]
    const refused = Promise.all(waits.map((wait) => expect(wait).rejects.toBe('gone')))
    const writing = lock.write()

    controller.abort('gone')

    await refused
    expect(await stateOf(writing)).toBe('pending')
    expect(lock.stats()).toMatchObject({ waitingWriters: 1, readers: 1 })
  })

  it('nobody comes in whose signal has aborted, told of it or not', async () => {
    const lock = new RwLock({ policy })
    const reading = await lock.read()
    const guard = await lock.upgradable()
    const controller = new AbortController()
    // Told of the abort first: it leaves, and whoever is next would come in.
    controller.signal.addEventListener('abort', () => {
      reading.release()
      guard.release()
    })
    const outcomes = Promise.allSettled([
      lock.write({ signal: controller.signal }),
      lock.read({ signal: controller.signal }),
      lock.upgradable({ signal: controller.signal }),
      guard.upgrade({ signal: controller.signal }),
    ])

    controller.abort('gone')

    expect(lock.stats()).toMatchObject({ upgradables: 0, writers: 0, waitingWriters: 0 })
    const read = policy === 'reader-preferring' ? 'fulfilled' : 'rejected'
    const statuses = (await outcomes).map(({ status }) => status)
    expect(statuses).toEqual(['rejected', read, 'rejected', 'rejected'])
  })
})
