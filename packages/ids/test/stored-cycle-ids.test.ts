import { BrokenError, FullError, TimeoutError } from '@cupola/core'
import { Deferred } from '@cupola/core/authoring'
import { CycleIdGenerator, type HighWaterMark } from '@cupola/ids'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { errorOf } from '../../../test/reason-of.ts'
import { stateOf } from '../../../test/state-of.ts'
import { eventLoopTurn } from '../../../test/until.ts'
import { untyped } from '../../../test/untyped.ts'

const leaks = expectNoLeaks()
const node = { address: '10.0.0.1', port: 8080, start: 0n }

/** A mark that a test stores by hand. */
class SlowMark implements HighWaterMark {
  stored: bigint | undefined
  readonly #waiting: { readonly upTo: bigint; readonly done: Deferred<void> }[] = []

  constructor(stored?: bigint) {
    this.stored = stored
  }

  get asked(): bigint[] {
    return this.#waiting.map(({ upTo }) => upTo)
  }

  async read(): Promise<bigint | undefined> {
    return this.stored
  }

  reserve(upTo: bigint): Promise<void> {
    const done = new Deferred<void>()
    this.#waiting.push({ upTo, done })
    return done.promise
  }

  /** Ends what was asked first; what follows from that has happened when this resolves. */
  async end(error?: Error): Promise<void> {
    await eventLoopTurn()
    const first = this.#waiting.shift()
    if (first === undefined) throw new Error('Nothing is to be stored')
    if (error === undefined) {
      this.stored = first.upTo
      first.done.resolve()
    } else {
      first.done.reject(error)
    }
    await eventLoopTurn()
  }
}

async function open(mark: SlowMark, options = {}): Promise<CycleIdGenerator> {
  const opening = CycleIdGenerator.open({ ...node, mark, block: 4, ...options })
  await mark.end()
  return await opening
}

function take(ids: CycleIdGenerator, count: number): bigint[] {
  return Array.from({ length: count }, () => counter(ids.next()))
}

function counter(id: bigint): bigint {
  return CycleIdGenerator.parse(id).counter
}

describe('CycleIdGenerator.open()', () => {
  it('gives no id before the first block is stored', async () => {
    const mark = new SlowMark()
    const opening = CycleIdGenerator.open({ ...node, mark, block: 4 })
    await eventLoopTurn()

    expect(await stateOf(opening)).toBe('pending')
    expect(mark.asked).toEqual([4n])
    await mark.end()
    expect(take(await opening, 2)).toEqual([0n, 1n])
  })

  it('goes on from the stored mark', async () => {
    const ids = await open(new SlowMark(1000n))

    expect(take(ids, 2)).toEqual([1000n, 1001n])
  })

  it('goes on from a mark that has been round', async () => {
    const ids = await open(new SlowMark(3n * 2n ** 80n + 5n))

    expect(CycleIdGenerator.parse(ids.next())).toEqual({
      address: '10.0.0.1',
      port: 8080,
      counter: 5n,
    })
  })

  it('rejects with what the mark says when it cannot be read', async () => {
    const error = new Error('no disk')
    const mark = { read: () => Promise.reject(error), reserve: () => Promise.resolve() }

    await expect(CycleIdGenerator.open({ ...node, mark })).rejects.toBe(error)
  })

  it.each([5, -1n, '5', null])('rejects when the mark gives %o', async (stored) => {
    const mark = { read: async () => untyped(stored), reserve: async () => {} }

    await expect(CycleIdGenerator.open({ ...node, mark })).rejects.toEqual(
      new TypeError(
        `Cannot use mark: read() gave ${String(stored)}, expected a bigint from 0 up, or undefined`,
      ),
    )
  })

  it('rejects if the first block cannot be stored, also if that throws at once', async () => {
    const cause = new Error('no disk')
    const reserve = () => {
      throw cause
    }
    const mark = { read: () => Promise.resolve(undefined), reserve }

    const error = await errorOf(CycleIdGenerator.open({ ...node, mark }))

    expect(error).toEqual(
      new BrokenError(
        'reserve more ids',
        'the mark below which they are reserved could not be stored',
      ),
    )
    expect(error.cause).toBe(cause)
  })

  it.each([
    [{ mark: undefined }, TypeError, 'mark: got undefined, expected an object'],
    [{ mark: {} }, TypeError, 'mark: it has no read(), expected a HighWaterMark'],
    [{ block: 0 }, RangeError, 'block: got 0, expected an integer from 1 to 1099511627776'],
    [{ mark: { read() {} } }, TypeError, 'mark: it has no reserve(), expected a HighWaterMark'],
    [{ mark: 'mark' }, TypeError, 'mark: got string, expected an object'],
    [{ block: -1 }, RangeError, 'block: got -1, expected an integer from 1 to 1099511627776'],
    [{ block: 1.5 }, RangeError, 'block: got 1.5, expected an integer from 1 to 1099511627776'],
    [
      { block: Number.NaN },
      RangeError,
      'block: got NaN, expected an integer from 1 to 1099511627776',
    ],
    [
      { block: 2 ** 40 + 1 },
      RangeError,
      'block: got 1099511627777, expected an integer from 1 to 1099511627776',
    ],
    [{ block: 10n }, TypeError, 'block: got bigint, expected a number'],
    [{ port: -1 }, RangeError, 'port: got -1, expected an integer from 0 to 65535'],
    [{ start: -1n }, RangeError, `start: got -1, expected a bigint from 0 to ${2n ** 80n - 1n}`],
    [
      { address: 'localhost' },
      TypeError,
      'address: got "localhost", expected an IPv4 or IPv6 address',
    ],
  ])('refuses %o', async (option, kind, message) => {
    const options = untyped({ ...node, mark: new SlowMark(), ...option })

    const error = await errorOf(CycleIdGenerator.open(options))

    expect(error).toEqual(new kind(`Cannot use ${message}`))
  })

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [5, 'number'],
  ])('refuses the options %o, and rejects', async (options, got) => {
    expect(await errorOf(CycleIdGenerator.open(untyped(options)))).toEqual(
      new TypeError(`Cannot use options: got ${got}, expected an object`),
    )
  })
})

