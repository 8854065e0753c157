import { BrokenError } from '@cupola/core'
import { Deferred } from '@cupola/core/authoring'
import { RwLock } from '@cupola/rw-lock'
import { describe, expect, it, vi } from 'vitest'
import { Party } from '../src/debug/party.ts'
import { failureOf } from '../../../test/failure-of.ts'

const debug = true

const BOTH_ORDERS = 'two locks are taken in both orders'

function locks(count: number): RwLock[] {
  return Array.from({ length: count }, () => new RwLock({ debug }))
}

/** Writes inside the first, inside the second, and so on. */
async function nested([lock, ...others]: readonly RwLock[]): Promise<string> {
  return lock === undefined ? 'inside' : await lock.runWrite(() => nested(others))
}

describe('locks that are debugged, held together', () => {
  it('refuse the second order of two, whatever is done inside', async () => {
    const [one, other] = [new RwLock({ debug }), new RwLock({ debug })]
    await one.runWrite(() => other.runRead(() => 'first order'))

    const error = await failureOf(other.runRead(() => one.runRead(() => 'second order')))

    expect(error).toBeInstanceOf(BrokenError)
    expect(error).toMatchObject({
      message: `Cannot take the read lock: ${BOTH_ORDERS}`,
      cause: {
        message: 'The other order, seen here',
        stack: expect.stringMatching(/^Error: The other order, seen here\n.*debug-order\.test\.ts/),
      },
    })
    expect(one.stats()).toMatchObject({ readers: 0, writers: 0 })
  })

  it('refuse a circle of three', async () => {
    const [a, b, c] = [new RwLock({ debug }), new RwLock({ debug }), new RwLock({ debug })]
    await nested([a, b])
    await nested([b, c])

    expect(await failureOf(nested([c, a]))).toBeInstanceOf(BrokenError)
  })

  it('refuse a circle that closes around what lies between', async () => {
    const [a, b, c] = [new RwLock({ debug }), new RwLock({ debug }), new RwLock({ debug })]
    await nested([a, b, c])

    expect(await failureOf(nested([c, a]))).toBeInstanceOf(BrokenError)
  })

  it('allow one order, as often as it is taken', async () => {
    const both = locks(2)

    expect([await nested(both), await nested(both)]).toEqual(['inside', 'inside'])
  })

  it('know of all that were taken beside each other', async () => {
    const [outer, left, right] = [
      new RwLock({ debug }),
      new RwLock({ debug }),
      new RwLock({ debug }),
    ]
    const inside = (lock: RwLock) => lock.runRead(() => 'inside')
    await outer.runWrite(() => Promise.all([inside(left), inside(right)]))

    expect(await failureOf(nested([left, outer]))).toBeInstanceOf(BrokenError)
    expect(await failureOf(nested([right, outer]))).toBeInstanceOf(BrokenError)
  })

  it('do not take two calls in one breath for an order', async () => {
    const [one, other] = [new RwLock({ debug }), new RwLock({ debug })]
    const visit = async (...both: RwLock[]) => {
      for (const lock of both) await lock.runWrite(() => 'inside')
      return 'done'
    }

    const visits = [visit(one, other), visit(other, one)]

    expect(await Promise.all(visits)).toEqual(['done', 'done'])
  })

  it('count guards that are asked for by hand inside a run, and no others', async () => {
    const [one, other] = [new RwLock({ debug }), new RwLock({ debug })]
    const byHand = await one.write()
    await other.runWrite(() => 'one by hand, then other: no order')
    byHand.release()
    await other.runWrite(async () => (await one.upgradable()).release())

    expect(await failureOf(nested([one, other]))).toBeInstanceOf(BrokenError)
  })

  it('refuse an upgrade, inside a run, of a guard whose readers may wait for the run', async () => {
    const [one, other] = [new RwLock({ debug }), new RwLock({ debug })]
    const guard = await one.upgradable()
    await one.runRead(() => other.runRead(() => 'first order'))

    const error = await other.runWrite(() => failureOf(guard.upgrade()))

    expect(error).toMatchObject({ message: `Cannot upgrade: ${BOTH_ORDERS}` })
  })

  it('learn nothing from what was refused', async () => {
    const [a, b, c] = [new RwLock({ debug }), new RwLock({ debug }), new RwLock({ debug })]
    await nested([a, b])
    await failureOf(nested([c, b, a]))

    expect(await nested([a, c])).toBe('inside')
  })

  it('learn nothing from who would not wait, but check who waits inside', async () => {
    const [outer, middle, inner] = [
      new RwLock({ debug }),
      new RwLock({ debug }),
      new RwLock({ debug }),
    ]
    await outer.runWrite(() => middle.runWrite(() => nested([inner]), { timeout: 0 }))

    expect(await nested([middle, outer])).toBe('inside')
    expect(await failureOf(nested([inner, outer]))).toBeInstanceOf(BrokenError)
    expect(await failureOf(nested([inner, middle]))).toBeInstanceOf(BrokenError)
  })

  it('hold a lock no longer than its run, though a run that it has started goes on', async () => {
    const [first, second] = [new RwLock({ debug }), new RwLock({ debug })]
    const [began, gate] = [new Deferred<void>(), new Deferred<void>()]
    const started: Promise<unknown>[] = []
    await first.runWrite(() => {
      const run = second.runWrite(async () => {
        began.resolve()
        await gate.promise
        return await failureOf(first.read())
      })
      started.push(run)
      return began.promise
    })

    gate.resolve()

    expect(await started[0]).toMatchObject({ message: `Cannot take the read lock: ${BOTH_ORDERS}` })
  })
})

