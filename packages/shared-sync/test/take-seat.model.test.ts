import { describe, expect, it } from 'vitest'
import { SharedDoor } from '../src/door.ts'
import {
  DOOR,
  doorName,
  ENDED,
  GENERATION,
  LIFE,
  lotBytes,
  SEAT_COUNT,
  SEATS_USED,
  seatWord,
  VACANT,
} from '../src/lot-layout.ts'
import { mutexRule } from '../src/mutex-rule.ts'
import { takeSeat } from '../src/take-seat.ts'
import { at } from '../../../test/at.ts'
import { type Action, explore } from '../../../test/shared-memory/explorer.ts'

/** A lot for as many threads, all of which have ended. */
function deserted(maxThreads: number): Int32Array {
  const memory = new Int32Array(lotBytes(maxThreads + 1) / 4)
  memory[SEAT_COUNT] = maxThreads + 1
  memory[SEATS_USED] = maxThreads
  for (let seat = 0; seat < maxThreads; seat++) memory[seatWord(seat, LIFE)] = ENDED
  return memory
}

/** Takes a seat, with the door that is shipped. */
const attach: Action = ({ words, liveness }) => {
  const lot = takeSeat(words, mutexRule, {
    liveness,
    makeDoor: (shared, seat, hasEnded) => {
      const name = doorName(seat, shared.load(seatWord(seat, GENERATION)))
      return new SharedDoor(shared, name, 0, hasEnded)
    },
  })
  if (lot === undefined) throw new Error('There is no seat')
}

/** The living have a seat each, and nobody is left in the last one or behind the door. */
function areSeated(memory: Int32Array, dead: ReadonlySet<number>): void {
  const last = at(memory, SEAT_COUNT) - 1
  const lives = Array.from({ length: last }, (_, seat) => memory[seatWord(seat, LIFE)])
  for (const number of [0, 1].filter((each) => !dead.has(each))) {
    expect(lives.filter((life) => life === number + 1)).toHaveLength(1)
  }
  if (dead.size > 0) return
  expect(memory[seatWord(last, LIFE)]).toBe(VACANT)
  expect(memory[DOOR]).toBe(0)
}

describe('takeSeat(), in every interleaving', () => {
  it('seats as many as have ended, who all come at once', () => {
    const threads = [[attach], [attach]]

    const { states } = explore({ threads, memory: deserted(2), preemptions: 4, check: areSeated })
    expect(states).toBeGreaterThan(1000)
  })

  it('does so when one of them dies while it buries the dead', () => {
    const threads = [[attach], [attach]]
    const bounds = { preemptions: 2, deaths: 1 }

    const { states } = explore({ threads, memory: deserted(2), ...bounds, check: areSeated })
    expect(states).toBeGreaterThan(1000)
  })
})
