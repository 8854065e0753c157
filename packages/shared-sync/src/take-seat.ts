import { availableParallelism } from 'node:os'
import { threadId } from 'node:worker_threads'
import { SharedDoor } from './door.ts'
import type { Liveness } from './liveness.ts'
import {
  doorName,
  ENDED,
  GENERATION,
  LIFE,
  NAMELESS,
  SEAT_COUNT,
  SEATS_USED,
  seatWord,
  START,
  THREAD_ID,
  VACANT,
} from './lot-layout.ts'
import { INSPECTION_MS, ParkingLot, type Rule, type Surroundings } from './parking-lot.ts'
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
    makeDoor: (words, seat, hasEnded) => {
      const name = doorName(seat, words.load(seatWord(seat, GENERATION)))
      return new SharedDoor(words, name, spins, hasEnded)
    },
  }
}

/** How long a thread that attaches waits for those who bury the dead, all together. */
const PATIENCE_MS = 1000

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
  const seat =
    sitDown(words, surroundings, last) ?? sitDownAfterBurial(words, rule, surroundings, last)
  return seat === undefined ? undefined : new ParkingLot(words, seat, rule, surroundings)
}

function sitDownAfterBurial(
  words: Words,
  rule: Rule,
  surroundings: Surroundings,
  last: number,
): number | undefined {
  const { liveness } = surroundings
  const deadline = liveness.now() + PATIENCE_MS
  while (!takeLast(words, liveness, last)) {
    // Whoever is there makes room for others than himself, too.
    const seat = sitDown(words, surroundings, last)
    if (seat !== undefined || liveness.now() >= deadline) return seat
  }
  try {
    const lot = new ParkingLot(words, last, rule, surroundings)
    // Through the door in any case: who was here before us may have died behind it.
    if (!lot.buryTheDead()) lot.change(nothing)
    return sitDown(words, surroundings, last)
  } finally {
    standUp(words, last)
  }
}

/** Takes the last seat, also from a thread that has ended; or sleeps until that may be possible. */
function takeLast(words: Words, liveness: Liveness, last: number): boolean {
  if (take(words, liveness, last, VACANT)) return true
  const life = words.load(seatWord(last, LIFE))
  const start = words.load(seatWord(last, START))
  if (life === ENDED || (life > VACANT && liveness.hasEnded({ thread: life, start }))) {
    // First, because the others would take us for dead if they read our number and its start.
    words.compareExchange(seatWord(last, START), start, 0)
    return take(words, liveness, last, life)
  }
  if (life !== VACANT) words.wait(seatWord(last, LIFE), life, INSPECTION_MS)
  return false
}

/** Takes one of the seats below the last. */
function sitDown(words: Words, { liveness }: Surroundings, last: number): number | undefined {
  for (let seat = 0; seat < last; seat++) {
    if (take(words, liveness, seat, VACANT)) return seat
  }
  return undefined
}

/** Takes a seat, unless it is in other hands than expected. */
function take(words: Words, liveness: Liveness, seat: number, expected: number): boolean {
  const { thread, start } = liveness.self()
  const life = seatWord(seat, LIFE)
  if (words.compareExchange(life, expected, thread === 0 ? NAMELESS : thread) !== expected) {
    return false
  }
  words.add(seatWord(seat, GENERATION), 1)
  words.store(seatWord(seat, THREAD_ID), threadId)
  words.store(seatWord(seat, START), start)
  includeSeat(words, seat)
  return true
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
  words.notify(seatWord(seat, LIFE))
}

function nothing(): void {}

/** The thread has no use for its seat any more. What it holds, if anything, nobody can release. */
export function leaveSeat(words: Words, seat: number): void {
  words.store(seatWord(seat, LIFE), ENDED)
}
