// As the quick model, with one more moment at which a thread loses the processor.
import { STATE } from '@cupola/shared-sync/authoring'
import { describe, expect, it } from 'vitest'
import { explore } from '../../../test/shared-memory/explorer.ts'
import { ModelPool } from './fixtures/model-pool.ts'

describe('SharedBufferPool, in every interleaving', () => {
  it('lends no block to two, and gets all back, with three preemptions', () => {
    const pool = new ModelPool(3, 3)
    const threads = [[pool.visitor(2)], [pool.visitor(1), pool.visitor(1)], [pool.visitor(3)]]

    const { states } = explore({
      ...pool.memoryAndPrivacy,
      threads,
      preemptions: 3,
      check(memory) {
        expect(memory[STATE]).toBe(0)
        expect(pool.marks(memory)).toEqual([0, 0, 0])
        expect(pool.stack(memory)?.toSorted((a, b) => a - b)).toEqual([0, 1, 2])
      },
    })
    expect(states).toBeGreaterThan(10_000)
  })
})
