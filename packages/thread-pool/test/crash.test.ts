import { BrokenError } from '@cupola/core'
import type { ThreadPoolEvents } from '@cupola/thread-pool'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../../../test/reason-of.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import { poolOf, textPool, workPool } from './fixtures/pools.ts'

const deadly = `
  export function exit(code) { process.exit(code) }
  export function exitInFinally() { try { return 'never' } finally { process.exit(4) } }
  export async function exitLater() { await null; process.exit(5) }
  export function exitIf(code) { if (code > 0) process.exit(code) }
  export function add(a, b) { return a + b }
  export function throwInTimer() {
    setTimeout(() => { throw new RangeError('out of a timer') })
    return new Promise(() => setInterval(() => {}, 1000))
  }
  export function rejectUnheard() {
    void Promise.reject(new RangeError('nobody hears'))
    return new Promise(() => setInterval(() => {}, 1000))
  }
  export function leaveBomb() { setTimeout(() => { throw new Error('bomb') }); return 'done' }
  export function fillMemory() { const all = []; for (;;) all.push(Array.from({ length: 100 }, () => ({}))) }
`

describe('a call whose thread dies', () => {
  it.each([
    { name: 'exit', args: [3], code: 3 },
    { name: 'exit', args: [0], code: 0 },
    { name: 'exitInFinally', args: [], code: 4 },
    { name: 'exitLater', args: [], code: 5 },
  ])('rejects with a BrokenError if $name($args) ended it', async ({ name, args, code }) => {
    const pool = textPool(deadly)

    const error = await errorOf(pool.run(name, args))

    expect(error).toBeInstanceOf(BrokenError)
    expect(error.message).toBe(
      `Cannot finish the call of "${name}": its thread ended with exit code ${code}`,
    )
  })

  it.each([
    { name: 'throwInTimer', why: 'out of a timer' },
    { name: 'rejectUnheard', why: 'nobody hears' },
  ])('has what was thrown outside of it as its cause: $name', async ({ name, why }) => {
    const pool = textPool(deadly)

    const error = await errorOf(pool.run(name, []))

    expect(error).toBeInstanceOf(BrokenError)
    expect(error.cause).toBeInstanceOf(RangeError)
    expect(error.cause).toHaveProperty('message', why)
  })

  it('rejects with a BrokenError when memory runs out', async () => {
    const pool = textPool(deadly, {
      maxThreads: 1,
      workerOptions: {
        resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 },
      },
    })

    const [error, sum] = await Promise.all([
      errorOf(pool.run('fillMemory', [])),
      pool.run('add', [1, 2]),
    ])

    expect(error).toBeInstanceOf(BrokenError)
    expect(error.cause).toMatchObject({ code: 'ERR_WORKER_OUT_OF_MEMORY' })
    expect(sum).toBe(3)
    expect(pool.stats()).toMatchObject({ crashed: 1, started: 2, failed: 1, completed: 1 })
  })

  it('takes no other call with it: neither those before nor those behind', async () => {
    const pool = textPool(deadly, { maxThreads: 1 })
    await pool.run('add', [0, 0])

    const before = Array.from({ length: 20 }, (_, index) => pool.run('add', [index, 0]))
    const error = errorOf(pool.run('exit', [3]))
    const behind = Array.from({ length: 20 }, (_, index) => pool.run('add', [index, 20]))

    await expect(error).resolves.toBeInstanceOf(BrokenError)
    await expect(Promise.all([...before, ...behind])).resolves.toEqual(
      Array.from({ length: 40 }, (_, index) => index),
    )
    expect(pool.stats()).toMatchObject({ crashed: 1, started: 2, failed: 1, completed: 41 })
  })

  it('takes no call with it whose answer was still waiting to be sent', async () => {
    const pool = textPool(deadly, { maxThreads: 1 })
    // Until it is taken for a short one, which no answer need be sent before.
    for (let turn = 0; turn < 5; turn++) {
      await Promise.all(Array.from({ length: 60 }, () => pool.run('exitIf', [0])))
    }

    const before = Array.from({ length: 20 }, () => pool.run('exitIf', [0]))
    const error = errorOf(pool.run('exitIf', [6]))

    await expect(Promise.all(before)).resolves.toHaveLength(20)
    await expect(error).resolves.toHaveProperty('code', 'ERR_BROKEN')
    expect(pool.stats()).toMatchObject({ completed: 320, failed: 1, crashed: 1 })
  })

  it('does not take one on another thread with it', async () => {
    const pool = workPool({ maxThreads: 2 })
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    await until(() => gate.entered === 1)
    const controller = new AbortController()
    const other = errorOf(pool.run('hold', [gate.buffer], { signal: controller.signal }))
    await until(() => gate.entered === 2)

    controller.abort()
    await other
    gate.open()

    await expect(held).resolves.toBe('held')
  })

  it('does not end the pool, however many do so in a row', async () => {
    const pool = textPool(deadly, { maxThreads: 1 })

    const errors = [1, 2, 3, 4, 5].map(async (code) => await errorOf(pool.run('exit', [code])))

    await Promise.all(errors)
    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
    expect(pool.stats()).toMatchObject({ crashed: 5, started: 6 })
  })
})