describe('what locks that are debugged remember', () => {
  it('is a wait for each run inside another, not for each pair of runs', async () => {
    const addWait = vi.spyOn(Party.prototype, 'addWait')
    const parties = 2

    await nested(locks(50))

    expect(addWait.mock.calls.length).toBeLessThanOrEqual(50 * parties)
    vi.restoreAllMocks()
  })

  it('is not looked through again for an order that is known', async () => {
    const all = locks(5)
    await nested(all)
    const findWait = vi.spyOn(Party.prototype, 'findWait')

    await nested(all)

    expect(findWait).not.toHaveBeenCalled()
    vi.restoreAllMocks()
  })
})

describe('locks that are debugged and prefer readers', () => {
  const policy = 'reader-preferring'

  it('may be read in both orders, for readers keep no reader waiting', async () => {
    const [one, other] = [new RwLock({ policy, debug }), new RwLock({ policy, debug })]

    await one.runRead(() => other.runRead(() => 'first order'))

    expect(await other.runRead(() => one.runRead(() => 'second order'))).toBe('second order')
  })

  it('are refused once somebody wants to write in one of the orders', async () => {
    const [one, other] = [new RwLock({ policy, debug }), new RwLock({ policy, debug })]
    await one.runRead(() => other.runRead(() => 'only read'))

    const error = await failureOf(nested([other, one]))

    expect(error).toMatchObject({ message: `Cannot take the write lock: ${BOTH_ORDERS}` })
  })

  it('need not both be so: one that is fair makes no circle with one that is not', async () => {
    const one = new RwLock({ policy, debug })
    const fair = new RwLock({ debug })
    await one.runRead(() => fair.runRead(() => 'first order'))

    expect(await fair.runRead(() => one.runRead(() => 'second order'))).toBe('second order')
    expect(await failureOf(fair.runRead(() => one.runWrite(() => 'write')))).toBeInstanceOf(
      BrokenError,
    )
  })

  it('may be read again inside, and outer runs still count', async () => {
    const outer = new RwLock({ debug })
    const one = new RwLock({ policy, debug })
    const inner = new RwLock({ debug })
    await outer.runRead(() => one.runRead(() => one.runRead(() => nested([inner]))))

    expect(await failureOf(nested([inner, outer]))).toBeInstanceOf(BrokenError)
    expect(await failureOf(nested([inner, one]))).toBeInstanceOf(BrokenError)
  })
})
