import fc from 'fast-check'
import { describe, it } from 'vitest'
import { keepsKeysInOrder } from './fixtures/affinity-scripts.ts'

describe('affinity', () => {
  it('keeps the calls of each key in order, whatever becomes of the threads', () =>
    fc.assert(keepsKeysInOrder, { numRuns: 6, endOnFailure: true }))
})
