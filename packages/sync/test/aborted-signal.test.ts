import { describe, expect, it } from 'vitest'
import { BrokenError } from '@cupola/core'
import { Barrier, Condition, KeyedMutex, Mutex, Semaphore } from '@cupola/sync'

/** Calls `listener` when it aborts, before anything hears of it that waits with its signal. */
function abortingFirst(listener: () => void): AbortController {
  const controller = new AbortController()
  controller.signal.addEventListener('abort', listener)
  return controller
}

describe('Semaphore', () => {
  it('gives no permit to a waiter whose signal has aborted, though it has not been told yet', async () => {
    const semaphore = new Semaphore(2)
    const held = await semaphore.acquire()
    const controller = new AbortController()
    const heavy = semaphore.acquire({ weight: 2, signal: controller.signal })
    const light = semaphore.acquire({ signal: controller.signal })
    const other = semaphore.acquire()

    controller.abort('enough')

    await expect(heavy).rejects.toBe('enough')
    await expect(light).rejects.toBe('enough')
    ;(await other).release()
    held.release()
    expect(semaphore.stats()).toMatchObject({ held: 0, waiting: 0 })
  })
})

describe('Mutex', () => {
  it('is not given to a waiter whose signal has aborted, though it has not been told yet', async () => {
    const mutex = new Mutex()
    const held = await mutex.acquire()
    const { signal, abort } = bound(abortingFirst(() => held.release()))
    const aborted = mutex.acquire({ signal })
    const other = mutex.acquire()

    abort('enough')

    await expect(aborted).rejects.toBe('enough')
    ;(await other).release()
    expect(mutex.locked).toBe(false)
  })
})

describe('KeyedMutex', () => {
  it('gives no key to a waiter whose signal has aborted, which leaves the line of each', async () => {
    const mutex = new KeyedMutex<string>()
    const held = await mutex.acquire('a')
    const { signal, abort } = bound(abortingFirst(() => held.release()))
    const aborted = mutex.acquireAll(['a', 'b'], { signal })
    const others = [mutex.acquire('a'), mutex.acquire('b')]

    abort('enough')

    await expect(aborted).rejects.toBe('enough')
    for (const other of others) (await other).release()
    expect(mutex.stats()).toEqual({ keys: 0, held: 0, waiting: 0 })
  })

  it('passes over such waiters, however many there are', async () => {
    const mutex = new KeyedMutex<string>()
    const held = await mutex.acquire('a')
    let failure: unknown
    const release = () => {
      try {
        held.release()
      } catch (error) {
        failure = error
      }
    }
    const { signal, abort } = bound(abortingFirst(release))
    const aborted = Array.from({ length: 100_000 }, () => mutex.acquire('a', { signal }))
    const other = mutex.acquire('a')

    abort('enough')

    expect(failure).toBeUndefined()
    const outcomes = await Promise.allSettled(aborted)
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
    ;(await other).release()
    expect(mutex.stats()).toEqual({ keys: 0, held: 0, waiting: 0 })
  })
})

describe('KeyedMutex.tryAcquire()', () => {
  it('is not kept out by a request whose signal has aborted, though that has not been told yet', async () => {
    const mutex = new KeyedMutex<string>()
    const held = await mutex.acquire('a')
    let tried: Disposable | undefined
    const { signal, abort } = bound(abortingFirst(() => (tried = mutex.tryAcquire('b'))))
    const aborted = mutex.acquireAll(['b', 'a'], { signal })

    abort('enough')

    await expect(aborted).rejects.toBe('enough')
    expect(tried).toBeDefined()
    tried?.[Symbol.dispose]()
    held.release()
    expect(mutex.stats()).toEqual({ keys: 0, held: 0, waiting: 0 })
  })

  it('is kept out by a request that holds, whatever has become of its signal since', async () => {
    const mutex = new KeyedMutex<string>()
    const first = await mutex.acquire('a')
    const { signal, abort } = bound(new AbortController())
    const second = mutex.acquire('a', { signal })
    first.release()
    const held = await second

    abort('too late')

    expect(mutex.tryAcquire('a')).toBeUndefined()
    held.release()
  })
})

describe('Barrier', () => {
  it('is broken for one who completes a party of which one has aborted, though it has not been told yet', async () => {
    const barrier = new Barrier(2)
    let last: Promise<unknown> | undefined
    const complete = () => void (last = barrier.wait().catch((error: unknown) => error))
    const { signal, abort } = bound(abortingFirst(complete))
    const aborted = barrier.wait({ signal })

    abort('enough')

    await expect(aborted).rejects.toBe('enough')
    expect(await last).toBeInstanceOf(BrokenError)
    expect(barrier.stats()).toEqual({ parties: 2, waiting: 0, broken: true })
  })
})

describe('Condition', () => {
  it('spends no notice on a waiter whose signal has aborted, which holds the mutex when it is told', async () => {
    const changed = new Condition()
    const log: string[] = []
    const { signal, abort } = bound(
      abortingFirst(() => {
        const held = changed.mutex.tryAcquire()
        if (held !== undefined) changed.notify(held)
        held?.release()
      }),
    )
    const waits = [signal, undefined].map((each) =>
      changed.mutex.run(async (held) => {
        await changed
          .wait(held, { signal: each })
          .catch((reason: unknown) => log.push(String(reason)))
        log.push(changed.mutex.locked ? 'held' : 'free')
      }),
    )
    await new Promise((resolve) => setImmediate(resolve))

    abort('enough')

    await Promise.all(waits)
    expect(log).toEqual(['enough', 'held', 'held'])
    expect(changed.stats()).toEqual({ locked: false, waiting: 0 })
  })
})

function bound(controller: AbortController) {
  return { signal: controller.signal, abort: (reason: unknown) => controller.abort(reason) }
}
