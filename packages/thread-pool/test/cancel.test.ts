import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import { Log } from './fixtures/log.ts'
import { textPool, workPool } from './fixtures/pools.ts'

const reason = { why: 'no longer wanted' }

function listeners(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length
}

describe('a signal', () => {
  it('that has aborted already rejects the call with its reason and starts nothing', async () => {
    const pool = workPool()

    const rejected = pool.run('add', [1, 2], { signal: AbortSignal.abort(reason) })

    await expect(reasonOf(rejected)).resolves.toBe(reason)
    expect(pool.stats()).toMatchObject({ started: 0, cancelled: 0, queued: 0 })
  })

  it('gives up a call that waits in the pool', async () => {
    const pool = workPool()
    const controller = new AbortController()
    const log = new Log()

    const call = pool.run('note', [log.buffer, 1], { signal: controller.signal })
    controller.abort(reason)

    await expect(reasonOf(call)).resolves.toBe(reason)
    expect(pool.stats()).toMatchObject({ queued: 0, cancelled: 1 })
    await pool.run('note', [log.buffer, 2])
    expect(log.entries).toEqual([2])
  })

  it('gives up a call that waits ahead of a thread, which lives on', async () => {
    const pool = workPool({ maxThreads: 1 })
    const controller = new AbortController()
    const [gate, log] = [new ThreadGate(), new Log()]
    const held = pool.run('hold', [gate.buffer])
    const call = pool.run('note', [log.buffer, 1], { signal: controller.signal })
    const behind = pool.run('note', [log.buffer, 2])
    await until(() => gate.entered === 1)

    controller.abort(reason)

    await expect(reasonOf(call)).resolves.toBe(reason)
    gate.open()
    await Promise.all([held, behind])
    expect(log.entries).toEqual([2])
    expect(pool.stats()).toMatchObject({ started: 1, crashed: 0, cancelled: 1, completed: 2 })
  })

  it.each([
    { name: 'hold', stage: 'execution', started: 1 },
    { name: 'spin', stage: 'execution', started: 1 },
    { name: 'holdAsync', stage: 'thread', started: 2 },
    { name: 'awaitForEver', stage: 'thread', started: 2 },
  ] as const)(
    'ends a call inside $name by its $stage; those behind it run in order',
    async ({ name, stage, started }) => {
      const pool = workPool({ maxThreads: 1 })
      const controller = new AbortController()
      const [gate, log] = [new ThreadGate(), new Log()]
      const before = pool.run('note', [log.buffer, 1])
      const call = pool.run(name, [gate.buffer], { signal: controller.signal })
      const behind = [2, 3].map(async (value) => await pool.run('note', [log.buffer, value]))
      await until(() => gate.entered === 1)

      controller.abort(reason)

      await expect(reasonOf(call)).resolves.toBe(reason)
      await expect(Promise.all([before, ...behind])).resolves.toEqual([1, 2, 3])
      expect(log.entries).toEqual([1, 2, 3])
      expect(pool.stats()).toMatchObject({ started, crashed: 0, cancelled: 1, failed: 0 })
      expect(pool.stats().interrupted[stage]).toBe(1)
    },
  )

  it('does nothing when the call has settled', async () => {
    const pool = workPool({ maxThreads: 1 })
    const controller = new AbortController()
    await pool.run('add', [1, 2], { signal: controller.signal })

    controller.abort(reason)

    await expect(pool.run('add', [3, 4])).resolves.toBe(7)
    expect(pool.stats()).toMatchObject({ started: 1, completed: 2, cancelled: 0 })
  })

  it('gives up every call that has it', async () => {
    const pool = workPool({ maxThreads: 2 })
    const { signal, abort } = controllerOf()
    const gate = new ThreadGate()
    const calls = Array.from(
      { length: 200 },
      async () => await reasonOf(pool.run('hold', [gate.buffer], { signal })),
    )
    await until(() => gate.entered === 2)

    abort(reason)

    expect(new Set(await Promise.all(calls))).toEqual(new Set([reason]))
    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
    expect(gate.entered).toBe(2)
  })

  it('without a reason of its own rejects with the AbortError of the platform', async () => {
    const pool = workPool()
    const controller = new AbortController()
    const call = pool.run('add', [1, 2], { signal: controller.signal })

    controller.abort()

    await expect(errorOf(call)).resolves.toMatchObject({ name: 'AbortError' })
  })
})

describe('the listener on a signal', () => {
  it('is there while the call is open', async () => {
    const pool = workPool()
    const { signal } = new AbortController()

    const call = pool.run('add', [1, 2], { signal })
    expect(listeners(signal)).toBe(1)
    await call

    expect(listeners(signal)).toBe(0)
  })

  it('is gone when the call throws', async () => {
    const pool = textPool('export function fail() { throw new Error("failed") }')
    const { signal } = new AbortController()

    await expect(pool.run('fail', [], { signal })).rejects.toThrow('failed')

    expect(listeners(signal)).toBe(0)
  })

  it('is gone when the call is given up', async () => {
    const pool = workPool()
    const controller = new AbortController()
    const call = pool.run('add', [1, 2], { signal: controller.signal })

    controller.abort(reason)
    await expect(reasonOf(call)).resolves.toBe(reason)

    expect(listeners(controller.signal)).toBe(0)
  })

  it('is gone when the thread dies', async () => {
    const pool = textPool('export function exit() { process.exit(3) }')
    const { signal } = new AbortController()

    await expect(pool.run('exit', [], { signal })).rejects.toThrow('exit code 3')

    expect(listeners(signal)).toBe(0)
  })

  it('is gone when an argument cannot be cloned', async () => {
    const pool = workPool()
    const { signal } = new AbortController()

    await errorOf(pool.run('echo', [() => {}], { signal }))

    expect(listeners(signal)).toBe(0)
  })

  it('is gone when the module does not load', async () => {
    const pool = textPool('throw new Error("no")')
    const { signal } = new AbortController()

    await errorOf(pool.run('anything', [], { signal }))

    expect(listeners(signal)).toBe(0)
  })

  it('is gone when the pool is terminated', async () => {
    const pool = workPool()
    const { signal } = new AbortController()
    const call = reasonOf(pool.run('add', [1, 2], { signal }))

    await pool.terminate(reason)

    await expect(call).resolves.toBe(reason)
    expect(listeners(signal)).toBe(0)
  })

  it('is never added when the call is refused', async () => {
    const pool = workPool({ maxThreads: 1, queueCapacity: 0 })
    const { signal } = new AbortController()
    const call = pool.run('add', [1, 2])

    await errorOf(pool.run('add', [1, 2], { signal }))
    await errorOf(pool.run('add', [1, 2], { signal, timeout: 0 }))

    expect(listeners(signal)).toBe(0)
    await call
  })
})

function controllerOf(): { signal: AbortSignal; abort: (reason: unknown) => void } {
  const controller = new AbortController()
  return { signal: controller.signal, abort: (why) => controller.abort(why) }
}
