// Answers to tokio's sync_rwlock and to the JSR166 cases of ReentrantReadWriteLock, across threads.
import { BrokenError, TimeoutError } from '@cupola/core'
import { SharedRwLock } from '@cupola/rw-lock'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { stateOf } from '../../../test/state-of.ts'
import { Actor } from '../../../test/shared-memory/actor.ts'
import { failureOf } from '../../../test/failure-of.ts'
import { threadsWaiting } from '../../../test/shared-memory/threads-waiting.ts'
import { until } from '../../../test/until.ts'

const { watch } = expectNoLeaks()
const MAIN = { allowOnMainThread: true }

function actorOf(lock: SharedRwLock): Actor {
  return new Actor(lock.handle, new URL('./fixtures/rw-actor-worker.ts', import.meta.url))
}

describe('SharedRwLock in one thread', () => {
  it('is shared by those who read, and had alone by one who writes', async () => {
    const lock = new SharedRwLock()
    const readers = [await lock.read(), lock.tryRead(), lock.readSync(MAIN)]

    expect(lock.tryWrite()).toBeUndefined()
    for (const reader of readers) reader?.release()
    const writer = lock.tryWrite()
    expect(lock.tryRead()).toBeUndefined()
    expect(lock.tryWrite()).toBeUndefined()
    writer?.release()
    expect(await lock.runRead(() => 'read')).toBe('read')
    expect(await lock.runWrite(() => 'written')).toBe('written')
    lock.writeSync(MAIN).release()
  })

  it('is released once by each guard', async () => {
    const lock = new SharedRwLock()
    const [one, two] = [await lock.read(), await lock.read()]

    one.release()
    one.release()

    expect(lock.tryWrite()).toBeUndefined()
    two.release()
    expect(lock.tryWrite()).toBeDefined()
  })

  it('is phase-fair: readers wait for one writer, then go before the next', async () => {
    const lock = new SharedRwLock()
    const order: string[] = []
    const first = await lock.read()
    const visits = ['w1', 'r2', 'w2', 'r3'].map((name) =>
      name.startsWith('w')
        ? lock.runWrite(() => void order.push(name))
        : lock.runRead(() => void order.push(name)),
    )
    expect(lock.tryRead()).toBeUndefined()

    first.release()

    await Promise.all(visits)
    expect(order).toEqual(['w1', 'r2', 'r3', 'w2'])
  })

  it('lets those in who waited only for a writer that gives up', async () => {
    const lock = new SharedRwLock()
    const controller = new AbortController()
    const reader = await lock.read()
    const writing = lock.write({ signal: watch(controller.signal) })
    const reading = lock.read()
    expect(await stateOf(reading)).toBe('pending')

    controller.abort('enough')

    await expect(writing).rejects.toBe('enough')
    await expect(reading).resolves.toBeDefined()
    reader.release()
  })

  it('refuses a second writer and a reader whose time is up, who hold nothing then', async () => {
    const lock = new SharedRwLock()
    const writer = await lock.write()

    await expect(lock.write({ timeout: 1 })).rejects.toBeInstanceOf(TimeoutError)
    await expect(lock.read({ timeout: 1 })).rejects.toBeInstanceOf(TimeoutError)
    expect(() => lock.readSync({ ...MAIN, timeout: 0 })).toThrow(TimeoutError)
    expect(() => lock.writeSync({ ...MAIN, timeout: 0 })).toThrow(TimeoutError)
    writer.release()

    expect(lock.tryWrite()).toBeDefined()
  })

  it.each(['read', 'write'] as const)('refuses to block a thread with a %s lock', async (kind) => {
    const lock = new SharedRwLock()
    const held = await lock[kind]()

    expect(() => lock.writeSync({ ...MAIN, timeout: 5 })).toThrow(TypeError)
    if (kind === 'read') lock.readSync(MAIN).release()
    else expect(() => lock.readSync({ ...MAIN, timeout: 5 })).toThrow(TypeError)
    held.release()
    lock.writeSync(MAIN).release()
  })

  it.each(['read', 'write'] as const)(
    'refuses to block a thread that awaits to %s',
    async (kind) => {
      const lock = new SharedRwLock()
      await using other = actorOf(lock)
      await other.ask('writeSync')
      const waiting = lock[kind]()

      expect(() => lock.readSync({ ...MAIN, timeout: 5 })).toThrow(TypeError)
      expect(() => lock.writeSync({ ...MAIN, timeout: 5 })).toThrow(TypeError)
      await other.ask('release')
      const guard = await waiting
      guard.release()
    },
  )

  it('refuses to block a thread that reads behind a writer who waits for it', async () => {
    const lock = new SharedRwLock()
    await using other = actorOf(lock)
    const reader = await lock.read()
    const writing = other.ask('writeSync')
    await until(() => threadsWaiting(lock.handle) === 1)

    expect(() => lock.readSync({ ...MAIN, timeout: 5 })).toThrow(TypeError)
    reader.release()
    expect(await writing).toBe('held')
  })

  it('gives up a blocking wait when its time is up, and holds nothing then', async () => {
    const lock = new SharedRwLock()
    await using other = actorOf(lock)
    await other.ask('writeSync')

    expect(() => lock.readSync({ ...MAIN, timeout: 1 })).toThrow(TimeoutError)
    expect(() => lock.writeSync({ ...MAIN, timeout: 1 })).toThrow(TimeoutError)
    await other.ask('release')
    expect(lock.tryWrite()).toBeDefined()
  })

  it('refuses to block the main thread, unless asked', () => {
    const lock = new SharedRwLock()

    expect(() => lock.readSync()).toThrow(TypeError)
    expect(() => lock.writeSync()).toThrow(TypeError)
  })
})

