import { CachedIds, reseed } from '@cupola/ids'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'
import { eventLoopTurn } from '../../../test/until.ts'
import { untyped } from '../../../test/untyped.ts'

/** Counts from 0, and knows how often it was asked. */
class Counter {
  made = 0
  readonly next = (): number => this.made++
}

describe('CachedIds.next()', () => {
  it('makes one on the spot when none is there', () => {
    const counter = new Counter()

    expect(new CachedIds(counter.next).next()).toBe(0)
    expect(counter.made).toBe(1)
  })

  it('has more made in the turns that follow, a batch in each, until it is full', async () => {
    const ids = new CachedIds(new Counter().next, { capacity: 10, batch: 4 })
    ids.next()

    const sizes: number[] = []
    for (let turn = 0; turn < 4; turn++) {
      await eventLoopTurn()
      sizes.push(ids.size)
    }

    expect(sizes).toEqual([4, 8, 10, 10])
  })

  it('makes nothing more while enough is there', async () => {
    const counter = new Counter()
    const ids = new CachedIds(counter.next, { capacity: 10, lowWater: 3 })
    ids.fill()

    ids.take(6)
    await eventLoopTurn()
    expect(counter.made).toBe(10)
    ids.take(2)
    await eventLoopTurn()

    expect(counter.made).toBe(18)
  })

  it('gives ids in the order they were made, wherever they were made', async () => {
    const ids = new CachedIds(new Counter().next, { capacity: 5, batch: 2 })
    const given: number[] = []

    for (let turn = 0; turn < 50; turn++) {
      given.push(...ids.take(turn % 9))
      await eventLoopTurn()
    }

    expect(given).toEqual([...given.keys()])
  })

  it('throws what the generator throws when none is there, and tries again then', async () => {
    let failing = true
    const ids = new CachedIds(() => {
      if (failing) throw new Error('no entropy')
      return 'id'
    })

    expect(() => ids.next()).toThrow('no entropy')
    await eventLoopTurn()
    expect(() => ids.next()).toThrow('no entropy')
    failing = false

    expect(ids.next()).toBe('id')
  })

  it('forgets what was made before a reseed, and what a turn had begun', async () => {
    const ids = new CachedIds(new Counter().next, { capacity: 10 })
    ids.fill()

    reseed()

    expect(ids.size).toBe(0)
    expect(ids.next()).toBe(10)
    reseed()
    await eventLoopTurn()
    expect(ids.next()).toBe(11)
  })
})

describe('CachedIds.take()', () => {
  // What CUP’s own tests ask of its CachedUUID with a cache of 100.
  it.each([0, 1, 99, 100, 101, 102])('gives %s, whatever is there', (count) => {
    const ids = new CachedIds(new Counter().next)
    ids.fill()

    expect(ids.take(count)).toEqual(Array.from({ length: count }, (_, index) => index))
  })

  it.each([
    [-1, RangeError, 'got -1, expected an integer from 0 to 16777216'],
    [1.5, RangeError, 'got 1.5, expected an integer from 0 to 16777216'],
    [Infinity, RangeError, 'got Infinity, expected an integer from 0 to 16777216'],
    [Number.NaN, RangeError, 'got NaN, expected an integer from 0 to 16777216'],
    [2 ** 24 + 1, RangeError, 'got 16777217, expected an integer from 0 to 16777216'],
    ['1', TypeError, 'got string, expected a number'],
    [undefined, TypeError, 'got undefined, expected a number'],
  ])('refuses %o', (count, kind, message) => {
    const ids = new CachedIds(new Counter().next)

    expect(() => ids.take(untyped(count))).toThrow(new kind(`Cannot use count: ${message}`))
  })
})

describe('CachedIds', () => {
  it('keeps no process alive', async () => {
    const program = new URL('fixtures/leave-cached-ids.ts', import.meta.url)

    expect(await runProgram(program)).toEqual({ code: 0, stdout: 'ended early\n', stderr: '' })
  })

  it.each([
    [undefined, 'undefined'],
    [5, 'number'],
    [{}, 'object'],
  ])('is not made with %o for a function', (make, got) => {
    expect(() => new CachedIds(untyped(make))).toThrow(
      new TypeError(`Cannot use make: got ${got}, expected a function`),
    )
  })

  const upTo = 'expected an integer from 1 to 16777216'

  it.each([
    [{ capacity: 0 }, RangeError, `capacity: got 0, ${upTo}`],
    [{ capacity: -1 }, RangeError, `capacity: got -1, ${upTo}`],
    [{ capacity: 1.5 }, RangeError, `capacity: got 1.5, ${upTo}`],
    [{ capacity: Number.NaN }, RangeError, `capacity: got NaN, ${upTo}`],
    [{ capacity: Infinity }, RangeError, `capacity: got Infinity, ${upTo}`],
    [{ capacity: 2 ** 24 + 1 }, RangeError, `capacity: got 16777217, ${upTo}`],
    [{ capacity: '5' }, TypeError, 'capacity: got string, expected a number'],
    [{ lowWater: -1 }, RangeError, 'lowWater: got -1, expected an integer from 0 to 100'],
    [{ lowWater: 101 }, RangeError, 'lowWater: got 101, expected an integer from 0 to 100'],
    [{ capacity: 7, lowWater: 8 }, RangeError, 'lowWater: got 8, expected an integer from 0 to 7'],
    [{ lowWater: null }, TypeError, 'lowWater: got null, expected a number'],
    [{ batch: 0 }, RangeError, `batch: got 0, ${upTo}`],
    [{ batch: 0.5 }, RangeError, `batch: got 0.5, ${upTo}`],
    [{ batch: 5n }, TypeError, 'batch: got bigint, expected a number'],
    [null, TypeError, 'options: got null, expected an object'],
    [[], TypeError, 'options: got array, expected an object'],
    [50, TypeError, 'options: got number, expected an object'],
  ])('is not made with the options %o', (options, kind, message) => {
    expect(() => new CachedIds(() => 1, untyped(options))).toThrow(
      new kind(`Cannot use ${message}`),
    )
  })
})
