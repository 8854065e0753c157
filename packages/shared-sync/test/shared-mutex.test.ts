// Answers to CPython's lock_tests (LockTests) and to async-mutex's suite, across threads.
import { once } from 'node:events'
import { runInNewContext } from 'node:vm'
import { MessageChannel } from 'node:worker_threads'
import { BrokenError, TimeoutError } from '@cupola/core'
import { SharedMutex, type SharedMutexHandle } from '@cupola/shared-sync'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { stateOf } from '../../../test/state-of.ts'
import { Actor } from '../../../test/shared-memory/actor.ts'
import { failureOf } from '../../../test/failure-of.ts'
import { threadsWaiting } from '../../../test/shared-memory/threads-waiting.ts'
import { until } from '../../../test/until.ts'

const { watch } = expectNoLeaks()
const MAIN = { allowOnMainThread: true }

describe('SharedMutex in one thread', () => {
  it('is had by one holder at a time', async () => {
    const mutex = new SharedMutex()
    const guard = await mutex.acquire()

    expect(mutex.locked).toBe(true)
    expect(mutex.tryAcquire()).toBeUndefined()
    guard.release()
    expect(mutex.locked).toBe(false)
    expect(mutex.tryAcquire()).toBeDefined()
  })

  it('is released once by each guard, however often that is told', async () => {
    const mutex = new SharedMutex()
    const first = await mutex.acquire()
    first.release()
    const second = await mutex.acquire()

    first.release()
    first[Symbol.dispose]()

    expect(mutex.locked).toBe(true)
    second[Symbol.dispose]()
    expect(mutex.locked).toBe(false)
  })

  it('goes to those who wait in the order they came', async () => {
    const mutex = new SharedMutex()
    const order: number[] = []
    const first = await mutex.acquire()
    const visits = [1, 2, 3, 4].map((number) => mutex.run(() => void order.push(number)))

    first.release()

    await Promise.all(visits)
    expect(order).toEqual([1, 2, 3, 4])
  })

  it('is released when the function of run() throws, and hands its error on', async () => {
    const mutex = new SharedMutex()

    await expect(mutex.run(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine')
    expect(mutex.locked).toBe(false)
  })

  it('times out and has left: a later release goes to somebody else', async () => {
    const mutex = new SharedMutex()
    const held = await mutex.acquire()
    const hasty = mutex.acquire({ timeout: 1 })
    const patient = mutex.acquire()

    await expect(hasty).rejects.toBeInstanceOf(TimeoutError)
    held.release()

    await expect(patient).resolves.toBeDefined()
  })

  it('rejects with the reason of a signal, before or during the wait', async () => {
    const mutex = new SharedMutex()
    const controller = new AbortController()
    const signal = watch(controller.signal)
    const held = await mutex.acquire()
    const waiting = mutex.acquire({ signal })

    controller.abort('enough')

    await expect(waiting).rejects.toBe('enough')
    held.release()
    await expect(mutex.acquire({ signal })).rejects.toBe('enough')
    expect(mutex.locked).toBe(false)
  })

  it('passes on a grant that meets an abort', async () => {
    const mutex = new SharedMutex()
    const controller = new AbortController()
    const held = await mutex.acquire()
    const first = mutex.acquire({ signal: controller.signal })
    const second = mutex.acquire()

    held.release()
    controller.abort('too late, or not')

    await expect(first).rejects.toBe('too late, or not')
    await expect(second).resolves.toBeDefined()
  })

  it('gives up a hundred thousand who wait, from the middle, and nobody else', async () => {
    const mutex = new SharedMutex()
    const controller = new AbortController()
    const signal = watch(controller.signal)
    const held = await mutex.acquire()
    const first = mutex.acquire()
    const many = Array.from({ length: 100_000 }, () => mutex.acquire({ signal }))
    const last = mutex.acquire()

    controller.abort('enough')

    const outcomes = await Promise.allSettled(many)
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
    held.release()
    void first.then((guard) => guard.release())
    await expect(last).resolves.toBeDefined()
  })

  it.each([
    [{ timeout: -1 }, RangeError],
    [{ timeout: Number.NaN }, RangeError],
    [{ timeout: '1' }, TypeError],
    [{ signal: {} }, TypeError],
    [5, TypeError],
  ])('refuses %o', async (options, error) => {
    const mutex = new SharedMutex()

    await expect(mutex.acquire(options as never)).rejects.toBeInstanceOf(error)
    expect(mutex.locked).toBe(false)
  })

  it.each([0, 4097, 1.5, Number.NaN])('refuses %s threads', (maxThreads) => {
    expect(() => new SharedMutex({ maxThreads })).toThrow(RangeError)
  })

  it('refuses to block the main thread, unless asked', () => {
    const mutex = new SharedMutex()

    expect(() => mutex.acquireSync()).toThrow(TypeError)
    expect(mutex.locked).toBe(false)
    mutex.acquireSync(MAIN).release()
  })

  it('gives up a blocking wait when its time is up, and lets others have their turn', async () => {
    const mutex = new SharedMutex()
    await using other = new Actor(mutex.handle)
    await other.ask('acquireSync')

    expect(() => mutex.acquireSync({ ...MAIN, timeout: 5 })).toThrow(TimeoutError)
    expect(() => mutex.acquireSync({ ...MAIN, timeout: 0 })).toThrow(TimeoutError)
    const waiting = mutex.acquire()
    expect(await stateOf(waiting)).toBe('pending')
    await other.ask('release')
    await expect(waiting).resolves.toBeDefined()
  })

  it('refuses to block the thread that holds it', async () => {
    const mutex = new SharedMutex()
    const held = await mutex.acquire()

    expect(() => mutex.acquireSync({ ...MAIN, timeout: 5 })).toThrow(
      'Cannot acquire the shared mutex by blocking the thread: expected another thread to hold it',
    )
    expect(() => mutex.acquireSync({ ...MAIN, timeout: 0 })).toThrow(TimeoutError)
    held.release()
    mutex.acquireSync(MAIN).release()
  })

  it('refuses to block a thread that awaits it, as nobody there could let go', async () => {
    const mutex = new SharedMutex()
    const held = await mutex.acquire()
    const waiting = mutex.acquire()
    held.release()

    expect(() => mutex.acquireSync({ ...MAIN, timeout: 5 })).toThrow(TypeError)

    const guard = await waiting
    guard.release()
    mutex.acquireSync(MAIN).release()
  })
})

/** The handle of a mutex, with a buffer made of its own. */
function withBuffer(make: (buffer: SharedArrayBuffer) => SharedArrayBuffer): SharedMutexHandle {
  const { kind, buffer } = new SharedMutex().handle
  return { kind, buffer: make(buffer) }
}

describe('SharedMutex.attach()', () => {
  it('takes a handle whose buffer is of another realm', () => {
    const handle = withBuffer((buffer) => {
      const copy = runInNewContext(
        `new SharedArrayBuffer(${buffer.byteLength})`,
      ) as SharedArrayBuffer
      new Int32Array(copy).set(new Int32Array(buffer))
      return copy
    })

    expect(SharedMutex.attach(handle).locked).toBe(false)
  })

  it('gives the same object for the same handle, cloned or not', async () => {
    const mutex = new SharedMutex()
    const { port1, port2 } = new MessageChannel()
    port1.postMessage(mutex.handle)
    const [cloned] = (await once(port2, 'message')) as [SharedMutexHandle]
    port1.close()

    expect(SharedMutex.attach(mutex.handle)).toBe(mutex)
    expect(SharedMutex.attach(cloned)).toBe(mutex)
  })

  it.each([
    [undefined],
    [{}],
    [{ kind: 'SharedMutex', buffer: new SharedArrayBuffer(4) }],
    [{ kind: 'SharedMutex', buffer: new SharedArrayBuffer(4096) }],
    [withBuffer((buffer) => buffer.slice(0, -1))],
    [withBuffer((buffer) => buffer.slice(0, -64))],
    [{ kind: 'SharedMutex', buffer: new ArrayBuffer(4096) }],
  ])('refuses %o', (handle) => {
    expect(() => SharedMutex.attach(handle as never)).toThrow(TypeError)
  })

  it('refuses one thread too many, and takes the seat of one that has ended', async () => {
    const mutex = new SharedMutex({ maxThreads: 2 })
    const first = new Actor(mutex.handle)
    await first.ask('ready')
    const second = new Actor(mutex.handle)
    const [error] = (await once(second.thread, 'error')) as [Error]
    expect(error.message).toContain('2 threads are attached already')

    await first.thread.terminate()
    await using third = new Actor(mutex.handle)

    expect(await third.ask('acquireSync')).toBe('held')
  })
})

describe('SharedMutex across threads', () => {
  it('goes to those who block and those who await in one order', async () => {
    const mutex = new SharedMutex()
    await using other = new Actor(mutex.handle)
    await using another = new Actor(mutex.handle)
    const order: string[] = []
    const held = await mutex.acquire()
    const waits = [mutex.acquire().then((guard) => leave('1', guard))]
    const blocked = other.ask('acquireSync').then(() => leave('2', undefined, other))
    await until(() => threadsWaiting(mutex.handle) === 2)
    waits.push(mutex.acquire().then((guard) => leave('3', guard)))
    const awaiting = another.ask('acquire').then(() => leave('4', undefined, another))
    await until(() => threadsWaiting(mutex.handle) === 3)

    held.release()

    await Promise.all([...waits, blocked, awaiting])
    expect(order).toEqual(['1', '2', '3', '4'])

    async function leave(name: string, guard?: Disposable, actor?: Actor): Promise<void> {
      order.push(name)
      guard?.[Symbol.dispose]()
      await actor?.ask('release')
    }
  })

  it('times out in a thread that blocks, and is had by others', async () => {
    const mutex = new SharedMutex()
    await using other = new Actor(mutex.handle)
    const held = await mutex.acquire()

    await expect(other.ask('acquireSync', { timeout: 5 })).rejects.toThrow('TimeoutError')
    held.release()
    expect(await other.ask('tryAcquire')).toBe('held')
    expect(mutex.tryAcquire()).toBeUndefined()
  })
})

/** Ways for a thread to end, and the code that leads there. */
const DEATHS: [string, (actor: Actor) => unknown][] = [
  ['is terminated', (actor) => actor.thread.terminate()],
  ['is terminated while it is busy', (actor) => (void actor.ask('spin'), actor.thread.terminate())],
  ['exits', (actor) => void actor.ask('exit', 3)],
  ['fails', (actor) => void actor.ask('fail')],
]

describe('SharedMutex, when the thread that holds it', () => {
  it.each(DEATHS)('%s, tells who waits and who comes, until it is recovered', async (_, die) => {
    const mutex = new SharedMutex()
    await using other = new Actor(mutex.handle)
    const holder = new Actor(mutex.handle)
    await holder.ask('acquireSync')
    const waiting = failureOf(mutex.acquire())
    const blocked = failureOf(other.ask('acquireSync'))
    await until(() => threadsWaiting(mutex.handle) === 2)

    die(holder)

    expect(await waiting).toBeInstanceOf(BrokenError)
    expect(String(await blocked)).toContain('BrokenError')
    expect(mutex.broken).toBe(true)
    await expect(mutex.acquire()).rejects.toBeInstanceOf(BrokenError)
    expect(() => mutex.tryAcquire()).toThrow(BrokenError)
    expect(() => mutex.acquireSync(MAIN)).toThrow(BrokenError)
    const guard = mutex.recover()
    expect(guard).toBeDefined()
    expect(mutex.recover()).toBeUndefined()
    guard?.release()
    expect(await other.ask('acquireSync')).toBe('held')
  })

  it('has ended, is known to be broken at once, and can be recovered at once', async () => {
    const [asked, recovered] = [new SharedMutex(), new SharedMutex()]
    for (const { handle } of [asked, recovered]) {
      const holder = new Actor(handle)
      await holder.ask('acquireSync')
      await holder.thread.terminate()
    }

    expect(asked.broken).toBe(true)
    await expect(asked.acquire()).rejects.toThrow(
      'ended, or dropped the primitive, while it held it',
    )
    expect(recovered.recover()).toBeDefined()
  })

  it('is only busy, goes on to hold it', async () => {
    const mutex = new SharedMutex()
    const holder = new Actor(mutex.handle)
    await holder.ask('acquireSync')
    void holder.ask('spin')

    await expect(mutex.acquire({ timeout: 200 })).rejects.toBeInstanceOf(TimeoutError)

    expect(mutex.broken).toBe(false)
    await holder.thread.terminate()
  })
})

describe('SharedMutex, when a thread that waits', () => {
  it.each(DEATHS)('%s, goes to the next', async (_, die) => {
    const mutex = new SharedMutex()
    const held = await mutex.acquire()
    const dying = new Actor(mutex.handle)
    void dying.ask('acquire')
    await until(() => threadsWaiting(mutex.handle) === 1)
    const waiting = mutex.acquire()
    die(dying)
    await dying.ended

    held.release()

    await expect(waiting).resolves.toBeDefined()
    expect(mutex.broken).toBe(false)
  })
})
