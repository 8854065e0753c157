// Answers to asyncio's `Lib/test/test_asyncio/test_queues.py`, its races of cancellation above all, and
// to the test of Trio and AnyIO that whoever comes first is served first, for every kind of wait.
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/calls.ts'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { stateOf } from '../../../test/state-of.ts'
import { kinds } from './fixtures/queues.ts'

const { watch } = expectNoLeaks()

function abortable(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const controller = new AbortController()
  return { signal: watch(controller.signal), abort: () => controller.abort('cancelled') }
}

describe.each(kinds)('%s', (_, make) => {
  it('does not keep those who were cancelled while they waited for an item', async () => {
    const queue = make()
    for (let attempt = 0; attempt < 10; attempt++) {
      await expect(queue.get({ timeout: 0 })).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
      const { signal, abort } = abortable()
      const item = queue.get({ signal })
      abort()
      await expect(item).rejects.toBe('cancelled')
    }

    expect(queue.stats().getting).toBe(0)
  })

  it('gives the item to the next who waits when the first is cancelled, put first', async () => {
    const queue = make()
    const { signal, abort } = abortable()
    const first = queue.get({ signal })
    const second = queue.get()

    queue.tryPut(1)
    abort()
    queue.tryPut(2)

    expect(await Promise.all([first, second])).toEqual([1, 2])
  })

  it('gives the item to the next who waits when the first is cancelled, cancelled first', async () => {
    const queue = make()
    const { signal, abort } = abortable()
    const first = queue.get({ signal })
    const second = queue.get()

    abort()
    queue.tryPut(1)

    await expect(first).rejects.toBe('cancelled')
    expect(await second).toBe(1)
  })

  it('lets the next in who waits for room when the first is cancelled as room is made', async () => {
    const queue = make({ capacity: 1 })
    queue.tryPut(1)
    const { signal, abort } = abortable()
    const cancelled = queue.put(2, { signal })
    const next = queue.put(3)

    abort()
    expect(queue.tryGet()).toBe(1)

    await expect(cancelled).rejects.toBe('cancelled')
    await next
    expect(queue.tryGet()).toBe(3)
  })

  it('keeps an item whose put is cancelled when it was let in already', async () => {
    const queue = make({ capacity: 1 })
    queue.tryPut(1)
    const { signal, abort } = abortable()
    const put = queue.put(2, { signal })

    queue.tryGet()
    abort()

    await put
    expect(queue.tryGet()).toBe(2)
  })

  it('goes on with all who wait for room when many items are taken at once', async () => {
    const queue = make({ capacity: 2 })
    queue.tryPut(1)
    queue.tryPut(1)
    const puts = Array.from({ length: 5 }, () => queue.put(1))

    const items = Array.from({ length: 7 }, () => queue.tryGet())

    await Promise.all(puts)
    expect(items).toEqual([1, 1, 1, 1, 1, 1, 1])
  })

  it('leaves nobody waiting for an item while there are some', async () => {
    const queue = make({ capacity: 1 })
    const gets = Array.from({ length: 3 }, () => queue.get())

    const puts = Array.from({ length: 5 }, () => queue.put(1))

    await Promise.all(gets)
    expect(await stateOf(Promise.resolve(puts[3]))).toBe('fulfilled')
    expect(await stateOf(Promise.resolve(puts[4]))).toBe('pending')
    await queue.get()
    await puts[4]
  })

  it('lets a join that is cancelled go, and the others wait on', async () => {
    const queue = make()
    queue.tryPut(1)
    const { signal, abort } = abortable()
    const cancelled = queue.join({ signal })
    const joined = queue.join()

    abort()

    await expect(cancelled).rejects.toBe('cancelled')
    expect(await stateOf(joined)).toBe('pending')
    queue.taskDone()
    await joined
  })

  it('serves who waits for items in turn, whoever cancels meanwhile', async () => {
    const queue = make()
    const log: number[] = []
    const aborts = await enter(log, (options) => queue.get(options))

    aborts[3]?.()
    aborts[0]?.()
    for (let item = 0; item < 8; item++) {
      queue.tryPut(item)
      await eventLoopTurn()
    }

    expect(log).toEqual([1, 2, 4, 5, 6, 7, 8, 9])
  })

  it('serves who waits for room in turn, whoever cancels meanwhile', async () => {
    const queue = make({ capacity: 1 })
    queue.tryPut(1)
    const log: number[] = []
    const aborts = await enter(log, (options) => queue.put(1, options))

    aborts[9]?.()
    aborts[5]?.()
    for (let item = 0; item < 8; item++) {
      queue.tryGet()
      await eventLoopTurn()
    }

    expect(log).toEqual([0, 1, 2, 3, 4, 6, 7, 8])
  })
})

/** Ten callers, who note when they are served. */
async function enter(
  log: number[],
  begin: (options: { signal: AbortSignal }) => Promise<unknown>,
): Promise<(() => void)[]> {
  return Array.from({ length: 10 }, (_, caller) => {
    const { signal, abort } = abortable()
    begin({ signal }).then(
      () => log.push(caller),
      () => {},
    )
    return abort
  })
}
