import type { RwLockPolicy } from '@cupola/rw-lock'
import { describe, it } from 'vitest'
import { checkAgainstReference, checkInterleavings } from './fixtures/model.ts'

const policies: readonly RwLockPolicy[] = [
  'phase-fair',
  'fifo',
  'writer-preferring',
  'reader-preferring',
]

describe.each(policies)('an RwLock, at length, %s', (policy) => {
  it('does what the reference does at every step, keeps its promise, and leaves nobody behind', () =>
    checkAgainstReference(policy, 20_000))

  it('keeps writers alone and lets everybody in, in any interleaving', () =>
    checkInterleavings(policy, 20_000))
})
