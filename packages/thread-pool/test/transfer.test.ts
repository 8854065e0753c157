import { once } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { BrokenError } from '@cupola/core'
import { describe, expect, it } from 'vitest'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import { textPool, workPool } from './fixtures/pools.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

/** A thread that seems idle, but will not hear of a call until a gate opens. */
const DOZING = `
  export function doze(gate, andDie) {
    const words = new Int32Array(gate)
    setImmediate(() => {
      Atomics.add(words, 0, 1)
      Atomics.wait(words, 1, 0)
      if (andDie) process.exit(1)
    })
  }
  export function sizeOf(buffer) { return buffer.byteLength }`

describe('transfer', () => {
  it('moves an ArrayBuffer', async () => {
    const pool = workPool()
    const buffer = new ArrayBuffer(1024)

    await expect(pool.run('sizeOf', [buffer], { transfer: [buffer] })).resolves.toBe(1024)

    expect(buffer.byteLength).toBe(0)
  })

  it('moves a MessagePort', async () => {
    const pool = textPool('export function greet(port) { port.postMessage("hello"); port.close() }')
    const { port1, port2 } = new MessageChannel()
    const greeted = once(port1, 'message')

    await pool.run('greet', [port2], { transfer: [port2] })

    await expect(greeted).resolves.toEqual(['hello'])
    port1.close()
  })

  it('leaves alone what is not listed', async () => {
    const pool = workPool()
    const buffer = new ArrayBuffer(1024)

    await expect(pool.run('sizeOf', [buffer])).resolves.toBe(1024)

    expect(buffer.byteLength).toBe(1024)
  })

  it('moves the buffers of many calls of one turn', async () => {
    const pool = workPool({ maxThreads: 2 })
    const buffers = upTo(200).map((size) => new ArrayBuffer(size))

    const sizes = buffers.map(
      async (buffer) => await pool.run('sizeOf', [buffer], { transfer: [buffer] }),
    )

    await expect(Promise.all(sizes)).resolves.toEqual(upTo(200))
    expect(pool.stats()).toMatchObject({ completed: 200, failed: 0 })
  })

  it('keeps the buffers here until a thread can begin, whatever threads die meanwhile', async () => {
    const pool = textPool(
      `export function sizeOf(buffer) { return buffer.byteLength }
       export function exit() { process.exit(1) }`,
      { maxThreads: 2 },
    )

    const calls = upTo(60).map(async (size) => {
      const buffer = new ArrayBuffer(size)
      if (size % 10 === 5) return (await errorOf(pool.run('exit', []))) instanceof BrokenError
      return await pool.run('sizeOf', [buffer], { transfer: [buffer] })
    })

    await expect(Promise.all(calls)).resolves.toEqual(
      upTo(60).map((size) => size % 10 === 5 || size),
    )
  })

  it('does not send a call ahead to a busy thread, so that any other can still take it', async () => {
    const pool = workPool({ minThreads: 2, maxThreads: 2 })
    await pool.resize({})
    const [long, longer] = [new ThreadGate(), new ThreadGate()]
    const held = [long, longer].map(async (gate) => await pool.run('hold', [gate.buffer]))
    await until(() => long.entered + longer.entered === 2)
    const buffer = new ArrayBuffer(8)
    const moved = pool.run('sizeOf', [buffer], { transfer: [buffer] })
    await pool.run('add', [1, 2], { signal: AbortSignal.abort() }).catch(() => {})
    expect(buffer.byteLength).toBe(8)

    longer.open()

    await expect(moved).resolves.toBe(8)
    long.open()
    await Promise.all(held)
  })

  it('leaves the buffer here when the call is given up before it was sent', async () => {
    const pool = workPool({ maxThreads: 1 })
    const gate = new ThreadGate()
    const controller = new AbortController()
    const buffer = new ArrayBuffer(8)
    const held = pool.run('hold', [gate.buffer])
    const options = { transfer: [buffer], signal: controller.signal }
    const moved = reasonOf(pool.run('sizeOf', [buffer], options))
    await until(() => gate.entered === 1)

    controller.abort('given up')

    await expect(moved).resolves.toBe('given up')
    expect(buffer.byteLength).toBe(8)
    gate.open()
    await held
  })

  it('fails with its thread when that dies before the call begins; others run elsewhere', async () => {
    const pool = textPool(DOZING, { maxThreads: 1 })
    const gate = new ThreadGate()
    const buffer = new ArrayBuffer(8)
    await pool.run('doze', [gate.buffer, 'and die'])
    await until(() => gate.entered === 1)

    const moved = errorOf(pool.run('sizeOf', [buffer], { transfer: [buffer] }))
    const behind = [1, 2, 3].map(async (size) => await pool.run('sizeOf', [new ArrayBuffer(size)]))
    await until(() => buffer.byteLength === 0)
    gate.open()

    await expect(moved).resolves.toBeInstanceOf(BrokenError)
    await expect(Promise.all(behind)).resolves.toEqual([1, 2, 3])
  })

  it('lets a thread that is to leave end when its call is given up before it begins', async () => {
    const pool = textPool(DOZING, { minThreads: 2, maxThreads: 2 })
    await pool.resize({})
    const gates = [new ThreadGate(), new ThreadGate()]
    const controllers = [new AbortController(), new AbortController()]
    await Promise.all(gates.map(async ({ buffer }) => await pool.run('doze', [buffer])))
    await until(() => gates.every((gate) => gate.entered === 1))
    const moved = controllers.map(async ({ signal }) => {
      const buffer = new ArrayBuffer(8)
      return await reasonOf(pool.run('sizeOf', [buffer], { transfer: [buffer], signal }))
    })
    await until(() => pool.stats().working === 2)

    const resized = pool.resize({ minThreads: 1, maxThreads: 1 })
    for (const controller of controllers) controller.abort('given up')
    await resized

    await expect(Promise.all(moved)).resolves.toEqual(['given up', 'given up'])
    expect(pool.stats()).toMatchObject({ threads: 1, idle: 1, crashed: 0 })
    for (const gate of gates) gate.open()
  })

  it('rejects the second of two calls of one turn that move the same buffer', async () => {
    const pool = workPool({ maxThreads: 1 })
    const buffer = new ArrayBuffer(8)
    const options = { transfer: [buffer] }

    const [first, second] = await Promise.allSettled([
      pool.run('sizeOf', [buffer], options),
      pool.run('sizeOf', [buffer], options),
    ])

    expect(first).toEqual({ status: 'fulfilled', value: 8 })
    expect(second).toMatchObject({ status: 'rejected', reason: { name: 'DataCloneError' } })
  })

  it('rejects a call whose list cannot be moved, and no other of that turn', async () => {
    const pool = workPool({ maxThreads: 1 })
    const shared = new SharedArrayBuffer(8)

    const results = await Promise.allSettled([
      pool.run('add', [1, 2]),
      pool.run('echo', [shared], { transfer: [shared as never] }),
      pool.run('echo', [1], { transfer: [7 as never] }),
      pool.run('add', [3, 4]),
    ])

    expect(results).toMatchObject([
      { value: 3 },
      { reason: expect.any(Error) },
      { reason: expect.any(Error) },
      { value: 7 },
    ])
  })
})
