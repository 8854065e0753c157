// Answers to the loom tests of tokio's mutex and semaphore: every interleaving of a few threads.
import { describe, expect, it } from 'vitest'
import { BROKEN, DOOR, FREE, PLACE, placeWord, STATE, WHO } from '../src/lot-layout.ts'
import type { Right } from '../src/local-queue.ts'
import { mutexRule, MutexSeat } from '../src/mutex-rule.ts'
import type { SharedGuard } from '../src/shared-guard.ts'
import { mutexEntry } from '../src/shared-mutex.ts'
import { type Action, explore, Violation } from '../../../test/shared-memory/explorer.ts'
import { modelLot, modelMemory } from '../../../test/shared-memory/model-lot.ts'
import { mendIn } from '../../../test/shared-memory/model-queue.ts'
import { visitMutex } from './fixtures/mutex-visitors.ts'
import { at } from '../../../test/at.ts'

/** In the end the mutex is free, nobody waits, and nobody is behind the door. */
function isAtRest(words: Int32Array): void {
  expect(words[STATE]).toBe(0)
  expect(words[DOOR]).toBe(0)
  for (let seat = 0; seat < at(words, 2); seat++)
    expect(words[placeWord(seat, 0, PLACE)]).toBe(FREE)
}

/** A death may be left for the next one to find out. */
function isHeldByTheDeadOnly(words: Int32Array, dead: ReadonlySet<number>): void {
  for (const word of [at(words, STATE), at(words, DOOR)]) {
    if ((word & WHO) !== 0) expect(dead).toContain((word & WHO) - 1)
  }
  if (at(words, STATE) & BROKEN) expect(dead.size).toBe(1)
}

describe('SharedMutex, in every interleaving', () => {
  it('lets two threads in twice, one at a time', () => {
    const { memory, own: inside, isPrivate } = modelMemory(2)
    const visitor = [...visitMutex({ inside }), ...visitMutex({ inside })]

    const { states } = explore({ threads: [visitor, visitor], memory, isPrivate, check: isAtRest })
    expect(states).toBeGreaterThan(1000)
  })

  it('lets three threads in, one at a time, of which one may give up', () => {
    const { memory, own: inside, isPrivate } = modelMemory(3)
    const threads = [{ inside }, { inside, timeout: 1 }, { inside }].map(visitMutex)

    const { states } = explore({
      threads,
      memory,
      isPrivate,
      impatience: 1,
      preemptions: 3,
      check: isAtRest,
    })
    expect(states).toBeGreaterThan(1000)
  })

  it('finds out the death of one of two threads at any moment', () => {
    const { memory, own: inside, isPrivate } = modelMemory(2, true)
    const threads = [visitMutex({ inside }), visitMutex({ inside, timeout: 1 })]
    const check = isHeldByTheDeadOnly

    const { states } = explore({ threads, memory, isPrivate, impatience: 1, deaths: 1, check })
    expect(states).toBeGreaterThan(1000)
  })

  it('finds out the death of one of three threads at any moment', () => {
    const { memory, own: inside, isPrivate } = modelMemory(3, true)
    const threads = [{ inside }, { inside }, { inside }].map(visitMutex)
    const check = isHeldByTheDeadOnly

    const { states } = explore({ threads, memory, isPrivate, deaths: 1, preemptions: 1, check })
    expect(states).toBeGreaterThan(1000)
  })
})

describe('SharedMutex, in a thread whose code is terminated at any moment and that lives on', () => {
  const { memory, own: inside, isPrivate } = modelMemory(2, true)
  const bounds = { memory, isPrivate, impatience: 1, interruptions: 1, check: isAtRest }

  /** Mends the mutex, unless that is left out on purpose. */
  const mend =
    (omitted: Partial<Right<SharedGuard>> = {}): Action =>
    (stage) => {
      const seat = new MutexSeat(modelLot(stage, mutexRule))
      mendIn(seat.lot, { ...mutexEntry(seat), ...omitted })
    }

  it.each([[{}], [{ timeout: 0 }], [{ timeout: 1 }]])(
    'is had by the others, whatever that was about to do: %j',
    (visit) => {
      const threads = [visitMutex({ inside, ...visit }), visitMutex({ inside })]

      const { states } = explore({ ...bounds, threads, mend: mend() })
      expect(states).toBeGreaterThan(1000)
    },
  )

  it('is not, where what was taken without a guard is not given back (the explorer finds it)', () => {
    const threads = [visitMutex({ inside, timeout: 0 }), visitMutex({ inside })]
    const keep = mend({ recount: () => {} })

    expect(() => explore({ ...bounds, threads, mend: keep })).toThrow(Violation)
  })
})

describe('the explorer', () => {
  const { memory, own: inside, isPrivate } = modelMemory(2)

  it('finds two inside, where one is let in whoever holds the mutex', () => {
    const rule = {
      ...mutexRule,
      settle: (lot: Parameters<typeof mutexRule.settle>[0]): void => {
        const first = lot.first(0)
        if (first >= 0) lot.grant(first, 0)
      },
    }
    const threads = [visitMutex({ inside, rule }), visitMutex({ inside, rule })]

    expect(() => explore({ threads, memory, isPrivate })).toThrow(Violation)
    expect(() => explore({ threads, memory, isPrivate })).toThrow('Two are inside')
  })

  it('finds one that sleeps for ever, where nobody is let in after a release', () => {
    const rule = { ...mutexRule, settle: (): void => {} }
    const threads = [visitMutex({ inside, rule }), visitMutex({ inside, rule })]

    expect(() => explore({ threads, memory, isPrivate })).toThrow('Somebody sleeps for ever')
  })

  it('finds a death that is not found out, where the dead are not buried', () => {
    const rule = { ...mutexRule, bury: (): void => {} }
    const threads = [visitMutex({ inside, rule }), visitMutex({ inside, rule })]

    expect(() => explore({ threads, memory, isPrivate, deaths: 1 })).toThrow('A death is not found')
  })
})
