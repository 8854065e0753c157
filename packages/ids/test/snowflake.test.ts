import { BrokenError, FullError, TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { Snowflake } from '@cupola/ids'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { errorOf } from '../../../test/reason-of.ts'
import { eventLoopTurn } from '../../../test/until.ts'
import { untyped } from '../../../test/untyped.ts'
import { badWaits } from './fixtures/bad-waits.ts'

const leaks = expectNoLeaks()

/** Two ids in a millisecond, of an epoch that is 0, and the clock at 1000. */
function small(options = {}): { ids: Snowflake; clock: VirtualClock } {
  const clock = new VirtualClock({ wall: 1000 })
  const tiny = { node: 1, nodeBits: 1, sequenceBits: 1, epoch: 0, maxAheadMs: 2 }
  return { clock, ids: new Snowflake({ ...tiny, clock, ...options }) }
}

/** When an id is said to be made, and its place there, as one number with a fraction. */
function when(ids: Snowflake, id: bigint): number {
  const { timestamp, sequence } = ids.parse(id)
  return timestamp + sequence / 10
}

function take(ids: Snowflake, count: number): number[] {
  return Array.from({ length: count }, () => when(ids, ids.next()))
}

const tooFar = new FullError(
  'give the next id',
  'it would be more than 2 ms ahead of the clock',
  undefined,
)

describe('Snowflake.next()', () => {
  it('is time, node and sequence, from the highest bit on', () => {
    const clock = new VirtualClock({ wall: 1_735_689_600_005 })
    const ids = new Snowflake({ node: 3, clock })

    expect([ids.next(), ids.next()]).toEqual([
      (5n << 22n) | (3n << 12n),
      (5n << 22n) | (3n << 12n) | 1n,
    ])
  })

  it('begins the sequence anew with each millisecond', async () => {
    const { ids, clock } = small()
    const before = take(ids, 2)

    await clock.advance(7)

    expect([...before, ...take(ids, 1)]).toEqual([1000, 1000.1, 1007])
  })

  it('takes the next millisecond’s when this one’s are used up', () => {
    expect(take(small().ids, 6)).toEqual([1000, 1000.1, 1001, 1001.1, 1002, 1002.1])
  })

  it('refuses to be further ahead of the clock than allowed', async () => {
    const { ids, clock } = small()
    take(ids, 6)

    expect(() => ids.next()).toThrow(tooFar)
    await clock.advance(1)

    expect(take(ids, 2)).toEqual([1003, 1003.1])
    expect(() => ids.next()).toThrow(tooFar)
  })

  it('owes nothing any more once the clock has caught up', async () => {
    const { ids, clock } = small()
    take(ids, 6)

    await clock.advance(50)

    expect(take(ids, 1)).toEqual([1050])
  })

  it('goes on with its time when the clock steps back, as far as allowed', () => {
    const { ids, clock } = small()
    take(ids, 1)

    clock.setWall(999)

    expect(take(ids, 3)).toEqual([1000.1, 1001, 1001.1])
    expect(() => ids.next()).toThrow(tooFar)
  })

  it('waits for the clock after a step back, if it is told to', async () => {
    const { ids, clock } = small({ whenClockStepsBack: 'wait' })
    take(ids, 1)

    clock.setWall(999)
    expect(() => ids.next()).toThrow(
      new FullError('give the next id', 'the clock has stepped back', undefined),
    )
    await clock.advance(1)

    expect(take(ids, 1)).toEqual([1000.1])
  })

  it('may borrow from the clock also where it waits for steps back', () => {
    expect(take(small({ whenClockStepsBack: 'wait' }).ids, 6).at(-1)).toBe(1002.1)
  })

  it('is greater than the last of an earlier run, whose clock was ahead', () => {
    const { ids } = small()
    const last = take(ids, 3) && ids.next()

    const { ids: next } = small({ after: last })

    expect(when(next, next.next())).toBe(1002)
  })

  it('refuses after an earlier run that was too far ahead', () => {
    const earlier = small()
    earlier.clock.setWall(5000)
    const after = earlier.ids.next()

    const { ids } = small({ after })

    expect(() => ids.next()).toThrow(tooFar)
  })

  it('gets greater and stays within its bound, whatever the clock does', () => {
    const walls = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 200 })
    const policy = fc.constantFrom('go-on' as const, 'wait' as const)
    fc.assert(
      fc.property(walls, policy, (times, whenClockStepsBack) => {
        const { ids, clock } = small({ whenClockStepsBack })
        let last = -1n
        for (const wall of times) {
          clock.setWall(wall)
          const id = idOrUndefined(ids)
          if (id === undefined) continue
          expect(id).toBeGreaterThan(last)
          expect(ids.parse(id).timestamp).toBeLessThanOrEqual(wall + 2)
          last = id
        }
      }),
    )
  })

  it('refuses before the epoch, as there is no such time', () => {
    const { ids } = small({ epoch: 1001 })

    expect(() => ids.next()).toThrow(
      new BrokenError('give the next id', 'the clock is before the epoch 1001'),
    )
  })

  it('refuses when the bits of the time are used up', () => {
    const { ids, clock } = small({ nodeBits: 22, sequenceBits: 22 })
    clock.setWall(2 ** 19 - 1)
    expect(ids.parse(ids.next()).timestamp).toBe(2 ** 19 - 1)

    clock.setWall(2 ** 19)

    expect(() => ids.next()).toThrow(
      new FullError('give the next id', 'the bits of the time are used up', undefined),
    )
  })

  it('has room for 4,096 in a millisecond by default', () => {
    const ids = new Snowflake({ node: 0, clock: new VirtualClock({ wall: 1.8e12 }) })

    const made = Array.from({ length: 4097 }, () => ids.parse(ids.next()))

    expect(made.at(-2)).toEqual({ timestamp: 1.8e12, node: 0, sequence: 4095 })
    expect(made.at(-1)).toEqual({ timestamp: 1.8e12 + 1, node: 0, sequence: 0 })
  })
})

