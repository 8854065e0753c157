// What is refused, by those who call without a compiler.
import {
  SharedBarrier,
  SharedCondition,
  SharedEvent,
  SharedMutex,
  SharedSemaphore,
} from '@cupola/shared-sync'
import { describe, expect, it } from 'vitest'
import { reasonOf } from '../../../test/reason-of.ts'
import { SEAT_COUNT, SEATS_USED } from '../src/lot-layout.ts'

describe.each([
  ['SharedMutex', (options: never) => new SharedMutex(options)],
  ['SharedEvent', (options: never) => new SharedEvent(options)],
  ['SharedSemaphore', (options: never) => new SharedSemaphore(1, options)],
  ['SharedBarrier', (options: never) => new SharedBarrier(1, options)],
  ['SharedCondition', (options: never) => new SharedCondition(undefined, options)],
  [
    'SharedCondition of a mutex',
    (options: never) => new SharedCondition(new SharedMutex(), options),
  ],
])('new %s()', (_, make) => {
  it.each([[null], [5], ['x'], [[]], [{ maxThreads: '3' }], [{ maxThreads: null }]])(
    'refuses %j',
    (options) => {
      expect(() => make(options as never)).toThrow(TypeError)
      expect(() => make(options as never)).toThrow('Cannot use')
    },
  )
})

describe('SharedSemaphore', () => {
  it.each([[null], [5], [{ weight: null }], [{ weight: '1' }]])('refuses %j', async (options) => {
    const semaphore = new SharedSemaphore(2)

    expect(() => semaphore.tryAcquire(options as never)).toThrow(TypeError)
    expect(() => semaphore.acquireSync(options as never)).toThrow(TypeError)
    expect(await reasonOf(semaphore.acquire(options as never))).toBeInstanceOf(TypeError)
    expect(semaphore.available).toBe(2)
  })
})

describe('SharedMutex.acquireSync()', () => {
  it.each(['yes', 1, null])('is not allowed on the main thread by %j', (allowOnMainThread) => {
    const mutex = new SharedMutex()

    const options = { allowOnMainThread: allowOnMainThread as never }

    expect(() => mutex.acquireSync(options)).toThrow('Cannot use allowOnMainThread')
    expect(mutex.locked).toBe(false)
  })
})

describe('SharedMutex.attach()', () => {
  it.each([-1, 5])('refuses memory in which %i of 4 seats are used', (used) => {
    const { buffer, kind } = new SharedMutex({ maxThreads: 3 }).handle
    const words = new Int32Array(structuredClone(buffer))
    expect(words[SEAT_COUNT]).toBe(4)

    words[SEATS_USED] = used

    expect(() => SharedMutex.attach({ kind, buffer })).toThrow('expected the handle')
  })
})
