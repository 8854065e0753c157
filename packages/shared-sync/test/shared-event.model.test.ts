// Answers to CPython's lock_tests, EventTests: every interleaving of a few threads.
import { describe, expect, it } from 'vitest'
import { EventSeat, eventRule } from '../src/event-rule.ts'
import { eventGate } from '../src/shared-event.ts'
import { type Action, explore } from '../../../test/shared-memory/explorer.ts'
import { modelLot, modelMemory } from '../../../test/shared-memory/model-lot.ts'
import { waitIn } from '../../../test/shared-memory/model-queue.ts'

const wait =
  (timeout: number, rule = eventRule): Action =>
  (stage) => {
    const seat = new EventSeat(modelLot(stage, rule))
    waitIn(stage, seat.lot, eventGate(seat), { timeout })
  }

const act =
  (what: 'set' | 'clear', rule = eventRule): Action =>
  (stage) =>
    new EventSeat(modelLot(stage, rule))[what]()

describe('SharedEvent, in every interleaving', () => {
  it('lets all go on once it is set, also if it is set again and again', () => {
    const { memory, isPrivate } = modelMemory(3)
    const threads = [[wait(Infinity), wait(Infinity)], [wait(Infinity)], [act('set'), act('set')]]

    const { states } = explore({ threads, memory, isPrivate })
    expect(states).toBeGreaterThan(5000)
  })

  it('lets those go on who waited when it was set, however soon it is cleared', () => {
    const { memory, isPrivate } = modelMemory(2)
    const threads = [[wait(Infinity)], [act('set'), act('clear'), act('set')]]

    const { states } = explore({ threads, memory, isPrivate })
    expect(states).toBeGreaterThan(500)
  })

  it('is set by a thread that dies meanwhile, or not at all', () => {
    const { memory, isPrivate } = modelMemory(2, true)
    const threads = [[wait(1)], [act('set')]]

    const { states } = explore({ threads, memory, isPrivate, deaths: 1, impatience: 1 })
    expect(states).toBeGreaterThan(100)
  })

  it('leaves nobody behind, or else the explorer finds it', () => {
    const { memory, isPrivate } = modelMemory(2)
    const rule = { ...eventRule, settle: (): void => {} }
    const threads = [[wait(Infinity, rule)], [act('set', rule)]]

    expect(() => explore({ threads, memory, isPrivate })).toThrow('Somebody sleeps for ever')
  })
})