describe('Snowflake.nextText()', () => {
  it('is in decimal digits', () => {
    const clock = new VirtualClock({ wall: 1_735_689_600_001 })

    expect(new Snowflake({ node: 0, clock }).nextText()).toBe('4194304')
  })
})

describe('Snowflake.acquire()', () => {
  it('is next() while there is room', async () => {
    const { ids, clock } = small()

    expect(when(ids, await ids.acquire())).toBe(1000)
    expect(clock.pending).toBe(0)
  })

  it('waits for the clock, in the order of the calls, with one timer for all', async () => {
    const { ids, clock } = small()
    take(ids, 6)

    const waiting = Array.from({ length: 5 }, () => ids.acquire())
    expect(clock.pending).toBe(1)
    expect(clock.nextDueMs).toBe(1)
    await clock.advance(3)

    const made = (await Promise.all(waiting)).map((id) => when(ids, id))
    expect(made).toEqual([1003, 1003.1, 1004, 1004.1, 1005])
    expect(clock.pending).toBe(0)
  })

  it('is not overtaken by a later one', async () => {
    const { ids, clock } = small()
    take(ids, 6)
    const first = ids.acquire()

    clock.setWall(1001)
    const second = ids.acquire()
    await clock.advance(1)

    expect([when(ids, await first), when(ids, await second)]).toEqual([1003, 1003.1])
  })

  it('waits on when the clock is set back meanwhile', async () => {
    const { ids, clock } = small()
    take(ids, 6)
    const waiting = ids.acquire()

    clock.setWall(990)
    await clock.advance(10)
    expect(clock.pending).toBe(1)
    await clock.advance(1)

    expect(when(ids, await waiting)).toBe(1003)
  })

  it('does not wait for a day that the clock was back for a moment', async () => {
    const { ids, clock } = small({ whenClockStepsBack: 'wait' })
    clock.setWall(86_400_000)
    ids.next()
    clock.setWall(0)
    const waiting = ids.acquire()

    clock.setWall(86_400_000)
    await clock.advance(1000)

    expect(when(ids, await waiting)).toBe(86_401_000)
  })

  it.each([
    ['next', 1],
    ['acquire', 2],
  ] as const)(
    '%s() gives an id of the time at which it found one, also if the clock steps back then',
    async (method, looks) => {
      const clock = new VirtualClock({ wall: 1000 })
      const walls = Array.from({ length: looks }, () => 1000)
      const restless = {
        now: () => clock.now(),
        wall: () => walls.shift() ?? 0,
        setTimer: clock.setTimer.bind(clock),
      }
      const { ids } = small({ clock: restless, maxAheadMs: 0 })

      expect(when(ids, await ids[method]())).toBe(1000)
    },
  )

  it('takes no id and leaves no timer for who gives up', async () => {
    const { ids, clock } = small()
    take(ids, 6)
    const controller = new AbortController()

    const timedOut = errorOf(ids.acquire({ timeout: 0.5 }))
    const aborted = ids.acquire({ signal: leaks.watch(controller.signal) })
    controller.abort('enough')
    await expect(aborted).rejects.toBe('enough')
    await clock.advance(0.5)

    expect(await timedOut).toBeInstanceOf(TimeoutError)
    expect(clock.pending).toBe(0)
    await clock.advance(0.5)
    expect(take(ids, 1)).toEqual([1003])
  })

  it('rejects at once with a timeout of 0', async () => {
    const { ids, clock } = small()
    take(ids, 6)

    await expect(ids.acquire({ timeout: 0 })).rejects.toThrow(TimeoutError)
    expect(clock.pending).toBe(0)
  })

  it('rejects when the time runs out while it waits', async () => {
    const { ids, clock } = small({ nodeBits: 22, sequenceBits: 22, whenClockStepsBack: 'wait' })
    clock.setWall(2 ** 19 - 1)
    ids.next()
    clock.setWall(2 ** 19 - 2)
    const waiting = errorOf(ids.acquire())

    clock.setWall(2 ** 19)
    await clock.advance(1)
    await eventLoopTurn()

    expect(await waiting).toBeInstanceOf(FullError)
  })

  it('rejects before the epoch', async () => {
    await expect(small({ epoch: 1001 }).ids.acquire()).rejects.toEqual(
      new BrokenError('give the next id', 'the clock is before the epoch 1001'),
    )
  })

  it.each(badWaits)('rejects with %o', async (options, error) => {
    await expect(small().ids.acquire(untyped(options))).rejects.toEqual(error)
  })
})

