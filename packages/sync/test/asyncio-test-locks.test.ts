// Answers to asyncio's `Lib/test/test_asyncio/test_locks.py`: the races between a wait that is let go and
// one that is cancelled, in one turn of the event loop and in either order.
import { Barrier, Condition, Mutex, Semaphore } from '@cupola/sync'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { stateOf } from '../../../test/state-of.ts'

const { watch } = expectNoLeaks()

function abortable(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const controller = new AbortController()
  return { signal: watch(controller.signal), abort: () => controller.abort('cancelled') }
}

const rights = [
  ['Mutex', () => new Mutex()],
  ['Semaphore', () => new Semaphore(1)],
] as const

describe.each(rights)('%s', (_, make) => {
  it('goes to the next when the first is cancelled and then it is released', async () => {
    const right = make()
    const held = await right.acquire()
    const { signal, abort } = abortable()
    const first = right.acquire({ signal })
    const second = right.acquire()

    abort()
    held.release()

    await expect(first).rejects.toBe('cancelled')
    await second
  })

  it('goes to the first when it is released and then he is cancelled, and on from him', async () => {
    const right = make()
    const held = await right.acquire()
    const { signal, abort } = abortable()
    const first = right.acquire({ signal })
    const second = right.acquire()

    held.release()
    abort()

    const guard = await first
    expect(await stateOf(second)).toBe('pending')
    guard.release()
    await second
  })

  it('is free when all who waited are cancelled', async () => {
    const right = make()
    const held = await right.acquire()
    const callers = [abortable(), abortable(), abortable()]
    const waits = callers.map(({ signal }) => right.acquire({ signal }))

    for (const { abort } of callers) abort()
    held.release()

    const outcomes = await Promise.allSettled(waits)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(right.tryAcquire()).toBeDefined()
  })

  it('keeps the order of the others when one in the middle is cancelled', async () => {
    const right = make()
    const held = await right.acquire()
    const log: number[] = []
    const callers = [abortable(), abortable(), abortable(), abortable()]
    const visits = callers.map(({ signal }, caller) =>
      right.run(() => log.push(caller), { signal }),
    )

    callers[1]?.abort()
    callers[2]?.abort()
    held.release()

    await Promise.allSettled(visits)
    expect(log).toEqual([0, 3])
  })

  it('is released when who runs with it is cancelled from inside', async () => {
    const right = make()
    const { signal, abort } = abortable()
    const visit = right.run(() => {
      abort()
      signal.throwIfAborted()
    })

    await expect(visit).rejects.toBe('cancelled')

    expect(right.tryAcquire()).toBeDefined()
  })
})

describe('Semaphore', () => {
  it('wakes as many as permits came back in one turn', async () => {
    const semaphore = new Semaphore(2)
    const held = [await semaphore.acquire(), await semaphore.acquire()]
    const waits = [semaphore.acquire(), semaphore.acquire(), semaphore.acquire()]

    for (const guard of held) guard.release()

    await Promise.all(waits.slice(0, 2))
    expect(await stateOf(Promise.resolve(waits[2]))).toBe('pending')
  })

  it('passes a permit on that was on its way to several, of whom the first is cancelled', async () => {
    const semaphore = new Semaphore(2)
    const held = [await semaphore.acquire(), await semaphore.acquire()]
    const { signal, abort } = abortable()
    const first = semaphore.acquire({ signal })
    const others = [semaphore.acquire(), semaphore.acquire()]

    held[0]?.release()
    abort()
    held[1]?.release()

    const guard = await first
    guard.release()
    await expect(Promise.all(others)).resolves.toHaveLength(2)
  })
})

describe('Condition', () => {
  it('that is cancelled while it waits takes the lock before it says so', async () => {
    const condition = new Condition()
    const { signal, abort } = abortable()
    const held = await condition.mutex.acquire()
    const waiting = condition.wait(held, { signal })
    const other = await condition.mutex.acquire()

    abort()
    expect(await stateOf(waiting)).toBe('pending')

    other.release()
    await expect(waiting).rejects.toBe('cancelled')
    expect(condition.mutex.locked).toBe(true)
    held.release()
  })

  it('that is cancelled while it takes the lock again goes on: no notice is lost', async () => {
    const condition = new Condition()
    const { signal, abort } = abortable()
    const held = await condition.mutex.acquire()
    const waiting = condition.wait(held, { signal })
    const other = await condition.mutex.acquire()
    condition.notify(other)

    abort()
    other.release()

    await waiting
    expect(condition.mutex.locked).toBe(true)
    held.release()
    expect(condition.mutex.locked).toBe(false)
  })

  it('leaves the notice to the next when the first is cancelled before it', async () => {
    const condition = new Condition()
    const { signal, abort } = abortable()
    const first = condition.mutex.run((held) => condition.wait(held, { signal }))
    const second = condition.mutex.run((held) => condition.wait(held))
    await stateOf(second)
    const held = await condition.mutex.acquire()

    abort()
    condition.notify(held)
    held.release()

    await expect(first).rejects.toBe('cancelled')
    await second
  })

  it('that is cancelled twice takes the lock all the same', async () => {
    const condition = new Condition()
    const { signal, abort } = abortable()
    const held = await condition.mutex.acquire()
    const waiting = condition.wait(held, { signal })
    const other = await condition.mutex.acquire()

    abort()
    abort()
    other.release()

    await expect(waiting).rejects.toBe('cancelled')
    held.release()
    expect(condition.mutex.locked).toBe(false)
  })
})

describe('Barrier', () => {
  it('that one leaves just after all came is passed by all', async () => {
    const barrier = new Barrier(2)
    const { signal, abort } = abortable()
    const visits = [barrier.wait({ signal }), barrier.wait()]

    abort()

    expect(await Promise.all(visits)).toEqual([0, 1])
  })

  it('that one leaves just before the last came is broken', async () => {
    const barrier = new Barrier(2)
    const { signal, abort } = abortable()
    const first = barrier.wait({ signal })

    abort()
    const last = barrier.wait()

    await expect(first).rejects.toBe('cancelled')
    await expect(last).rejects.toMatchObject({ code: 'ERR_BROKEN' })
  })
})
