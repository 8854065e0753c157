import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../../../test/reason-of.ts'
import { textModule, type TextModule } from '../../../test/text-module.ts'
import { ThreadGate } from '../../../test/thread-gate.ts'
import { until } from '../../../test/until.ts'
import type * as Nested from './fixtures/nested.ts'
import { makeHoldShort, poolOf, sharedPool, textPool, workPool } from './fixtures/pools.ts'
import type * as Work from './fixtures/work.ts'

const shared = sharedPool<typeof Work>(new URL('./fixtures/work.ts', import.meta.url))

describe('ThreadPool.run()', () => {
  it('gives what the function returns', async () => {
    await expect(shared.run('add', [2, 3])).resolves.toBe(5)
  })

  it('awaits what an async function promises', async () => {
    await expect(shared.run('addLater', [2, 3])).resolves.toBe(5)
  })

  it('runs in another thread', async () => {
    await expect(shared.run('whichThread', [])).resolves.toBeGreaterThan(0)
  })

  it('loads the module once for each thread', async () => {
    const pool = workPool({ maxThreads: 1 })

    const counts = [await pool.run('countCalls', []), await pool.run('countCalls', [])]

    expect(counts).toEqual([1, 2])
  })

  it('passes every argument, undefined included', async () => {
    await expect(shared.run('countArguments', [1, undefined, undefined])).resolves.toBe(3)
  })

  it.each([
    { value: undefined },
    { value: null },
    { value: Number.NaN },
    { value: -0 },
    { value: 12n },
    { value: 'text' },
    { value: new Map([['key', new Set([1])]]) },
    { value: new Date(7) },
    { value: /x/gu },
    { value: new Uint8Array([1, 2]) },
    { value: { nested: [{ deep: true }] } },
  ])('carries $value there and back', async ({ value }) => {
    await expect(shared.run('echo', [value])).resolves.toEqual(value)
  })

  it('calls a function without a this', async () => {
    const pool = textPool('export function self() { return typeof this }')

    await expect(pool.run('self', [])).resolves.toBe('undefined')
  })

  it('copies the arguments when the turn ends, not before', async () => {
    const pool = workPool()
    await pool.run('echo', [0])
    const list = [1]

    const echoed = pool.run('echo', [list])
    list.push(2)

    await expect(echoed).resolves.toEqual([1, 2])
  })

  it('makes calls of one turn on several threads at once', async () => {
    const pool = workPool({ maxThreads: 2 })
    const gate = new ThreadGate()

    const held = [pool.run('hold', [gate.buffer]), pool.run('hold', [gate.buffer])]
    await until(() => gate.entered === 2)
    gate.open()

    await expect(Promise.all(held)).resolves.toEqual(['held', 'held'])
  })

  it('awaits an async function before it begins the next on that thread', async () => {
    const pool = workPool({ maxThreads: 1 })
    const gate = new ThreadGate()
    const second = new ThreadGate()

    const calls = [pool.run('holdAsync', [gate.buffer]), pool.run('hold', [second.buffer])]
    await until(() => gate.entered === 1)
    expect(second.entered).toBe(0)
    gate.open()
    await calls[0]
    await until(() => second.entered === 1)
    second.open()

    await expect(Promise.all(calls)).resolves.toEqual(['held', 'held'])
  })

  it('settles a quick call although a long one follows it in the same turn', async () => {
    const pool = workPool({ maxThreads: 1 })
    const gate = new ThreadGate()
    await Promise.all(
      Array.from({ length: 200 }, async (_, index) => await pool.run('add', [index, 1])),
    )

    const quick = Array.from({ length: 10 }, async (_, index) => await pool.run('add', [index, 1]))
    const long = pool.run('hold', [gate.buffer])

    await expect(Promise.all(quick)).resolves.toHaveLength(10)
    gate.open()
    await long
  })

  it('does so as well when the long one is of a function that is mostly quick', async () => {
    const pool = textPool(
      `export function pass(words, mostMs) { return Atomics.wait(words, 0, 0, mostMs) }`,
      { maxThreads: 1 },
    )
    const [open, shut] = [
      new Int32Array(new SharedArrayBuffer(4)),
      new Int32Array(new SharedArrayBuffer(4)),
    ]
    open[0] = 1
    const quickly = async (count: number) =>
      await Promise.all(Array.from({ length: count }, () => pool.run('pass', [open])))
    await pool.run('pass', [shut, 20])
    await quickly(10)

    const quick = quickly(10)
    const long = pool.run('pass', [shut])

    await expect(quick).resolves.toEqual(Array.from({ length: 10 }, () => 'not-equal'))
    Atomics.store(shut, 0, 1)
    Atomics.notify(shut, 0)
    await long
  })

  it('takes a path, absolute or not', async () => {
    const file = fileURLToPath(new URL('./fixtures/work.ts', import.meta.url))
    const relative = file.replace(`${process.cwd()}/`, './')

    const sums = [file, relative].map(
      async (path) => await poolOf<typeof Work>(path).run('add', [1, 1]),
    )

    await expect(Promise.all(sums)).resolves.toEqual([2, 2])
  })

  it('takes the text of a file: URL', async () => {
    const { href } = new URL('./fixtures/work.ts', import.meta.url)

    await expect(poolOf<typeof Work>(href).run('add', [1, 1])).resolves.toBe(2)
  })

  it('takes a data: URL', async () => {
    const pool = textPool('export const half = (n) => n / 2')

    await expect(pool.run('half', [8])).resolves.toBe(4)
  })

  it('finds the functions of a CommonJS module', async () => {
    const pool = poolOf<{ shout(text: string): string }>(
      new URL('./fixtures/commonjs.cjs', import.meta.url),
    )

    await expect(pool.run('shout', ['hey'])).resolves.toBe('HEY')
  })

  it('rejects with a TypeError that names the functions there are, if there is none of that name', async () => {
    const pool = textPool('export const half = (n) => n / 2; export const twice = (n) => n * 2')

    const error = await errorOf(pool.run('third', [8]))

    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toMatch(
      /^Cannot call "third": data:.* has no such function, expected one of "half", "twice"$/,
    )
  })

  it('does not take what an object has from its prototype for a function of the module', async () => {
    const pool = textPool('export const half = (n) => n / 2')

    await expect(pool.run('toString', [])).rejects.toBeInstanceOf(TypeError)
    await expect(pool.run('__proto__', [])).rejects.toBeInstanceOf(TypeError)
  })

  it('rejects with a TypeError for a module without functions', async () => {
    const pool = textPool('export const answer = 42')

    await expect(pool.run('answer', [])).rejects.toThrow(/expected one of none at all$/)
  })

  it('runs beside another pool of the same module', async () => {
    const pools = [workPool({ maxThreads: 1 }), workPool({ maxThreads: 1 })]

    const [first, second] = await Promise.all(
      pools.map(async (pool) => await pool.run('whichThread', [])),
    )

    expect(first).not.toBe(second)
  })

  it('works inside a worker thread', async () => {
    const pool = poolOf<typeof Nested>(new URL('./fixtures/nested.ts', import.meta.url))

    await expect(pool.run('addInPool', [2, 3])).resolves.toBe(5)
  })

  it('does not mind a module that uses the port every worker has', async () => {
    const pool = textPool(`
      import { parentPort } from 'node:worker_threads'
      parentPort.on('message', () => {})
      parentPort.postMessage('hello')
      export function talk() { parentPort.postMessage({ numbers: [0] }); return 'done' }`)

    await expect(pool.run('talk', [])).resolves.toBe('done')
    await expect(pool.close()).resolves.toBeUndefined()
  })

  it('does not mind a module that closes the port every worker has', async () => {
    const pool = textPool(`
      import { parentPort } from 'node:worker_threads'
      parentPort.close()
      export const answer = () => 42`)

    await expect(pool.run('answer', [])).resolves.toBe(42)
  })
})