describe('a result that is nested too deeply to be read', () => {
  const deep = `
    export function nest(depth, entered) {
      let list = []
      for (let level = 0; level < depth; level++) list = [list]
      if (entered) Atomics.store(entered, 0, 1)
      return list
    }
    export function add(a, b) { return a + b }`
  const DEPTH = 8000

  it('rejects its call with a BrokenError; the pool goes on', async () => {
    const pool = textPool(deep, { maxThreads: 1 })

    const error = await errorOf(pool.run('nest', [DEPTH]))

    expect(error).toBeInstanceOf(BrokenError)
    expect(error.message).toBe(
      'Cannot finish the call of "nest": an answer of its thread was unreadable',
    )
    expect(error.cause).toBeInstanceOf(RangeError)
    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
  })

  it('does so as well when it is found while the call is given up', async () => {
    const pool = textPool(deep, { maxThreads: 1 })
    await pool.run('add', [1, 2])
    const controller = new AbortController()
    const entered = new Int32Array(new SharedArrayBuffer(4))
    const call = errorOf(pool.run('nest', [DEPTH, entered], { signal: controller.signal }))
    await new Promise((resolve) => process.nextTick(resolve))

    // The answer arrives, but the event loop does not turn before the signal aborts.
    while (Atomics.load(entered, 0) === 0);
    Atomics.wait(entered, 0, 1, 50)
    controller.abort()

    await expect(call).resolves.toBeInstanceOf(BrokenError)
    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
  })
})

describe('a thread that dies with no call', () => {
  it('is replaced when there are calls, and tells of it', async () => {
    const pool = textPool(deadly, { maxThreads: 1 })
    const exits: ThreadPoolEvents['threadExit'][] = []
    pool.on('threadExit', (event) => exits.push(event))

    await pool.run('leaveBomb', [])
    await until(() => exits.length === 1)

    expect(exits[0]?.error).toBeInstanceOf(BrokenError)
    expect(exits[0]?.error?.cause).toHaveProperty('message', 'bomb')
    await expect(pool.run('add', [1, 2])).resolves.toBe(3)
    expect(pool.stats()).toMatchObject({ crashed: 1, failed: 0 })
  })

  it('is replaced up to minThreads without any call', async () => {
    const pool = textPool(deadly, { minThreads: 1, maxThreads: 1 })
    await pool.run('leaveBomb', [])

    await until(() => pool.stats().started === 2 && pool.stats().idle === 1)

    expect(pool.stats()).toMatchObject({ threads: 1, crashed: 1 })
  })
})