describe('Snowflake.parse()', () => {
  it('gives back what an id was made of, from bigint and from text', () => {
    const cases = fc.record({
      nodeBits: fc.integer({ min: 0, max: 22 }),
      sequenceBits: fc.integer({ min: 1, max: 22 }),
      seed: fc.nat(),
      wall: fc.nat(2 ** 19 - 1),
      epoch: fc.nat(2 ** 40),
    })
    fc.assert(
      fc.property(cases, ({ nodeBits, sequenceBits, seed, wall, epoch }) => {
        const node = seed % 2 ** nodeBits
        const clock = new VirtualClock({ wall: epoch + wall })
        const ids = new Snowflake({ node, nodeBits, sequenceBits, epoch, clock })
        ids.next()
        const id = ids.next()

        const parts = { timestamp: epoch + wall, node, sequence: 1 }
        expect(ids.parse(id)).toEqual(parts)
        expect(ids.parse(String(id))).toEqual(parts)
      }),
    )
  })

  it('refuses a time that numbers are not exact with, and makes none', async () => {
    const clock = new VirtualClock({ wall: Number.MAX_SAFE_INTEGER })
    const few = { node: 0, nodeBits: 0, sequenceBits: 1, epoch: 0, maxAheadMs: Infinity, clock }
    const ids = new Snowflake(few)
    const last = [ids.next(), ids.next()].at(-1) ?? 0n

    expect(ids.parse(last).timestamp).toBe(Number.MAX_SAFE_INTEGER)
    expect(() => ids.next()).toThrow('the bits of the time are used up')
    const problem = `got ${last + 1n}, expected a timestamp up to 2⁵³−1`
    expect(() => ids.parse(last + 1n)).toThrow(new RangeError(`Cannot use id: ${problem}`))
    expect(() => new Snowflake({ ...few, after: last + 1n })).toThrow(
      new RangeError(`Cannot use after: ${problem}`),
    )
  })

  it.each([
    [-1n, RangeError, 'got -1, expected an integer of 63 bits'],
    [1n << 63n, RangeError, `got ${1n << 63n}, expected an integer of 63 bits`],
    ['9223372036854775808', RangeError, 'got 9223372036854775808, expected an integer of 63 bits'],
    ['', TypeError, 'got "", expected decimal digits'],
    ['-1', TypeError, 'got "-1", expected decimal digits'],
    ['1.5', TypeError, 'got "1.5", expected decimal digits'],
    [5, TypeError, 'got number, expected a string'],
    [null, TypeError, 'got null, expected a string'],
  ])('refuses %o', (id, kind, message) => {
    const { ids } = small()

    expect(() => ids.parse(untyped(id))).toThrow(new kind(`Cannot use id: ${message}`))
  })
})

