import fc from 'fast-check'
import { describe, it } from 'vitest'
import { everyLock, everyPolicy } from './fixtures/every-lock.ts'
import { inAnyInterleaving, likeTheReference } from './fixtures/model.ts'
import { neverDeadlocks, refusesNothingInOrder } from './fixtures/nested-runs.ts'

describe.each(everyLock)('an RwLock, at length, %s', (_, kind) => {
  it('does what the reference does at every step, keeps its promise, and leaves nobody behind', () =>
    fc.assert(likeTheReference(kind), { numRuns: 20_000 }))

  it('keeps writers alone and lets everybody in, in any interleaving', () =>
    fc.assert(inAnyInterleaving(kind), { numRuns: 20_000 }))
})

describe.each(everyPolicy)('locks that are debugged, %s', (policy) => {
  it('let everybody in or refuse them, whatever is held when it is asked for', () =>
    fc.assert(neverDeadlocks(policy), { numRuns: 20_000 }))

  it('refuse nobody who takes them in one order', () =>
    fc.assert(refusesNothingInOrder(policy), { numRuns: 20_000 }))
})
