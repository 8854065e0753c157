import { AsyncLocalStorage } from 'node:async_hooks'
import { getEventListeners } from 'node:events'
import { waitUntil } from '@cupola/autowait'
import { TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../../../test/state-of.ts'
import { errorOf } from './fixtures/error-of.ts'

describe('waitUntil()', () => {
  it('gives the first truthy answer', async () => {
    const clock = new VirtualClock()
    const answers = [0, '', undefined, 'yes', 'later']
    const waiting = waitUntil(() => answers.shift(), { clock })

    await clock.advance(1000)

    expect(await waiting).toBe('yes')
    expect(answers).toEqual(['later'])
  })

  it('calls before any waiting', async () => {
    const clock = new VirtualClock()

    expect(await waitUntil(() => 'now', { clock, timeout: 0 })).toBe('now')

    expect(clock.now()).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('pauses 50 ms between calls, if nothing else is said', async () => {
    const clock = new VirtualClock()
    const calls: number[] = []
    const waiting = waitUntil(() => calls.push(clock.now()) > 3, { clock })

    await clock.advance(1000)

    await waiting
    expect(calls).toEqual([0, 50, 100, 150])
  })

  it('pauses longer and longer up to intervalMs, if told where to begin', async () => {
    const clock = new VirtualClock()
    const calls: number[] = []
    const pauses = { firstIntervalMs: 10, intervalMs: 30 }
    const waiting = waitUntil(() => calls.push(clock.now()) > 5, { clock, ...pauses })

    await clock.advance(1000)

    await waiting
    expect(calls).toEqual([0, 10, 25, 47.5, 77.5, 107.5])
  })

  it('calls a last time when the timeout has passed', async () => {
    const clock = new VirtualClock()
    let met = false
    const waiting = waitUntil(() => met, { clock, timeout: 120 })
    await clock.advance(119)

    met = true
    await clock.advance(1)

    expect(await waiting).toBe(true)
  })

  it('rejects with a TimeoutError that names the predicate and its last answer', async () => {
    const clock = new VirtualClock()
    const isReady = () => null
    const waiting = errorOf(waitUntil(isReady, { clock, timeout: 100 }))

    await clock.advance(100)

    const error = await waiting
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error.message).toBe(
      'Cannot wait until isReady() is met (last seen: it answered null): waited 100 ms',
    )
  })

  it('measures its time, whatever the pauses are', async () => {
    const clock = new VirtualClock()
    const waiting = errorOf(waitUntil(() => false, { clock, timeout: 100, intervalMs: 60_000 }))

    await clock.advance(100)

    expect(await waiting).toBeInstanceOf(TimeoutError)
    expect(clock.now()).toBe(100)
  })

  it('does not let a predicate that never answers hold up the timeout', async () => {
    const clock = new VirtualClock()
    const waiting = errorOf(waitUntil(() => new Promise(() => {}), { clock, timeout: 100 }))

    await clock.advance(350)

    expect((await waiting).message).toContain('no look has answered yet')
    expect(clock.pending).toBe(0)
  })

  it('looks once more when a call that began before the deadline says no', async () => {
    const clock = new VirtualClock()
    const answers = [
      Promise.resolve(false),
      new Promise((resolve) => clock.setTimer(() => resolve(false), 120)),
    ]
    const waiting = waitUntil(() => answers.shift() ?? 'at last', { clock, timeout: 100 })

    await clock.advance(120)

    expect(await waiting).toBe('at last')
  })

  it('does not let a predicate that never answers hold up an abort, and tells it', async () => {
    const controller = new AbortController()
    let told: unknown
    const predicate = (signal: AbortSignal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve((told = true))))
    const waiting = errorOf(waitUntil(predicate, { signal: controller.signal }))

    controller.abort('enough')

    expect(await waiting).toBe('enough')
    expect(told).toBe(true)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })

  it('never calls while a call runs', async () => {
    const clock = new VirtualClock()
    let running = 0
    let most = 0
    let calls = 0
    const predicate = async () => {
      most = Math.max(most, ++running)
      await new Promise<void>((resolve) => clock.setTimer(resolve, 200))
      running--
      return ++calls === 3
    }
    const waiting = waitUntil(predicate, { clock })

    await clock.advance(2000)

    await waiting
    expect(most).toBe(1)
  })

  it('leaves a slow predicate as long a rest as it took', async () => {
    const clock = new VirtualClock()
    const begins: number[] = []
    const predicate = async () => {
      begins.push(clock.now())
      await new Promise<void>((resolve) => clock.setTimer(resolve, 200))
      return begins.length === 3
    }
    const waiting = waitUntil(predicate, { clock })

    await clock.advance(2000)

    await waiting
    expect(begins).toEqual([0, 400, 800])
  })

  it('rejects with what the predicate throws', async () => {
    await expect(
      waitUntil(() => {
        throw new RangeError('mine')
      }),
    ).rejects.toEqual(new RangeError('mine'))
  })

  it('takes what is thrown for "not yet" with onError: retry, and keeps it as the cause', async () => {
    const clock = new VirtualClock()
    const mine = new RangeError('mine')
    const options = { clock, timeout: 100, onError: 'retry' } as const
    const waiting = errorOf(waitUntil(() => Promise.reject(mine), options))

    await clock.advance(100)

    const error = await waiting
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error.cause).toBe(mine)
    expect(error.message).toContain('it threw RangeError: mine')
  })

  it('does not call when the signal has aborted', async () => {
    let calls = 0

    await expect(waitUntil(() => ++calls, { signal: AbortSignal.abort('before') })).rejects.toBe(
      'before',
    )

    expect(calls).toBe(0)
  })

  it('calls in the context of whoever waits', async () => {
    const clock = new VirtualClock()
    const storage = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const waiting = storage.run('waiter', () =>
      waitUntil(() => seen.push(storage.getStore()) > 2, { clock }),
    )

    await storage.run('clock', () => clock.advance(1000))

    await waiting
    expect(seen).toEqual(['waiter', 'waiter', 'waiter'])
  })

  it('waits for ever without a timeout', async () => {
    const clock = new VirtualClock()
    const controller = new AbortController()
    const waiting = waitUntil(() => false, { clock, intervalMs: 1e9, signal: controller.signal })

    await clock.advance(1e10)

    expect(await stateOf(waiting)).toBe('pending')
    controller.abort()
    await errorOf(waiting)
    expect(clock.pending).toBe(0)
  })

  it.each([
    ['no function', 5, {}, TypeError],
    ['options that are no object', () => true, 5, TypeError],
    ['a negative timeout', () => true, { timeout: -1 }, RangeError],
    ['a pause of nothing', () => true, { intervalMs: 0 }, RangeError],
    ['a pause that is no number', () => true, { firstIntervalMs: NaN }, RangeError],
    ['a signal that is none', () => true, { signal: 'stop' }, TypeError],
    ['an unknown onError', () => true, { onError: 'retyr' }, TypeError],
  ])('rejects %s, without calling', async (_, predicate, options, kind) => {
    await expect(waitUntil(predicate as () => boolean, options as object)).rejects.toThrow(kind)
  })
})
