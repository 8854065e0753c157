// Answers to CPython's lock_tests, ConditionTests: every interleaving of a few threads.
import { describe, expect, it } from 'vitest'
import { conditionRule, ConditionSeat } from '../src/condition-rule.ts'
import { conditionNotice } from '../src/shared-condition.ts'
import type { Words } from '../src/words.ts'
import { type Action, explore } from '../../../test/shared-memory/explorer.ts'
import { modelLot, modelMemory } from '../../../test/shared-memory/model-lot.ts'
import { awaitIn, waitIn } from '../../../test/shared-memory/model-queue.ts'

/** How two who wait for a notification go about it. */
interface Waiting {
  /** The word that counts those who wait. */
  readonly waiting: number
  readonly timeout?: number
  /** Whether one that is notified notifies the next. */
  readonly passesOn?: boolean
}

function waiter({ waiting, timeout = Infinity, passesOn = false }: Waiting): Action {
  return (stage) => {
    const seat = new ConditionSeat(modelLot(stage, conditionRule))
    const entered = (): void => {
      stage.words.add(waiting, 1)
      stage.words.notify(waiting)
    }
    const ending = waitIn(stage, seat.lot, conditionNotice(seat), { timeout, entered })
    if (ending === 'in' && passesOn) seat.notify(1)
  }
}

/** As many who wait in one thread, without blocking it. */
function crowd(waiting: number, count: number): Action {
  return (stage) => {
    const seat = new ConditionSeat(modelLot(stage, conditionRule))
    awaitIn(seat.lot, conditionNotice(seat), count, () => {
      stage.words.add(waiting, count)
      stage.words.notify(waiting)
    })
  }
}

/** Notifies as many, once two wait. */
function notifier(waiting: number, ...counts: readonly number[]): Action[] {
  const notify = counts.map((count): Action => (stage) => {
    new ConditionSeat(modelLot(stage, conditionRule)).notify(count)
  })
  return [({ words }) => waitForTwo(words, waiting), ...notify]
}

function waitForTwo(words: Words, waiting: number): void {
  for (let count = words.load(waiting); count < 2; count = words.load(waiting)) {
    words.wait(waiting, count, Infinity)
  }
}

describe('SharedCondition, in every interleaving', () => {
  it.each([[[2]], [[1, 1]], [[Infinity]]])('notifies both who wait: %j', (counts) => {
    const { memory, own: waiting, isPrivate } = modelMemory(3)
    const thread = [waiter({ waiting })]
    const threads = [thread, thread, notifier(waiting, ...counts)]

    const { states } = explore({ threads, memory, isPrivate })
    expect(states).toBeGreaterThan(1000)
  })

  it.each([
    [2, [1, 1]],
    [3, [1, 1, 1]],
    [3, [2, 1]],
  ])('notifies all %i of one thread, one after the other: %j', (count, counts) => {
    const { memory, own: waiting, isPrivate } = modelMemory(2)
    const threads = [[crowd(waiting, count)], notifier(waiting, ...counts)]

    const { states } = explore({ threads, memory, isPrivate })
    expect(states).toBeGreaterThan(100)
  })

  it('hands a notification on that one who gives up was meant to get', () => {
    const { memory, own: waiting, isPrivate } = modelMemory(3)
    const patient = [waiter({ waiting, passesOn: true })]
    const hasty = [waiter({ waiting, timeout: 1, passesOn: true })]
    const threads = [patient, hasty, notifier(waiting, 1)]

    const { states } = explore({ threads, memory, isPrivate, impatience: 1, preemptions: 3 })
    expect(states).toBeGreaterThan(10_000)
  })

  it('notifies nobody twice who waits once, or else the explorer finds it', () => {
    const { memory, own: waiting, isPrivate } = modelMemory(3)
    const thread = [waiter({ waiting })]

    expect(() =>
      explore({ threads: [thread, thread, notifier(waiting, 1)], memory, isPrivate }),
    ).toThrow('Somebody sleeps for ever')
  })
})
