import fc from 'fast-check'
import { describe, it } from 'vitest'
import { keepsToItsCapacity } from './fixtures/admission-scripts.ts'
import { keepsKeysInOrder } from './fixtures/affinity-scripts.ts'
import { settlesEveryCall } from './fixtures/pool-scripts.ts'

describe('ThreadPool, at length', () => {
  it('settles every call as it has to, and leaves nothing behind, whatever the script', () =>
    fc.assert(settlesEveryCall, { numRuns: 200, endOnFailure: true }))

  it('settles every call once and never has more than its capacity, whatever the policy', () =>
    fc.assert(keepsToItsCapacity, { numRuns: 150, endOnFailure: true }))

  it('keeps the calls of each key in order, whatever becomes of the threads', () =>
    fc.assert(keepsKeysInOrder, { numRuns: 150, endOnFailure: true }))
})
