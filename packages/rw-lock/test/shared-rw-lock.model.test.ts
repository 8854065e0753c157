// Answers to tokio's loom_rwlock and to Go's rwmutex_test (its activity counter): every interleaving of
// a few threads.
import { HOLD, seatWord, STATE, WHO } from '@cupola/shared-sync/authoring'
import { describe, expect, it } from 'vitest'
import { at } from '../../../test/at.ts'
import { type Action, explore } from '../../../test/shared-memory/explorer.ts'
import { modelMemory } from '../../../test/shared-memory/model-lot.ts'
import { rwRule } from '../src/shared-rw-rule.ts'
import { mend, quietly, reader, writer } from './fixtures/rw-visitors.ts'

function isAtRest(words: Int32Array): void {
  expect(words[STATE]).toBe(0)
  for (let seat = 0; seat < 2; seat++) expect(words[seatWord(seat, HOLD)]).toBe(0)
}

describe('SharedRwLock, in every interleaving', () => {
  it('lets a reader and a writer in, twice each, never together', () => {
    const { memory, own: activity, isPrivate } = modelMemory(2, false, true)
    const threads = [
      [...reader({ activity }), ...reader({ activity })],
      [...writer({ activity }), ...writer({ activity })],
    ]

    const { states } = explore({ threads, memory, isPrivate, check: isAtRest, preemptions: 4 })
    expect(states).toBeGreaterThan(10_000)
  })

  it('lets two writers in beside nobody', () => {
    const { memory, own: activity, isPrivate } = modelMemory(2, false, true)
    const threads = [writer({ activity }), [...writer({ activity }), ...reader({ activity })]]

    const { states } = explore({ threads, memory, isPrivate, check: isAtRest })
    expect(states).toBeGreaterThan(1000)
  })

  it('lets two readers and a writer in, of whom one may give up', () => {
    const { memory, own: activity, isPrivate } = modelMemory(3, false, true)
    const threads = [reader({ activity }), reader({ activity }), writer({ activity, timeout: 1 })]
    const bounds = { impatience: 1, preemptions: 2 }

    const { states } = explore({ threads, memory, isPrivate, check: isAtRest, ...bounds })
    expect(states).toBeGreaterThan(10_000)
  })

  it('finds out the death of a reader or a writer at any moment', () => {
    const { memory, own: activity, isPrivate } = modelMemory(2, true, true)
    const threads = [quietly(reader({ activity })), quietly(writer({ activity }))]

    const { states } = explore({
      threads,
      memory,
      isPrivate,
      deaths: 1,
      check(words, dead) {
        const who = at(words, STATE) & WHO
        if (who !== 0) expect(dead).toContain(who - 1)
      },
    })
    expect(states).toBeGreaterThan(500)
  })

  it('is had by the others, where the code of one is terminated and its thread lives on', () => {
    const { memory, own: activity, isPrivate } = modelMemory(2, true, true)
    const scope = { memory, isPrivate, impatience: 1, interruptions: 1, preemptions: 2 }
    const bounds = { ...scope, check: isAtRest, mend }
    for (const timeout of [0, Infinity]) {
      const threads = [reader({ activity, timeout }), writer({ activity })]
      expect(explore({ ...bounds, threads }).states).toBeGreaterThan(500)
      const others = [writer({ activity, timeout }), reader({ activity })]
      expect(explore({ ...bounds, threads: others }).states).toBeGreaterThan(500)
    }
  })

  it('is broken by the death of a writer who is inside, by whatever way he came', () => {
    const { memory, own, isPrivate } = modelMemory(2, true, true)
    const activity = own + 1
    const half: Action = ({ words }) => words.store(own, 1)
    const whole: Action = ({ words }) => words.store(own, 0)
    const write = writer({ activity }).toSpliced(1, 1, half, whole)
    // Whoever gets in otherwise than by recovering it finds nothing half changed.
    const look: Action = ({ words }) => {
      if (words.load(own) !== 0) throw new Error('Half of it is taken for the whole')
    }
    const read = reader({ activity }).with(1, look)

    const { states } = explore({ threads: [write, read], memory, isPrivate, deaths: 1 })
    expect(states).toBeGreaterThan(500)
  })

  it('finds out the death of one of three', () => {
    const { memory, own: activity, isPrivate } = modelMemory(3, true, true)
    const threads = [reader({ activity }), writer({ activity }), writer({ activity })].map(quietly)

    const { states } = explore({ threads, memory, isPrivate, deaths: 1, preemptions: 1 })
    expect(states).toBeGreaterThan(5000)
  })

  it('is not, where writers are let in beside readers (the explorer finds it)', () => {
    const { memory, own: activity, isPrivate } = modelMemory(2, false, true)
    const rule = {
      ...rwRule,
      settle(lot: Parameters<typeof rwRule.settle>[0]) {
        if (lot.first(1) >= 0) lot.grant(lot.first(1), 1)
        else rwRule.settle(lot)
      },
    }
    const threads = [reader({ activity, rule }), writer({ activity, rule })]

    expect(() => explore({ threads, memory, isPrivate })).toThrow(/beside a writer|not alone/)
  })
})
