import { inspect } from 'node:util'
import {
  BrokenError,
  ClosedError,
  CupolaError,
  FullError,
  InvariantError,
  TimeoutError,
} from '@cupola/core'
import type { ThreadPool, ThreadPoolOptions } from '@cupola/thread-pool'
import { describe, expect, it } from 'vitest'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'
import { runProgram } from '../../../test/run-program.ts'
import type * as Failures from './fixtures/failures.ts'
import { DiskQuotaError, type Hostile, ManyErrors, QuotaError } from './fixtures/failures.ts'
import { poolOf, sharedPool } from './fixtures/pools.ts'

const MODULE = new URL('./fixtures/failures.ts', import.meta.url)

function failingPool(options?: ThreadPoolOptions): ThreadPool<typeof Failures> {
  return poolOf(MODULE, { maxThreads: 1, ...options })
}

/** One that knows no class of ours, and one that knows `QuotaError`. */
const plainPool = sharedPool<typeof Failures>(MODULE)
const quotaPool = sharedPool<typeof Failures>(MODULE, { errorClasses: [QuotaError] })

describe('what a call throws', () => {
  it.each([
    { name: 'Error', type: Error },
    { name: 'EvalError', type: EvalError },
    { name: 'RangeError', type: RangeError },
    { name: 'ReferenceError', type: ReferenceError },
    { name: 'SyntaxError', type: SyntaxError },
    { name: 'TypeError', type: TypeError },
    { name: 'URIError', type: URIError },
  ] as const)('stays a $name', async ({ name, type }) => {
    const error = await errorOf(plainPool.run('builtIn', [name]))

    expect(error.constructor).toBe(type)
    expect(error.name).toBe(name)
    expect(error.message).toBe(`a ${name}`)
  })

  it.each([
    { name: 'TimeoutError', type: TimeoutError, data: { code: 'ERR_TIMEOUT', timeout: 5 } },
    { name: 'ClosedError', type: ClosedError, data: { code: 'ERR_CLOSED' } },
    { name: 'BrokenError', type: BrokenError, data: { cause: new RangeError('why') } },
    { name: 'FullError', type: FullError, data: { refused: { item: 7 } } },
    { name: 'InvariantError', type: InvariantError, data: { code: 'ERR_INVARIANT' } },
  ] as const)('stays a $name of the toolkit, with its data', async ({ name, type, data }) => {
    const error = await errorOf(plainPool.run('cupola', [name]))

    expect(error).toBeInstanceOf(type)
    expect(error).toBeInstanceOf(CupolaError)
    expect(error).toMatchObject({ name, ...data })
  })

  it('keeps its class if that is registered, without running its constructor', async () => {
    const error = await errorOf(quotaPool.run('quota', []))

    expect(error.constructor).toBe(QuotaError)
    expect(error).toMatchObject({ name: 'QuotaError', message: '9 of 8', code: 'QUOTA', used: 9 })
  })

  it('gets the nearest class above its own that is registered', async () => {
    const error = await errorOf(quotaPool.run('diskQuota', []))

    expect(error.constructor).toBe(QuotaError)
    expect(error).not.toBeInstanceOf(DiskQuotaError)
  })

  it('keeps its name and properties when its class is not registered', async () => {
    const error = await errorOf(plainPool.run('quota', []))

    expect(error.constructor).toBe(Error)
    expect(error).toMatchObject({ name: 'QuotaError', message: '9 of 8', code: 'QUOTA', used: 9 })
  })

  it('keeps its class when an async function throws it', async () => {
    await expect(quotaPool.run('rejects', [])).rejects.toBeInstanceOf(QuotaError)
  })

  it('keeps what a system error tells', async () => {
    const error = await errorOf(plainPool.run('readMissing', ['/nowhere/at all']))

    expect(error).toMatchObject({
      code: 'ENOENT',
      errno: -2,
      syscall: 'open',
      path: '/nowhere/at all',
      message: "ENOENT: no such file or directory, open '/nowhere/at all'",
    })
  })

  it('keeps the members of an AggregateError', async () => {
    const error = await errorOf(quotaPool.run('aggregate', []))

    expect(error).toBeInstanceOf(AggregateError)
    const [first, second, third] = (error as AggregateError).errors
    expect(first).toBeInstanceOf(RangeError)
    expect(second).toBe('second')
    expect(third).toBeInstanceOf(QuotaError)
    expect(Object.keys(error)).toEqual([])
  })

  it('keeps a registered class that extends AggregateError', async () => {
    const error = await errorOf(failingPool({ errorClasses: [ManyErrors] }).run('manyErrors', []))

    expect(error).toBeInstanceOf(ManyErrors)
    expect((error as ManyErrors).errors).toMatchObject([{ name: 'TypeError', message: 'one' }])
  })

  it('keeps an own property called errors of any error', async () => {
    const error = await errorOf(plainPool.run('ownErrors', []))

    expect(error).toMatchObject({ errors: [expect.any(TypeError), 'no age'] })
  })

  it('keeps its chain of causes, with their classes', async () => {
    const error = await errorOf(quotaPool.run('causes', []))

    const middle = error.cause as Error
    expect(middle).toBeInstanceOf(TypeError)
    expect(middle.cause).toBeInstanceOf(QuotaError)
    expect(Object.keys(error)).not.toContain('cause')
  })

  it('describes causes from the sixteenth on', async () => {
    let cause: unknown = await errorOf(plainPool.run('deepCauses', [100_000]))
    const chain: unknown[] = []
    for (; cause instanceof Error; cause = cause.cause) chain.push(cause)

    expect(chain).toHaveLength(16)
    expect(cause).toMatch(/^Error: 99983/)
  })

  it('stays its own cause', async () => {
    const error = await errorOf(plainPool.run('selfCause', []))

    expect(error).toBeInstanceOf(RangeError)
    expect(error.cause).toBe(error)
  })

  it('stays one of many that refer to each other', async () => {
    const error = await errorOf(plainPool.run('web', [12]))

    const seventh: object = Reflect.get(error, 7)
    expect(error.message).toBe('e0')
    expect(seventh).toHaveProperty('message', 'e7')
    expect(Reflect.get(seventh, 0)).toBe(error)
  })

  it('keeps properties that can be cloned, and describes those that cannot', async () => {
    const error = await errorOf(quotaPool.run('properties', []))

    expect(error).toMatchObject({
      message: 'rich',
      fn: '[Function: fn]',
      symbol: 'Symbol(s)',
      date: new Date(7),
      list: [1, { deep: true }],
      nothing: null,
      proxy: '{}',
    })
    expect(error).toHaveProperty('nested', expect.any(QuotaError))
    expect(error).not.toHaveProperty('missing')
    expect(error).not.toHaveProperty('computed')
  })

  it('keeps a property that is not enumerable so', async () => {
    const error = await errorOf(plainPool.run('properties', []))

    expect(Object.getOwnPropertyDescriptor(error, 'hidden')).toMatchObject({
      value: 'yes',
      enumerable: false,
    })
  })

  it('keeps a name of its own', async () => {
    const error = await errorOf(plainPool.run('named', []))

    expect(error.name).toBe('CustomName')
    expect(error.constructor).toBe(Error)
  })

  it('stays a DOMException', async () => {
    const error = await errorOf(plainPool.run('domException', []))

    expect(error).toBeInstanceOf(DOMException)
    expect(error).toMatchObject({ name: 'NetworkError', code: 19, message: 'not now' })
    expect(error.stack).toContain('failures.ts')
  })

  it('becomes an error of this realm when it is one of another', async () => {
    const error = await errorOf(plainPool.run('foreign', []))

    expect(error.constructor).toBe(RangeError)
    expect(error.message).toBe('from another realm')
  })

  it.each([
    { value: undefined },
    { value: null },
    { value: 0 },
    { value: 'text' },
    { value: 12n },
    { value: { code: 'E' } },
    { value: [1, 2] },
  ])('stays $value, which is no error', async ({ value }) => {
    await expect(reasonOf(plainPool.run('throwValue', [value]))).resolves.toEqual(value)
  })

  it('is described when it is no error and cannot be cloned', async () => {
    await expect(reasonOf(plainPool.run('throwFunction', []))).resolves.toBe(
      '[Function: anonymous]',
    )
  })

  it('is undefined when an async function throws that', async () => {
    await expect(reasonOf(plainPool.run('rejectsWithNothing', []))).resolves.toBeUndefined()
  })

  it.each([
    'a message that throws',
    'a name that is no string',
    'no prototype',
    'a prototype without constructor',
    'no stack',
    'errors that are no array',
    'a trap instead of a prototype',
    'a picture that throws',
  ] satisfies Hostile[])(
    'rejects the call even if it has %s, and the thread lives on',
    async (kind) => {
      const pool = failingPool()

      const [hostile, next] = await Promise.all([
        reasonOf(pool.run('hostile', [kind])),
        reasonOf(pool.run('throwValue', ['next'])),
      ])

      expect(inspect(hostile)).toMatch(/x|object Error|something that cannot even be described/)
      expect(next).toBe('next')
      expect(pool.stats()).toMatchObject({ failed: 2, crashed: 0, started: 1 })
    },
  )
})