describe('a worker module that does not load', () => {
  const missing = new URL('./fixtures/there-is-none.ts', import.meta.url)

  it('fails every call with an error that names it and says why', async () => {
    const pool = poolOf<Record<string, () => void>>(missing, { maxThreads: 2 })

    const errors = await Promise.all(
      Array.from({ length: 10 }, async () => await errorOf(pool.run('work', []))),
    )

    for (const error of errors) {
      expect(error).toBeInstanceOf(BrokenError)
      expect(error.message).toBe(
        `Cannot call "work": its worker module ${missing.href} does not load`,
      )
      expect(error.cause).toMatchObject({ code: 'ERR_MODULE_NOT_FOUND' })
    }
    expect(pool.stats().started).toBeLessThanOrEqual(2)
  })

  it('is not tried again for a later call', async () => {
    const pool = poolOf<Record<string, () => void>>(missing, { maxThreads: 1 })

    await errorOf(pool.run('work', []))
    const later = await errorOf(pool.run('work', []))

    expect(later).toBeInstanceOf(BrokenError)
    expect(pool.stats()).toMatchObject({ started: 1, crashed: 1, failed: 2 })
  })

  it.each([
    { what: 'a syntax error', source: 'export const = 1', cause: SyntaxError },
    { what: 'a throw', source: 'throw new RangeError("at import")', cause: RangeError },
    {
      what: 'an import that is missing',
      source: 'import { nothing } from "node:os"',
      cause: SyntaxError,
    },
    { what: 'a package that is missing', source: 'import "no-such-package"', cause: Error },
  ])('has $what as the cause', async ({ source, cause }) => {
    const pool = textPool(source, { maxThreads: 1 })

    const error = await errorOf(pool.run('work', []))

    expect(error).toBeInstanceOf(BrokenError)
    expect(error.message).toMatch(/does not load$/)
    expect(error.cause).toBeInstanceOf(cause)
    expect(pool.stats()).toMatchObject({ started: 1, crashed: 1, threads: 0 })
  })

  it.each([
    { what: 'exits', source: 'process.exit(7)', says: /exit code 7 while it loaded data:/ },
    {
      what: 'awaits what never comes',
      source: 'await new Promise(() => {})',
      says: /exit code \d+ while it loaded data:/,
    },
  ])('is told of when it $what', async ({ source, says }) => {
    const pool = textPool(source, { maxThreads: 1 })

    const error = await errorOf(pool.run('work', []))

    expect(error).toBeInstanceOf(BrokenError)
    expect(error.message).toMatch(says)
    expect(pool.stats()).toMatchObject({ started: 1, crashed: 1 })
  })

  it('fails with minThreads as well, without any call', async () => {
    const pool = textPool('throw new Error("no")', { minThreads: 2, maxThreads: 2 })

    await until(() => pool.stats().threads === 0)

    expect(pool.stats()).toMatchObject({ started: 2, crashed: 2 })
    await expect(pool.run('work', [])).rejects.toBeInstanceOf(BrokenError)
  })

  it('does not end a pool that has a thread in which it did load', async () => {
    const flag = new Int32Array(new SharedArrayBuffer(4))
    const pool = textPool(
      `import { workerData } from 'node:worker_threads'
       if (Atomics.add(workerData, 0, 1) === 1) throw new Error('the second one fails')
       export const add = (a, b) => a + b
       export const exit = () => process.exit(1)`,
      { maxThreads: 2, workerOptions: { workerData: flag } },
    )
    await pool.run('add', [1, 2])
    const sums = Array.from({ length: 10 }, (_, index) => pool.run('add', [index, 0]))
    await Promise.all(sums)
    await until(() => pool.stats().crashed === 1)

    await errorOf(pool.run('exit', []))

    await expect(pool.run('add', [3, 4])).resolves.toBe(7)
  })
})

describe('a worker module whose threads die before they begin a call', () => {
  it('fails every call after the third, instead of loading it for ever', async () => {
    const pool = textPool(
      // It has loaded when it listens for calls.
      `setImmediate(function look() {
         if (process.getActiveResourcesInfo().includes('MessagePort')) process.exit(9)
         setImmediate(look)
       })
       export const work = () => 'worked'`,
      { minThreads: 1, maxThreads: 1 },
    )

    await until(() => pool.stats().crashed === 3)

    const error = await errorOf(pool.run('work', []))
    expect(error).toBeInstanceOf(BrokenError)
    expect(error.message).toBe(
      'Cannot call "work": its threads end before they begin a call; ' +
        'of the last, its thread ended with exit code 9',
    )
    expect(pool.stats()).toMatchObject({ started: 3, threads: 0 })
  })
})

describe('a thread that cannot be started', () => {
  it('fails every call with the reason', async () => {
    const pool = workPool({ workerOptions: { execArgv: ['--no-such-flag'] } })

    const error = await errorOf(pool.run('add', [1, 2]))

    expect(error).toBeInstanceOf(BrokenError)
    expect(error.message).toBe('Cannot call "add": no thread can be started')
    expect(error.cause).toMatchObject({ code: 'ERR_WORKER_INVALID_EXEC_ARGV' })
  })
})
