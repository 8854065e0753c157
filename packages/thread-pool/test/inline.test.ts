import { compileFunction } from 'node:vm'
import { BrokenError } from '@cupola/core'
import { inline } from '@cupola/thread-pool'
import { describe, expect, it } from 'vitest'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'
import { inlinePool } from './fixtures/pools.ts'

async function toArray<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('inline()', () => {
  it('sends functions of every form', async () => {
    const pool = inlinePool({
      arrow: (x: number) => x + 1,
      asyncArrow: async (x: number) => await Promise.resolve(x + 2),
      expression: function (x: number) {
        return x + 3
      },
      named: function other(x: number) {
        return x + 4
      },
      method(x: number) {
        return x + 5
      },
      async asyncMethod(x: number) {
        return await Promise.resolve(x + 6)
      },
      'any name': (x: number) => x + 7,
      async(x: number) {
        return x + 8
      },
      default: (x: number) => x + 9,
    })

    const results = await Promise.all([
      pool.run('arrow', [0]),
      pool.run('asyncArrow', [0]),
      pool.run('expression', [0]),
      pool.run('named', [0]),
      pool.run('method', [0]),
      pool.run('asyncMethod', [0]),
      pool.run('any name', [0]),
      pool.run('async', [0]),
      pool.run('default', [0]),
    ])

    expect(results).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('sends generators', async () => {
    const pool = inlinePool({
      *count(to: number) {
        for (let item = 0; item < to; item++) yield item
      },
      async *countLater(to: number) {
        for (let item = 0; item < to; item++) yield await Promise.resolve(item)
      },
    })

    await expect(toArray(pool.stream('count', [3]))).resolves.toEqual([0, 1, 2])
    await expect(toArray(pool.stream('countLater', [3]))).resolves.toEqual([0, 1, 2])
  })

  it('gives the functions constants', async () => {
    const factor = 3
    const table = new Map([['a', new Uint8Array([1, 2])]])
    const pool = inlinePool(
      { scale: (x: number) => x * factor, lookUp: () => table.get('a') },
      { factor, table },
    )

    await expect(pool.run('scale', [14])).resolves.toBe(42)
    await expect(pool.run('lookUp', [])).resolves.toEqual(new Uint8Array([1, 2]))
  })

  it('lets the functions call each other by name', async () => {
    const double = (x: number): number => x * 2
    const pool = inlinePool({ double, quadruple: (x: number) => double(double(x)) })

    await expect(pool.run('quadruple', [3])).resolves.toBe(12)
  })

  it('lets the functions import what Node has', async () => {
    // Not as a function of this file, in which the test runner has replaced every import.
    const text = 'return import("node:worker_threads").then(({ threadId }) => threadId)'
    const thread = compileFunction(text) as unknown as () => Promise<number>
    const pool = inlinePool({ thread })

    await expect(pool.run('thread', [])).resolves.toBeGreaterThan(0)
  })

  it('runs init before the other functions', async () => {
    const pool = inlinePool(
      {
        init: (start: number) => void Reflect.set(globalThis, 'start', start),
        get: () => Number(Reflect.get(globalThis, 'start')),
      },
      {},
      { workerOptions: { workerData: 5 } },
    )

    await expect(pool.run('get', [])).resolves.toBe(5)
  })

  it('says why a function does not find what it refers to', async () => {
    const unseen = 7
    const pool = inlinePool({ lookOut: () => unseen })

    const error = await errorOf(pool.run('lookOut', []))

    expect(error).toBeInstanceOf(ReferenceError)
    expect(error.message).toBe(
      'unseen is not defined (an inline function sees nothing of where it was written: give it as an argument or as a constant of inline())',
    )
    expect(error.stack).toContain('sees nothing of where it was written')
  })

  it.each([
    { fn: Math.max, problem: 'it is native or bound and has no text' },
    { fn: parseInt.bind(undefined), problem: 'it is native or bound and has no text' },
    { fn: class Point {}, problem: 'it is a class' },
    { fn: 7, problem: 'it is number' },
    { fn: null, problem: 'it is null' },
  ])('refuses $fn', ({ fn, problem }) => {
    expect(() => inline({ fn: fn as never })).toThrow(
      new TypeError(`Cannot inline "fn": ${problem}, expected a function with its text`),
    )
  })

  it('refuses a function whose text has no meaning elsewhere', () => {
    class Secret {
      static readonly #word = 'sesame'
      static tell(): string {
        return this.#word
      }
    }

    expect(() => inline({ tell: Secret.tell })).toThrow('its text does not stand alone')
  })

  it.each(['a b', '1st', 'class', ''])('refuses a constant that is called %o', (name) => {
    expect(() => inline({}, { [name]: 1 })).toThrow(TypeError)
  })

  it('refuses a constant that has the name of a function', () => {
    expect(() => inline({ one: () => 1 }, { one: 1 })).toThrow(TypeError)
  })

  it('refuses a constant that cannot be cloned', async () => {
    const reason = await reasonOf(Promise.resolve().then(() => inline({}, { fn: () => {} })))

    expect(reason).toMatchObject({ name: 'DataCloneError' })
  })

  it('says that a function was not there', async () => {
    const pool = inlinePool({ one: () => 1 })

    const error = await errorOf(pool.run('two' as never, []))

    expect(error).toBeInstanceOf(TypeError)
    expect(error).not.toBeInstanceOf(BrokenError)
  })
})