describe('new Snowflake()', () => {
  it.each([
    [{ node: undefined }, TypeError, 'node: got undefined, expected a number'],
    [{ node: -1 }, RangeError, 'node: got -1, expected an integer from 0 to 1023'],
    [{ node: 1024 }, RangeError, 'node: got 1024, expected an integer from 0 to 1023'],
    [{ node: 1, nodeBits: 0 }, RangeError, 'node: got 1, expected an integer from 0 to 0'],
    [{ node: 0.5 }, RangeError, 'node: got 0.5, expected an integer from 0 to 1023'],
    [{ node: Number.NaN }, RangeError, 'node: got NaN, expected an integer from 0 to 1023'],
    [{ node: 1n }, TypeError, 'node: got bigint, expected a number'],
    [{ nodeBits: -1 }, RangeError, 'nodeBits: got -1, expected an integer from 0 to 22'],
    [{ nodeBits: 23 }, RangeError, 'nodeBits: got 23, expected an integer from 0 to 22'],
    [{ sequenceBits: 0 }, RangeError, 'sequenceBits: got 0, expected an integer from 1 to 22'],
    [{ sequenceBits: 23 }, RangeError, 'sequenceBits: got 23, expected an integer from 1 to 22'],
    [{ sequenceBits: '5' }, TypeError, 'sequenceBits: got string, expected a number'],
    [
      { epoch: -1 },
      RangeError,
      `epoch: got -1, expected an integer from 0 to ${Number.MAX_SAFE_INTEGER}`,
    ],
    [
      { epoch: 0.5 },
      RangeError,
      `epoch: got 0.5, expected an integer from 0 to ${Number.MAX_SAFE_INTEGER}`,
    ],
    [{ epoch: new Date(0) }, TypeError, 'epoch: got object, expected a number'],
    [{ maxAheadMs: -1 }, RangeError, 'maxAheadMs: got -1, expected milliseconds from 0 up'],
    [
      { maxAheadMs: Number.NaN },
      RangeError,
      'maxAheadMs: got NaN, expected milliseconds from 0 up',
    ],
    [{ maxAheadMs: '5' }, TypeError, 'maxAheadMs: got string, expected a number'],
    [
      { whenClockStepsBack: 'spin' },
      TypeError,
      "whenClockStepsBack: got 'spin', expected one of 'go-on', 'wait'",
    ],
    [{ after: -1n }, RangeError, 'after: got -1, expected an integer of 63 bits'],
    [{ after: 5 }, TypeError, 'after: got number, expected a string'],
    [{ after: '-1' }, TypeError, 'after: got "-1", expected decimal digits'],
    [{ clock: null }, TypeError, 'clock: got null, expected an object'],
    [{ clock: {} }, TypeError, 'clock: it has no now(), expected a Clock'],
  ])('refuses %o', (option, kind, message) => {
    const make = () => new Snowflake(untyped({ node: 1, ...option }))

    expect(make).toThrow(new kind(`Cannot use ${message}`))
  })

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [7, 'number'],
  ])('refuses the options %o', (options, got) => {
    expect(() => new Snowflake(untyped(options))).toThrow(
      new TypeError(`Cannot use options: got ${got}, expected an object`),
    )
  })
})

function idOrUndefined(ids: Snowflake): bigint | undefined {
  try {
    return ids.next()
  } catch (error) {
    expect(error).toBeInstanceOf(FullError)
    return undefined
  }
}
