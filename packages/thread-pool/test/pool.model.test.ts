import fc from 'fast-check'
import { describe, it } from 'vitest'
import { settlesEveryCall } from './fixtures/pool-scripts.ts'

describe('ThreadPool', () => {
  it('settles every call as it has to, and leaves nothing behind, whatever the script', () =>
    fc.assert(settlesEveryCall, { numRuns: 15, endOnFailure: true }))
})
