// Answers to the loom tests of tokio's own low-level locks: every interleaving of a few threads.
import { describe, expect, it } from 'vitest'
import { SharedDoor } from '../src/door.ts'
import { makeLotBuffer } from '../src/lot-buffer.ts'
import { CROWDED, DOOR, doorName } from '../src/lot-layout.ts'
import { SharedWords } from '../src/words.ts'
import { type Action, explore, type Stage } from '../../../test/shared-memory/explorer.ts'

const INSIDE = DOOR + 1

function doorOf({ words, liveness, number }: Stage, spins: number): SharedDoor {
  const hasEnded = (seat: number): boolean => liveness.hasEnded({ thread: seat + 1, start: 1 })
  return new SharedDoor(words, number + 1, spins, hasEnded)
}

/** Goes through the door and out again; whoever takes it over finds that somebody may be inside. */
function passer(times: number, spins = 0): Action[] {
  const pass: Action = (stage) => {
    const door = doorOf(stage, spins)
    const isTakenOver = door.enter()
    const wasInside = stage.words.exchange(INSIDE, 1)
    if (wasInside !== 0 && !isTakenOver) throw new Error('Two are inside')
    stage.words.store(INSIDE, 0)
    door.leave()
  }
  return Array.from({ length: times }, () => pass)
}

const memory = new Int32Array(DOOR + 2)

describe('SharedDoor', () => {
  it('is not taken over from a thread that has got the seat of a dead one meanwhile', () => {
    const words = new SharedWords(makeLotBuffer('door'))
    const crowd = { seat: 1, name: doorName(1, 1) | CROWDED }
    words.store(DOOR, crowd.name)
    let looks = 0
    const door = new SharedDoor(words, doorName(0, 1), 0, (seat) => {
      expect(seat).toBe(crowd.seat)
      looks++
      // Dead indeed; but before we can tell, it is buried, and the next in its seat is behind the door.
      if (looks === 1) words.store(DOOR, doorName(1, 2) | CROWDED)
      else words.store(DOOR, 0)
      return looks === 1
    })

    expect(door.enter()).toBe(false)
    expect(looks).toBe(2)
  })
})

describe('SharedDoor, in every interleaving', () => {
  it('lets one of two threads in at a time, and leaves none asleep', () => {
    expect(explore({ threads: [passer(3), passer(3)], memory }).states).toBeGreaterThan(1000)
  })

  it('lets one of three threads in at a time, and leaves none asleep', () => {
    expect(
      explore({ threads: [passer(1), passer(1), passer(1)], memory, preemptions: 4 }).states,
    ).toBeGreaterThan(1000)
  })

  it('lets threads in that spin first', () => {
    expect(explore({ threads: [passer(2, 2), passer(2, 2)], memory }).states).toBeGreaterThan(1000)
  })

  it('is taken over from a thread that dies anywhere', () => {
    expect(explore({ threads: [passer(2), passer(2)], memory, deaths: 1 }).states).toBeGreaterThan(
      1000,
    )
    const threads = [passer(1), passer(1), passer(1)]
    expect(explore({ threads, memory, deaths: 1, preemptions: 2 }).states).toBeGreaterThan(1000)
  })
})
