// Answers to CPython's lock_tests, BarrierTests: every interleaving of a few threads.
import { describe, expect, it } from 'vitest'
import { BarrierSeat, barrierRule } from '../src/barrier-rule.ts'
import { CAPACITY } from '../src/lot-layout.ts'
import { barrierMeeting } from '../src/shared-barrier.ts'
import { type Action, explore } from '../../../test/shared-memory/explorer.ts'
import { modelLot, modelMemory } from '../../../test/shared-memory/model-lot.ts'
import { waitIn } from '../../../test/shared-memory/model-queue.ts'

function lotOf(threads: number, deaths = false): ReturnType<typeof modelMemory> {
  const lot = modelMemory(threads, deaths)
  lot.memory[CAPACITY] = threads
  return lot
}

/** Arrives, and finds after it that all have arrived as often as itself, and none twice more. */
function round(arrived: number, parties: number, number: number, rule = barrierRule): Action {
  return (stage) => {
    stage.words.add(arrived, 1)
    const seat = new BarrierSeat(modelLot(stage, rule))
    if (waitIn(stage, seat.lot, barrierMeeting(seat)) !== 'in') return
    const now = stage.words.load(arrived)
    if (now < parties * number || now > parties * number + parties - 1) throw new Error('Too soon')
  }
}

describe('SharedBarrier, in every interleaving', () => {
  it('lets two threads go on together, round after round', () => {
    const { memory, own, isPrivate } = lotOf(2)
    const thread = [round(own, 2, 1), round(own, 2, 2)]

    const { states } = explore({ threads: [thread, thread], memory, isPrivate })
    expect(states).toBeGreaterThan(500)
  })

  it('lets three threads go on together', () => {
    const { memory, own, isPrivate } = lotOf(3)
    const thread = [round(own, 3, 1)]

    const { states } = explore({
      threads: [thread, thread, thread],
      memory,
      isPrivate,
      preemptions: 2,
    })
    expect(states).toBeGreaterThan(1000)
  })

  it('lets all go on, or refuses all, where one may give up', () => {
    const { memory, own, isPrivate } = lotOf(2)
    const thread: Action[] = [
      (stage) => {
        const seat = new BarrierSeat(modelLot(stage, barrierRule))
        const ending = waitIn(stage, seat.lot, barrierMeeting(seat), { timeout: 1 })
        stage.words.add(own, ending === 'in' ? 1 : 100)
      },
    ]

    explore({
      threads: [thread, thread],
      memory,
      isPrivate,
      impatience: 2,
      check: (words) => expect([2, 200]).toContain(words[own]),
    })
  })

  it('is broken by the death of one that waits, and hangs nobody', () => {
    const { memory, isPrivate } = lotOf(2, true)
    // If the other died before it came, nothing but the time-out helps.
    const thread: Action[] = [
      (stage) => {
        const seat = new BarrierSeat(modelLot(stage, barrierRule))
        waitIn(stage, seat.lot, barrierMeeting(seat), { timeout: 350 })
      },
    ]

    const { states } = explore({ threads: [thread, thread], memory, isPrivate, deaths: 1 })
    expect(states).toBeGreaterThan(100)
  })

  it('lets nobody go on too soon, or else the explorer finds it', () => {
    const { memory, own, isPrivate } = lotOf(2)
    memory[CAPACITY] = 1
    const thread = [round(own, 2, 1)]

    expect(() => explore({ threads: [thread, thread], memory, isPrivate })).toThrow('Too soon')
  })
})
