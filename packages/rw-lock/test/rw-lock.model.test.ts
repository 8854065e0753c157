import type { RwLockPolicy } from '@cupola/rw-lock'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { inAnyInterleaving, likeTheReference } from './fixtures/model.ts'

const policies: readonly RwLockPolicy[] = [
  'phase-fair',
  'fifo',
  'writer-preferring',
  'reader-preferring',
]

describe.each(policies)('an RwLock, %s', (policy) => {
  it('does what the reference does at every step, keeps its promise, and leaves nobody behind', () =>
    fc.assert(likeTheReference(policy), { numRuns: 100 }))

  it('keeps writers alone and lets everybody in, in any interleaving', () =>
    fc.assert(inAnyInterleaving(policy), { numRuns: 100 }))
})
