import { channel, subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel'
import type { CallDiagnostics } from '@cupola/thread-pool'
import { afterEach, describe, expect, it } from 'vitest'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import { textPool, workPool } from './fixtures/pools.ts'

const undo: (() => void)[] = []
afterEach(() => {
  for (const each of undo.splice(0)) each()
})

/** The messages of a channel, until the end of the test. */
function listen(name: string): object[] {
  const heard: object[] = []
  const onMessage = (message: unknown) => heard.push(Object(message))
  subscribe(name, onMessage)
  undo.push(() => unsubscribe(name, onMessage))
  return heard
}

/** What happens on the tracing channel of the calls, until the end of the test. */
function trace(): (CallDiagnostics & { event: string; result?: unknown; error?: unknown })[] {
  const heard: ReturnType<typeof trace> = []
  const on = (event: string) => (message: object) =>
    heard.push({ ...(message as CallDiagnostics), event })
  const subscribers = {
    start: on('start'),
    end: on('end'),
    asyncStart: on('asyncStart'),
    asyncEnd: on('asyncEnd'),
    error: on('error'),
  }
  const calls = tracingChannel<unknown, CallDiagnostics>('cupola:thread-pool:call')
  calls.subscribe(subscribers)
  undo.push(() => calls.unsubscribe(subscribers))
  return heard
}

describe('the tracing channel cupola:thread-pool:call', () => {
  it('tells when a call is made and when it has returned', async () => {
    const heard = trace()
    const pool = workPool({ maxThreads: 1 })

    await expect(pool.run('add', [1, 2])).resolves.toBe(3)

    const call = { pool, name: 'add', args: [1, 2] }
    expect(heard.map(({ event }) => event)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd'])
    expect(heard[0]).toMatchObject({ ...call, moduleUrl: expect.stringMatching(/work\.ts$/) })
    expect(heard.at(-1)).toMatchObject({ ...call, result: 3 })
  })

  it('tells why a call failed', async () => {
    const heard = trace()
    const pool = textPool('export function fail() { throw new RangeError("failed") }')

    const error = await errorOf(pool.run('fail', []))

    expect(error).toBeInstanceOf(RangeError)
    expect(heard.find(({ event }) => event === 'error')?.error).toBe(error)
  })

  it('hears nothing of a call made before it was subscribed to', async () => {
    const pool = workPool({ maxThreads: 1 })
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])

    const heard = trace()
    gate.open()
    await held

    expect(heard).toEqual([])
  })
})

describe('the channels of node:diagnostics_channel', () => {
  it('tell of threads', async () => {
    const starts = listen('cupola:thread-pool:threadStart')
    const exits = listen('cupola:thread-pool:threadExit')
    const pool = workPool({ maxThreads: 1 })

    const threadId = await pool.run('whichThread', [])
    await pool.close()

    expect(starts).toEqual([{ pool, moduleUrl: expect.any(String), threadId }])
    expect(exits).toMatchObject([{ pool, error: undefined }])
  })

  it('tell of interrupted calls', async () => {
    const interrupts = listen('cupola:thread-pool:interrupt')
    const pool = workPool({ maxThreads: 1 })
    const gate = new ThreadGate()
    const controller = new AbortController()
    const call = reasonOf(pool.run('hold', [gate.buffer], { signal: controller.signal }))
    await until(() => gate.entered === 1)

    controller.abort()
    await call
    await until(() => interrupts.length === 1)

    expect(interrupts).toMatchObject([{ pool, name: 'hold', stage: 'execution', survived: true }])
  })

  it('tell of recycled threads', async () => {
    const recycled = listen('cupola:thread-pool:recycle')
    const pool = workPool({ maxThreads: 1, recycle: { calls: 1 } })

    await pool.run('add', [1, 2])

    expect(recycled).toMatchObject([{ pool, reason: 'calls' }])
  })

  it('tell of a broken pool', async () => {
    const broken = listen('cupola:thread-pool:broken')
    const pool = textPool('throw new Error("no")')

    await errorOf(pool.run('work', []))

    expect(broken).toMatchObject([{ pool, error: { code: 'ERR_BROKEN' } }])
  })

  it('lose no call when a subscriber throws', async () => {
    const uncaught: unknown[] = []
    const onUncaught = (error: unknown) => uncaught.push(error)
    const previous = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException').on('uncaughtException', onUncaught)
    const thrower = () => {
      throw new Error('subscriber')
    }
    subscribe('cupola:thread-pool:threadStart', thrower)
    const pool = workPool({ maxThreads: 1 })
    try {
      await expect(pool.run('add', [1, 2])).resolves.toBe(3)
      await until(() => uncaught.length === 1)
    } finally {
      unsubscribe('cupola:thread-pool:threadStart', thrower)
      process.removeAllListeners('uncaughtException')
      for (const listener of previous) process.on('uncaughtException', listener)
    }

    expect(channel('cupola:thread-pool:threadStart').hasSubscribers).toBe(false)
  })
})