describe('what a call returns', () => {
  const hostile = `
    const value = { x: 1 }
    export const proxy = () => new Proxy({}, {})
    export const fn = () => () => 1
    export const getter = () => ({ get x() { throw new RangeError('no x') } })
    export const symbol = () => Symbol('s')
    export const fine = () => value`
  const pool = sharedPool<TextModule>(textModule(hostile))

  it.each(['proxy', 'fn', 'symbol'])(
    'rejects with a DataCloneError if it is a %s',
    async (name) => {
      await expect(pool.run(name, [])).rejects.toMatchObject({ name: 'DataCloneError', code: 25 })
    },
  )

  it('rejects with what a getter of it throws', async () => {
    const error = await errorOf(pool.run('getter', []))

    expect(error).toBeInstanceOf(RangeError)
    expect(error.message).toBe('no x')
  })

  it('does not take the other answers of the same message with it', async () => {
    const results = await Promise.allSettled(
      ['fine', 'fine', 'proxy', 'fine', 'getter', 'fine'].map((name) => pool.run(name, [])),
    )

    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
  })
})

describe('a thenable that a call returns', () => {
  const thenables = `
    export const sync = () => ({ then(resolve) { resolve(1) } })
    export const twice = () => ({ then(resolve, reject) { resolve(1); resolve(2); reject(3) } })
    export const throws = () => ({ then() { throw new RangeError('then threw') } })
    export const resolvesAndThrows = () => ({ then(resolve) { resolve(1); throw new Error('late') } })
    export const nested = () => ({ then(resolve) { resolve({ then(inner) { inner(4) } }) } })
    export const getter = () => ({ get then() { throw new RangeError('no then') } })
    export function callable() { return Object.assign(() => {}, { then(resolve) { resolve(5) } }) }
    export const notOne = () => ({ then: 1 })`

  const pool = sharedPool<TextModule>(textModule(thenables))

  it.each([
    { name: 'sync', result: 1 },
    { name: 'twice', result: 1 },
    { name: 'resolvesAndThrows', result: 1 },
    { name: 'nested', result: 4 },
    { name: 'callable', result: 5 },
    { name: 'notOne', result: JSON.parse('{"then":1}') },
  ])('gives $result if it is $name', async ({ name, result }) => {
    await expect(pool.run(name, [])).resolves.toEqual(result)
    expect(pool.stats().crashed).toBe(0)
  })

  it.each(['throws', 'getter'])('rejects with what it throws if it %s', async (name) => {
    await expect(pool.run(name, [])).rejects.toBeInstanceOf(RangeError)
    expect(pool.stats().crashed).toBe(0)
  })
})