describe('the stack of what a call throws', () => {
  it('begins with that of the thread and ends with whoever awaits the call', async () => {
    const program = new URL('fixtures/stack-program.ts', import.meta.url)

    const { stdout } = await runProgram(program)

    const lines = stdout.split('\n')
    expect(lines[0]).toBe('RangeError: a RangeError')
    expect(lines[1]).toMatch(/^ {4}at builtIn .*failures\.ts/)
    const callers = lines.slice(lines.indexOf('    at [thread boundary]') + 1)
    expect(callers[0]).toMatch(/^ {4}at async inner .*stack-program\.ts/)
    expect(callers[1]).toMatch(/^ {4}at async outer .*stack-program\.ts/)
  })

  it('is that of the thread alone when nobody awaits the call itself', async () => {
    const error = await new Promise<Error>((resolve) => {
      plainPool.run('builtIn', ['RangeError']).catch(resolve)
    })

    expect(error.stack).toMatch(/failures\.ts/)
    expect(error.stack).not.toContain('[thread boundary]')
  })

  it('has its frames for a system error too', async () => {
    const error = await errorOf(plainPool.run('readMissing', ['/nowhere']))

    expect(error.stack).toMatch(/^Error: ENOENT: no such file or directory, open '\/nowhere'\n/)
    expect(error.stack).toMatch(/at readMissing .*failures\.ts/)
  })

  it('survives a program that changes what a stack is', async () => {
    const before = Error.prepareStackTrace
    const pool = failingPool()
    try {
      Error.prepareStackTrace = (_, frames) => frames

      const error = await errorOf(pool.run('quota', []))

      expect(error.name).toBe('QuotaError')
    } finally {
      Error.prepareStackTrace = before
    }
  })
})