describe('SharedRwLock across threads', () => {
  it('is shared by readers of all threads, until a writer times out, and then gets in', async () => {
    const lock = new SharedRwLock()
    await using one = actorOf(lock)
    await using two = actorOf(lock)
    const reader = await lock.read()
    expect(await one.ask('readSync')).toBe('held')
    expect(await two.ask('read')).toBe('held')

    await expect(lock.write({ timeout: 1 })).rejects.toBeInstanceOf(TimeoutError)
    const writing = lock.write()
    reader.release()
    await one.ask('release')
    expect(await stateOf(writing)).toBe('pending')
    await two.ask('release')

    await expect(writing).resolves.toBeDefined()
  })

  it('lets all readers in together after a writer, those who block and those who await', async () => {
    const lock = new SharedRwLock()
    await using blocking = actorOf(lock)
    await using awaiting = actorOf(lock)
    const writer = await lock.write()
    const readers = [blocking.ask('readSync'), awaiting.ask('read'), lock.read(), lock.read()]
    await until(() => threadsWaiting(lock.handle) === 3)

    writer.release()

    await Promise.all(readers)
    expect(lock.tryWrite()).toBeUndefined()
  })

  it('is broken by the death of a writer, until it is recovered', async () => {
    const lock = new SharedRwLock()
    const writer = actorOf(lock)
    await writer.ask('writeSync')
    const reading = failureOf(lock.read())
    const writing = failureOf(lock.write())

    await writer.thread.terminate()

    expect(await reading).toBeInstanceOf(BrokenError)
    expect(await writing).toBeInstanceOf(BrokenError)
    expect(lock.broken).toBe(true)
    expect(() => lock.tryRead()).toThrow(BrokenError)
    const guard = lock.recover()
    expect(lock.recover()).toBeUndefined()
    expect(lock.tryRead()).toBeUndefined()
    guard?.release()
    expect(lock.tryRead()).toBeDefined()
  })

  it('is not broken by the death of a reader, whose share goes back', async () => {
    const lock = new SharedRwLock()
    const reader = actorOf(lock)
    await reader.ask('readSync')
    const writing = lock.write()

    await reader.thread.terminate()

    await expect(writing).resolves.toBeDefined()
    expect(lock.broken).toBe(false)
  })
})

describe('new SharedRwLock()', () => {
  it.each([[null], [5], ['x'], [{ maxThreads: '3' }]])('refuses %j', (options) => {
    expect(() => new SharedRwLock(options as never)).toThrow('Cannot use')
  })
})
