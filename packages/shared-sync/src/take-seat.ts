import { availableParallelism } from 'node:os'
import { threadId } from 'node:worker_threads'
import { SharedDoor } from './door.ts'
import {
  ENDED,
  LIFE,
  NAMELESS,
  SEAT_COUNT,
  SEATS_USED,
  seatWord,
  START,
  THREAD_ID,
  VACANT,
} from './lot-layout.ts'
import { ParkingLot, type Rule, type Surroundings } from './parking-lot.ts'
import { threadFiles } from './thread-files.ts'
import type { Words } from './words.ts'

/** Whoever is behind the door is there for less than a microsecond; longer than that, sleep is cheaper. */
const SPINS = 32

/** A lot on a real machine. */
export function realSurroundings(): Surroundings {
  // With one CPU, whoever is inside cannot leave while we spin.
  const spins = availableParallelism() > 1 ? SPINS : 0
  return {
    liveness: threadFiles,
    makeDoor: (words, who, hasEnded) => new SharedDoor(words, who, spins, hasEnded),
  }
}

/**
 * Gives this thread a seat, for as long as it lives. `undefined` if all are taken by threads that live.
 *
 * The last seat is nobody's for long: to bury the dead one has to pass the door, and for that one
 * needs a seat.
 */
export function takeSeat(
  words: Words,
  rule: Rule,
  surroundings: Surroundings,
): ParkingLot | undefined {
  const last = words.load(SEAT_COUNT) - 1
  const seat = sitDown(words, surroundings, 0, last) ?? afterBurial(words, rule, surroundings, last)
  return seat === undefined ? undefined : new ParkingLot(words, seat, rule, surroundings)
}

function afterBurial(
  words: Words,
  rule: Rule,
  surroundings: Surroundings,
  last: number,
): number | undefined {
  if (sitDown(words, surroundings, last, last + 1) === undefined) return undefined
  try {
    new ParkingLot(words, last, rule, surroundings).buryTheDead()
    return sitDown(words, surroundings, 0, last)
  } finally {
    standUp(words, last)
  }
}

function sitDown(
  words: Words,
  { liveness }: Surroundings,
  from: number,
  to: number,
): number | undefined {
  const { thread, start } = liveness.self()
  for (let seat = from; seat < to; seat++) {
    const life = seatWord(seat, LIFE)
    if (words.compareExchange(life, VACANT, thread === 0 ? NAMELESS : thread) !== VACANT) continue
    words.store(seatWord(seat, THREAD_ID), threadId)
    words.store(seatWord(seat, START), start)
    includeSeat(words, seat)
    return seat
  }
  return undefined
}

/** From now on everybody who looks at all seats looks at this one as well. */
function includeSeat(words: Words, seat: number): void {
  for (;;) {
    const used = words.load(SEATS_USED)
    if (used > seat || words.compareExchange(SEATS_USED, used, seat + 1) === used) return
  }
}

function standUp(words: Words, seat: number): void {
  words.store(seatWord(seat, START), 0)
  words.store(seatWord(seat, LIFE), VACANT)
}

/** The thread has no use for its seat any more. What it holds, if anything, nobody can release. */
export function leaveSeat(words: Words, seat: number): void {
  words.store(seatWord(seat, LIFE), ENDED)
}
