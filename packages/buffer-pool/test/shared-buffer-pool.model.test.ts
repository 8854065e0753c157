// Every interleaving of a few threads that share a pool of a few blocks.
import { FREE_BITS, STATE } from '@cupola/shared-sync/authoring'
import { describe, expect, it } from 'vitest'
import { explore } from '../../../test/shared-memory/explorer.ts'
import { ModelPool } from './fixtures/model-pool.ts'

const inOrder = (blocks: readonly number[]): number[] => blocks.toSorted((a, b) => a - b)

/** Nobody waits, and all blocks are on the stack, once each. */
function expectAtRest(pool: ModelPool, memory: Int32Array): void {
  expect(memory[STATE]).toBe(0)
  expect(pool.marks(memory).every((mark) => mark === 0)).toBe(true)
  expect(inOrder(pool.stack(memory) ?? [])).toEqual(
    Array.from({ length: pool.blocks }, (_, i) => i),
  )
}

describe('SharedBufferPool, in every interleaving', () => {
  it('lends no block to two, and gets all back', () => {
    const pool = new ModelPool(3, 3)
    const threads = [[pool.visitor(2)], [pool.visitor(1), pool.visitor(1)], [pool.visitor(3)]]

    const { states } = explore({
      ...pool.memoryAndPrivacy,
      threads,
      preemptions: 2,
      check: (memory) => expectAtRest(pool, memory),
    })
    expect(states).toBeGreaterThan(1000)
  })

  it('keeps nothing for one that gives up', () => {
    const pool = new ModelPool(3, 2)
    const threads = [[pool.visitor(2)], [pool.visitor(2, 1)], [pool.visitor(1)]]

    const { states } = explore({
      ...pool.memoryAndPrivacy,
      threads,
      impatience: 1,
      preemptions: 2,
      check: (memory) => expectAtRest(pool, memory),
    })
    expect(states).toBeGreaterThan(5000)
  })

  it('loses to a death the blocks that the dead one had, and no others', () => {
    const pool = new ModelPool(2, 3, true)
    const threads = [[pool.visitor(2)], [pool.visitor(1), pool.visitor(1)]]

    const { states } = explore({
      ...pool.memoryAndPrivacy,
      threads,
      deaths: 1,
      check(memory, dead) {
        const marks = pool.marks(memory)
        for (const mark of marks) if (mark !== 0) expect(dead).toContain(mark - 1)
        const free = marks.flatMap((mark, block) => (mark === 0 ? [block] : []))
        const stack = pool.stack(memory)
        if (stack !== undefined) expect(inOrder(stack)).toEqual(free)
        else expect(dead.size).toBe(1)
      },
    })
    expect(states).toBeGreaterThan(1000)
  })

  it('lets a survivor reclaim what a dead one had, whenever it died', () => {
    const pool = new ModelPool(2, 2, true)
    const threads = [[pool.visitor(2)], [pool.reclaimer, pool.reclaimer]]

    const { states } = explore({
      ...pool.memoryAndPrivacy,
      threads,
      deaths: 1,
      check(memory, dead) {
        const marks = pool.marks(memory)
        // It may have died after the last reclaim; what a survivor has it gives back.
        if (dead.size === 0) expectAtRest(pool, memory)
        for (const mark of marks) if (mark !== 0) expect(dead).toContain(mark - 1)
      },
    })
    expect(states).toBeGreaterThan(500)
  })

  it('gives a buffer that is handed over to one, however many have the handle', () => {
    const pool = new ModelPool(3, 1)
    const [proof, received] = [pool.own + 4, pool.own + 5]
    const receivers = [pool.receiver(proof, received), pool.receiver(proof, received)]
    const threads = [[pool.sender(proof), pool.sender(proof)], receivers, receivers]

    const { states } = explore({
      ...pool.memoryAndPrivacy,
      threads,
      preemptions: 4,
      check(memory) {
        const isHome = pool.stack(memory)?.length === 1
        // Twice sent, if it came back in time: never received more often than sent.
        expect(memory[received]).toBeLessThanOrEqual(2)
        if (!isHome) expect(pool.marks(memory)[0]).toBeLessThan(0)
      },
    })
    expect(states).toBeGreaterThan(500)
  })

  it('ends when all is back, refuses who waits, and lends nothing afterwards', () => {
    const pool = new ModelPool(3, 2)
    const threads = [[pool.visitor(2)], [pool.closer], [pool.visitor(1), pool.visitor(2)]]

    const { states } = explore({
      ...pool.memoryAndPrivacy,
      threads,
      preemptions: 2,
      check(memory) {
        expect(pool.marks(memory)).toEqual([0, 0])
        expect(inOrder(pool.stack(memory) ?? [])).toEqual([0, 1])
        expect((memory[STATE] ?? 0) & FREE_BITS).not.toBe(0)
      },
    })
    expect(states).toBeGreaterThan(1000)
  })

  it('ends although a thread dies, be it the one that closes it', () => {
    const pool = new ModelPool(3, 2, true)
    const [proof] = [pool.own + 4]
    const threads = [[pool.sender(proof)], [pool.quietCloser], [pool.quietCloser]]

    const { states } = explore({
      ...pool.memoryAndPrivacy,
      threads,
      deaths: 1,
      preemptions: 1,
      check(memory, dead) {
        // Who is left has heard of the end, so all are back but those of whoever died afterwards.
        for (const mark of pool.marks(memory)) if (mark !== 0) expect(dead).toContain(mark - 1)
      },
    })
    expect(states).toBeGreaterThan(500)
  })

  it('would lend a block to two without the door (the explorer finds it)', () => {
    const pool = new ModelPool(2, 2)
    const threads = [[pool.rashVisitor()], [pool.rashVisitor()]]

    expect(() => explore({ memory: pool.memory, threads })).toThrow('Two have the same block')
  })
})
