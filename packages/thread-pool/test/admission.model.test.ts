import fc from 'fast-check'
import { describe, it } from 'vitest'
import { keepsToItsCapacity } from './fixtures/admission-scripts.ts'

describe('ThreadPool, when it is full', () => {
  it('settles every call once and never has more than its capacity, whatever the policy', () =>
    fc.assert(keepsToItsCapacity, { numRuns: 12, endOnFailure: true }))
})