describe('a generator with a mark', () => {
  it('has the next block stored when half of one is left', async () => {
    const mark = new SlowMark()
    const ids = await open(mark)

    take(ids, 2)
    await eventLoopTurn()
    expect(mark.asked).toEqual([])
    take(ids, 1)
    await eventLoopTurn()
    expect(mark.asked).toEqual([8n])
    await mark.end()

    expect(take(ids, 5)).toEqual([3n, 4n, 5n, 6n, 7n])
  })

  it('has a block that could not be stored tried again, whenever half of the rest is used', async () => {
    const mark = new SlowMark()
    const ids = await open(mark, { block: 16 })
    const given: bigint[] = []

    for (const used of [9, 4, 2]) {
      given.push(...take(ids, used))
      await mark.end(new Error('disk full for a moment'))
    }
    given.push(...take(ids, 1))
    await mark.end()
    given.push(...take(ids, 8))

    expect(given).toEqual(Array.from({ length: 24 }, (_, index) => BigInt(index)))
    expect(mark.asked).toEqual([])
  })

  it('next() refuses while the next block is being stored', async () => {
    const ids = await open(new SlowMark())
    take(ids, 4)

    expect(() => ids.next()).toThrow(
      new FullError(
        'give the next id',
        'all reserved ids are given out, and the next ones are being stored',
        undefined,
      ),
    )
  })

  it('acquire() waits for it, in the order of the calls', async () => {
    const mark = new SlowMark()
    const ids = await open(mark)
    take(ids, 4)

    const waiting = Array.from({ length: 6 }, () => ids.acquire())
    await mark.end()
    await mark.end()

    expect((await Promise.all(waiting)).map(counter)).toEqual([4n, 5n, 6n, 7n, 8n, 9n])
  })

  it('says why there are no more, to those who wait and to who asks, and tries again', async () => {
    const mark = new SlowMark()
    const ids = await open(mark)
    take(ids, 4)
    const cause = new Error('disk full')
    const waiting = errorOf(ids.acquire())

    await mark.end(cause)

    expect(await waiting).toBeInstanceOf(BrokenError)
    expect((await waiting).cause).toBe(cause)
    expect(() => ids.next()).toThrow(BrokenError)
    await mark.end()
    expect(take(ids, 1)).toEqual([4n])
  })

  it('acquire() tries again by itself after a failure', async () => {
    const mark = new SlowMark()
    const ids = await open(mark)
    take(ids, 4)
    await mark.end(new Error('disk full'))

    const waiting = ids.acquire()
    await mark.end()

    expect(counter(await waiting)).toBe(4n)
  })

  it('takes no id for who gives up, by time or by abort', async () => {
    const mark = new SlowMark()
    const ids = await open(mark)
    take(ids, 4)
    const controller = new AbortController()

    const timedOut = errorOf(ids.acquire({ timeout: 0 }))
    const aborted = ids.acquire({ signal: leaks.watch(controller.signal) })
    const patient = ids.acquire()
    controller.abort('enough')

    expect(await timedOut).toBeInstanceOf(TimeoutError)
    await expect(aborted).rejects.toBe('enough')
    await mark.end()
    expect(counter(await patient)).toBe(4n)
  })

  it('crosses the end of the counter inside of a block', async () => {
    const last = 2n ** 80n - 1n
    const ids = await open(new SlowMark(), { start: last - 1n })
    const events: unknown[] = []
    ids.on('wrap', (event) => events.push(event))

    expect(take(ids, 4)).toEqual([last - 1n, last, 0n, 1n])
    expect(events.length).toBe(1)
  })

  it('serves those who wait, also where a listener takes the rest of the block', async () => {
    const mark = new SlowMark()
    const last = 2n ** 80n - 1n
    const ids = await open(mark, { start: last - 1n, block: 2 })
    const heard: bigint[] = []
    ids.on('wrap', () => heard.push(...take(ids, 1)))
    take(ids, 2)

    const waiting = [ids.acquire(), ids.acquire()]
    await mark.end()
    await mark.end()

    expect((await Promise.all(waiting)).map(counter)).toEqual([0n, 2n])
    expect(heard).toEqual([1n])
  })

  it('refuses at the end for ever, if it is told to, also after a restart', async () => {
    const mark = new SlowMark()
    const ids = await open(mark, { start: 2n ** 80n - 1n, atEnd: 'refuse' })
    take(ids, 1)
    expect(() => ids.next()).toThrow(`all ${2n ** 80n} counters are used`)

    const again = await open(mark, { atEnd: 'refuse' })

    expect(() => again.next()).toThrow(`all ${2n ** 80n} counters are used`)
    await expect(again.acquire()).rejects.toThrow(FullError)
  })
})