describe('ThreadPool.run(), its arguments', () => {
  it.each([
    { what: 'a name that is no string', args: [7, []], error: TypeError },
    { what: 'arguments that are no array', args: ['add', 'ab'], error: TypeError },
    { what: 'no arguments at all', args: ['add'], error: TypeError },
    { what: 'options that are null', args: ['add', [], null], error: TypeError },
    { what: 'a signal that is none', args: ['add', [], { signal: {} }], error: TypeError },
    { what: 'a transfer list that is none', args: ['add', [], { transfer: 1 }], error: TypeError },
    {
      what: 'a transfer list that is null',
      args: ['add', [], { transfer: null }],
      error: TypeError,
    },
    { what: 'a timeout that is a string', args: ['add', [], { timeout: '5' }], error: TypeError },
    { what: 'a negative timeout', args: ['add', [], { timeout: -1 }], error: RangeError },
    { what: 'a timeout of NaN', args: ['add', [], { timeout: Number.NaN }], error: RangeError },
  ])('rejects $what, and never throws', async ({ args, error }) => {
    const pool = workPool()
    const run: (...args: unknown[]) => Promise<unknown> = pool.run.bind(pool) as never

    const rejected = run(...args)

    await expect(rejected).rejects.toBeInstanceOf(error)
    expect(pool.stats()).toMatchObject({ queued: 0, failed: 0, started: 0 })
  })

  it('rejects a call with an argument that cannot be cloned, and no other of that turn', async () => {
    const pool = workPool({ maxThreads: 1 })
    await pool.run('echo', [0])

    const results = await Promise.allSettled([
      pool.run('echo', [1]),
      pool.run('echo', [() => 2]),
      pool.run('echo', [3]),
      pool.run('echo', [Symbol('4')]),
      pool.run('echo', [5]),
    ])

    expect(results).toMatchObject([
      { value: 1 },
      { reason: { name: 'DataCloneError' } },
      { value: 3 },
      { reason: { name: 'DataCloneError' } },
      { value: 5 },
    ])
  })

  it('keeps every place of a thread when messages to it fail', async () => {
    const pool = workPool({ maxThreads: 1 })
    await makeHoldShort(pool)
    const gate = new ThreadGate()
    const held = pool.run('hold', [gate.buffer])
    await until(() => gate.entered === 1)

    const failing = Array.from(
      { length: 200 },
      async () => await errorOf(pool.run('echo', [() => 1])),
    )
    const fine = Array.from({ length: 60 }, async (_, index) => await pool.run('echo', [index]))
    await Promise.all(failing)
    gate.open()

    await held
    await expect(Promise.all(fine)).resolves.toEqual(
      Array.from({ length: 60 }, (_, index) => index),
    )
  })

  it('survives an argument whose getter ends the pool', async () => {
    const pool = workPool({ maxThreads: 1 })
    await pool.run('echo', [0])
    const evil = {
      get x(): number {
        void pool.terminate('ended from within')
        return 1
      },
    }

    const calls = [pool.run('echo', [1]), pool.run('echo', [evil]), pool.run('echo', [2])]

    await expect(Promise.allSettled(calls)).resolves.toEqual(
      calls.map(() => ({ status: 'rejected', reason: 'ended from within' })),
    )
  })
})
