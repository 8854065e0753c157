// Answers to the loom tests of tokio's semaphore: every interleaving of a few threads.
import { describe, expect, it } from 'vitest'
import { BROKEN, CAPACITY, HOLD, seatWord, STATE } from '../src/lot-layout.ts'
import { semaphoreRule, SemaphoreSeat } from '../src/semaphore-rule.ts'
import { semaphoreEntry } from '../src/shared-semaphore.ts'
import { type Action, explore } from '../../../test/shared-memory/explorer.ts'
import { modelLot, modelMemory } from '../../../test/shared-memory/model-lot.ts'
import { mendIn, waitIn } from '../../../test/shared-memory/model-queue.ts'
import { at } from '../../../test/at.ts'

const PERMITS = 2

function lotOf(threads: number, deaths = false): ReturnType<typeof modelMemory> {
  const lot = modelMemory(threads, deaths, true)
  lot.memory[CAPACITY] = PERMITS
  return lot
}

/** Takes permits, finds that not too many are taken, and gives them back. */
function visitor(
  taken: number,
  weight: number,
  timeout = Infinity,
  rule = semaphoreRule,
): Action[] {
  return [
    (stage) => {
      const seat = new SemaphoreSeat(modelLot(stage, rule))
      const ending = waitIn(stage, seat.lot, semaphoreEntry(seat), { timeout, detail: weight })
      if (ending === 'in') return 0
      if (ending === 'broken') seat.recover()
      return 2
    },
    ({ words }) => {
      if (words.add(taken, weight) + weight > PERMITS) throw new Error('Too many are taken')
    },
    (stage) => {
      stage.words.add(taken, -weight)
      new SemaphoreSeat(modelLot(stage, rule)).giveBack(weight)
    },
  ]
}

function isAtRest(words: Int32Array): void {
  expect(words[STATE]).toBe(0)
  for (let seat = 0; seat < 2; seat++) expect(words[seatWord(seat, HOLD)]).toBe(0)
}

describe('SharedSemaphore, in a thread whose code is terminated at any moment and that lives on', () => {
  it.each([0, 1, Infinity])('loses no permit (timeout: %d)', (timeout) => {
    const { memory, own, isPrivate } = lotOf(2, true)
    const threads = [visitor(own, 2, timeout), visitor(own, 1)]
    const mend: Action = (stage) => {
      const seat = new SemaphoreSeat(modelLot(stage, semaphoreRule))
      mendIn(seat.lot, semaphoreEntry(seat))
    }
    const bounds = { impatience: 1, interruptions: 1, check: isAtRest }

    const { states } = explore({ threads, memory, isPrivate, mend, ...bounds })
    expect(states).toBeGreaterThan(500)
  })
})

describe('SharedSemaphore, in every interleaving', () => {
  it('gives out no more permits than there are, and all that there are', () => {
    const { memory, own, isPrivate } = lotOf(3)
    const threads = [visitor(own, 1), visitor(own, 2), visitor(own, 1)]

    const { states } = explore({ threads, memory, isPrivate, preemptions: 3, check: isAtRest })
    expect(states).toBeGreaterThan(10_000)
  })

  it('loses no permit to one that gives up', () => {
    const { memory, own, isPrivate } = lotOf(3)
    const threads = [visitor(own, 2), visitor(own, 2, 1), visitor(own, 1)]
    const bounds = { impatience: 1, preemptions: 2 }

    const { states } = explore({ threads, memory, isPrivate, ...bounds, check: isAtRest })
    expect(states).toBeGreaterThan(10_000)
  })

  it('is broken by the death of a holder alone, and gets its permits back', () => {
    const { memory, own, isPrivate } = lotOf(2, true)
    // What a dead thread took is not subtracted from `taken`, so nobody may look at that.
    const visit = visitor(own, 2).with(1, () => {})
    const threads = [visit, visit]

    const { states } = explore({ threads, memory, isPrivate, deaths: 1, check: isConsistent })
    expect(states).toBeGreaterThan(500)
  })

  it('is not, where all are let in (the explorer finds it)', () => {
    const { memory, own, isPrivate } = lotOf(2)
    const rule = {
      ...semaphoreRule,
      settle(lot: Parameters<typeof semaphoreRule.settle>[0]) {
        for (let first = lot.first(0); first >= 0; first = lot.first(0)) lot.grant(first, 0)
      },
    }
    const threads = [visitor(own, 2, Infinity, rule), visitor(own, 2, Infinity, rule)]

    expect(() => explore({ threads, memory, isPrivate })).toThrow('Too many are taken')
  })
})

function isConsistent(words: Int32Array, dead: ReadonlySet<number>): void {
  const held = [0, 1].filter((seat) => words[seatWord(seat, HOLD)] !== 0)
  for (const seat of held) expect(dead).toContain(seat)
  if (at(words, STATE) & BROKEN) expect(dead.size).toBe(1)
}
