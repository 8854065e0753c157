// Answers to tokio's `sync_rwlock` suite: the same cases, told anew. tokio's lock is first come,
// first served, which is our policy `fifo`; a future that is dropped is a wait that is aborted.
import { RwLock } from '@cupola/rw-lock'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'
import { failureOf } from '../../../test/failure-of.ts'

const fifo = () => new RwLock({ policy: 'fifo' })

describe('a fifo RwLock, by the cases of tokio', () => {
  it('admits a reader, and another reader beside it', async () => {
    const lock = fifo()

    expect(await stateOf(lock.read())).toBe('fulfilled')
    expect(await stateOf(lock.read())).toBe('fulfilled')
  })

  it('keeps a reader waiting while a writer is inside', async () => {
    const lock = fifo()
    const writing = await lock.write()
    const reading = lock.read()
    expect(await stateOf(reading)).toBe('pending')

    writing.release()

    expect(await stateOf(reading)).toBe('fulfilled')
  })

  it('keeps a writer waiting while a reader is inside', async () => {
    const lock = fifo()
    const reading = await lock.read()
    const writing = lock.write()
    expect(await stateOf(writing)).toBe('pending')

    reading.release()

    expect(await stateOf(writing)).toBe('fulfilled')
  })

  it('keeps a writer waiting until the last of several readers has left', async () => {
    const lock = fifo()
    const readers = await Promise.all([lock.read(), lock.read()])
    const writing = lock.write()

    readers[0].release()
    expect(await stateOf(writing)).toBe('pending')
    readers[1].release()

    expect(await stateOf(writing)).toBe('fulfilled')
  })

  it('admits a writer when the readers it waits for include one that was dropped', async () => {
    const lock = fifo()
    const writing = await lock.write()
    const dropped = new AbortController()
    const reading = failureOf(lock.read(dropped))
    const next = lock.write()

    dropped.abort('dropped')
    writing.release()

    expect(await reading).toBe('dropped')
    expect(await stateOf(next)).toBe('fulfilled')
  })

  it('admits readers when the writer in front of them is dropped', async () => {
    const lock = fifo()
    await lock.read()
    const dropped = new AbortController()
    const writing = failureOf(lock.write(dropped))
    const readers = [lock.read(), lock.read()]
    expect(await stateOf(Promise.all(readers))).toBe('pending')

    dropped.abort('dropped')

    expect(await writing).toBe('dropped')
    expect(await stateOf(Promise.all(readers))).toBe('fulfilled')
  })

  it('admits a writer when all that waited before it were dropped', async () => {
    const lock = fifo()
    const reading = await lock.read()
    const dropped = new AbortController()
    const waits = [lock.write(dropped), lock.read(dropped), lock.write(dropped)]
    const settled = Promise.allSettled(waits)
    const writing = lock.write()

    dropped.abort('dropped')
    await settled
    reading.release()

    expect(await stateOf(writing)).toBe('fulfilled')
  })

  it('admits writers in the order they came', async () => {
    const lock = fifo()
    const order: number[] = []
    const first = await lock.write()
    const writers = [1, 2, 3].map((name) => lock.runWrite(() => order.push(name)))

    first.release()
    await Promise.all(writers)

    expect(order).toEqual([1, 2, 3])
  })

  it('keeps readers that come after a writer behind it', async () => {
    const lock = fifo()
    const reading = await lock.read()
    const writing = lock.write()
    const late = lock.read()
    reading.release()

    expect(await stateOf(late)).toBe('pending')
    ;(await writing).release()
    expect(await stateOf(late)).toBe('fulfilled')
  })

  it('tries to write: in vain while a reader or a writer is inside', async () => {
    const lock = fifo()
    const reading = await lock.read()
    expect(lock.tryWrite()).toBeUndefined()
    reading.release()
    const writing = lock.tryWrite()
    expect(writing).toBeDefined()

    expect(lock.tryWrite()).toBeUndefined()
    writing?.release()
    expect(lock.tryWrite()).toBeDefined()
  })

  it('tries to read: beside readers, in vain beside a writer', async () => {
    const lock = fifo()
    const readers = [lock.tryRead(), lock.tryRead()]
    expect(readers.every((guard) => guard !== undefined)).toBe(true)
    for (const guard of readers) guard?.release()
    await lock.write()

    expect(lock.tryRead()).toBeUndefined()
  })

  it('downgrades: readers that wait come in, writers do not', async () => {
    const lock = fifo()
    const writing = await lock.write()
    const reader = lock.read()
    const writer = lock.write()

    const downgraded = writing.downgrade()

    expect(await stateOf(reader)).toBe('fulfilled')
    expect(await stateOf(writer)).toBe('pending')
    downgraded.release()
    ;(await reader).release()
    expect(await stateOf(writer)).toBe('fulfilled')
  })

  it('keeps every change when many read and write', async () => {
    const lock = fifo()
    let value = 0
    const seen: number[] = []
    const tasks = Array.from({ length: 100 }, async (_, task) => {
      await lock.runWrite(async () => {
        const before = value
        await Promise.resolve(task)
        value = before + 1
      })
      seen.push(await lock.runRead(() => value))
    })

    await Promise.all(tasks)

    expect(value).toBe(100)
    expect(seen).toHaveLength(100)
  })
})
