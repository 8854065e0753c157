import { BrokenError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'
import { until } from '../../../test/until.ts'
import { textPool } from './fixtures/pools.ts'

/** Counts attempts where every thread sees them. */
const FLAKY = `
  function attempt(counter) {
    return Atomics.add(new Int32Array(counter), 0, 1) + 1
  }
  export function throwUntil(counter, good) {
    const number = attempt(counter)
    if (number < good) throw new Error('attempt ' + number)
    return number
  }
  export function dieUntil(counter, good) {
    const number = attempt(counter)
    if (number < good) process.exit(number)
    return number
  }
  export async function hang(counter) {
    attempt(counter)
    await new Promise(() => {})
  }
`

class Counter {
  readonly buffer = new SharedArrayBuffer(4)

  get attempts(): number {
    return new Int32Array(this.buffer)[0] ?? 0
  }
}

describe('retries', () => {
  it('calls a function again that threw', async () => {
    const pool = textPool(FLAKY, { maxThreads: 1 })
    const counter = new Counter()

    await expect(pool.run('throwUntil', [counter.buffer, 3], { retries: 2 })).resolves.toBe(3)

    expect(pool.stats()).toMatchObject({ completed: 1, failed: 0, retried: 2 })
  })

  it('calls a function again whose thread died', async () => {
    const pool = textPool(FLAKY, { maxThreads: 1 })
    const counter = new Counter()

    await expect(pool.run('dieUntil', [counter.buffer, 3], { retries: 2 })).resolves.toBe(3)

    expect(pool.stats()).toMatchObject({ completed: 1, failed: 0, retried: 2, crashed: 2 })
  })

  it('rejects with the error of the last attempt when they are spent', async () => {
    const pool = textPool(FLAKY, { maxThreads: 1 })
    const counter = new Counter()

    const error = await errorOf(pool.run('throwUntil', [counter.buffer, 9], { retries: 2 }))

    expect(error.message).toBe('attempt 3')
    expect(counter.attempts).toBe(3)
    expect(pool.stats()).toMatchObject({ failed: 1, retried: 2 })
  })

  it('counts errors and crashes apart', async () => {
    const pool = textPool(FLAKY, { maxThreads: 1 })
    const [throwing, dying] = [new Counter(), new Counter()]
    const retries = { errors: 2, crashes: 1 }

    const error = await errorOf(pool.run('throwUntil', [throwing.buffer, 9], { retries }))
    const broken = await errorOf(pool.run('dieUntil', [dying.buffer, 9], { retries }))

    expect(error.message).toBe('attempt 3')
    expect(broken).toBeInstanceOf(BrokenError)
    expect(dying.attempts).toBe(2)
  })

  it('are none by default', async () => {
    const pool = textPool(FLAKY, { maxThreads: 1 })
    const counter = new Counter()

    await errorOf(pool.run('throwUntil', [counter.buffer, 9]))
    await errorOf(pool.run('throwUntil', [counter.buffer, 9], { retries: 0 }))
    await errorOf(pool.run('throwUntil', [counter.buffer, 9], { retries: {} }))

    expect(counter.attempts).toBe(3)
  })

  it('wait delayMs, and twice as long each time after', async () => {
    const clock = new VirtualClock()
    const pool = textPool(FLAKY, { maxThreads: 1, clock, idleTimeoutMs: Infinity })
    const counter = new Counter()
    const retries = { errors: 3, delayMs: 100 }
    const result = pool.run('throwUntil', [counter.buffer, 4], { retries })

    for (const delayMs of [100, 200, 400]) {
      await until(() => clock.nextDueMs === delayMs)
      await clock.advance(delayMs)
    }

    await expect(result).resolves.toBe(4)
    expect(clock.now()).toBe(700)
    expect(clock.pending).toBe(0)
  })

  it('end with the signal, also while a call rests, and leave no timer', async () => {
    const clock = new VirtualClock()
    const pool = textPool(FLAKY, { maxThreads: 1, clock, idleTimeoutMs: Infinity })
    const counter = new Counter()
    const controller = new AbortController()
    const { signal } = controller
    const retries = { errors: 3, delayMs: 100 }
    const reason = reasonOf(pool.run('throwUntil', [counter.buffer, 9], { retries, signal }))
    await until(() => clock.nextDueMs === 100)

    controller.abort('enough')

    await expect(reason).resolves.toBe('enough')
    expect(clock.pending).toBe(0)
    expect(counter.attempts).toBe(1)
  })

  it('end with the deadline, which counts all attempts', async () => {
    const clock = new VirtualClock()
    const pool = textPool(FLAKY, { maxThreads: 1, clock, idleTimeoutMs: Infinity })
    const counter = new Counter()
    const options = { retries: { errors: 3, delayMs: 100 }, deadline: 250 }
    const error = errorOf(pool.run('throwUntil', [counter.buffer, 9], options))
    await until(() => clock.nextDueMs === 100)
    await clock.advance(100)
    await until(() => counter.attempts === 2 && pool.stats().working === 0)

    await clock.advance(150)

    await expect(error).resolves.toMatchObject({ code: 'ERR_TIMEOUT', timeout: 250 })
    expect(clock.pending).toBe(0)
  })

  it('are not spent on a call that timed out', async () => {
    const clock = new VirtualClock()
    const pool = textPool(FLAKY, { maxThreads: 1, clock, idleTimeoutMs: Infinity })
    const counter = new Counter()
    const error = errorOf(pool.run('hang', [counter.buffer], { retries: 5, timeout: 100 }))
    await until(() => clock.nextDueMs === 100)

    await clock.advance(100)

    await expect(error).resolves.toMatchObject({ code: 'ERR_TIMEOUT' })
    expect(counter.attempts).toBe(1)
  })

  it('are not spent on what another attempt would not mend', async () => {
    const pool = textPool(FLAKY, { maxThreads: 1 })

    await expect(errorOf(pool.run('nothing', [], { retries: 5 }))).resolves.toBeInstanceOf(
      TypeError,
    )
    await expect(errorOf(pool.run('hang', [() => {}], { retries: 5 }))).resolves.toHaveProperty(
      'name',
      'DataCloneError',
    )

    expect(pool.stats().retried).toBe(0)
  })

  it('are finished by close()', async () => {
    const pool = textPool(FLAKY, { maxThreads: 1 })
    const counter = new Counter()
    const retries = { errors: 2, delayMs: 1 }
    const result = pool.run('throwUntil', [counter.buffer, 3], { retries })

    await pool.close()

    await expect(result).resolves.toBe(3)
  })

  it('end with terminate(), which counts a resting call as begun', async () => {
    const clock = new VirtualClock()
    const pool = textPool(FLAKY, { maxThreads: 1, clock, idleTimeoutMs: Infinity })
    const counter = new Counter()
    const retries = { errors: 3, delayMs: 100 }
    const reason = reasonOf(pool.run('throwUntil', [counter.buffer, 9], { retries }))
    await until(() => clock.nextDueMs === 100)

    await expect(pool.terminate('over')).resolves.toEqual({ unbegun: [], interrupted: 1 })

    await expect(reason).resolves.toBe('over')
    expect(clock.pending).toBe(0)
  })

  it('do not go together with transfer', async () => {
    const pool = textPool(FLAKY)
    const buffer = new ArrayBuffer(1)

    await expect(pool.run('hang', [buffer], { transfer: [buffer], retries: 1 })).rejects.toThrow(
      'Cannot use retries: got transfer as well, expected one of them',
    )
  })

  it.each([
    [-1, RangeError],
    [0.5, RangeError],
    [{ errors: -1 }, RangeError],
    [{ crashes: NaN }, RangeError],
    [{ delayMs: -1 }, RangeError],
    [null, TypeError],
    ['1', TypeError],
  ])('of %j are refused', async (retries, expected) => {
    const pool = textPool(FLAKY)

    await expect(pool.run('hang', [], { retries: retries as never })).rejects.toThrow(expected)
  })
})
