import { BROKEN, BROKEN_BY, CAPACITY, QUEUED, STATE, WAITING } from './lot-layout.ts'
import type { ParkingLot, Rule } from './parking-lot.ts'

/** Where those wait who have arrived. */
export const MEETING = 0

/** `STATE`: all have arrived, and are being let go. */
const COMPLETE = 1

/**
 * How many of a thread have arrived is in its `HOLD`, which counts while its place waits. When all
 * have, COMPLETE says so in one word; only then are they let go, by whoever is behind the door.
 *
 *   QUEUED ──the last arrives──▶ COMPLETE+QUEUED ──▶ QUEUED
 *     └── somebody gives up, aborts or dies ──▶ BROKEN ──reset()──▶ QUEUED
 */
export const barrierRule: Rule = {
  settle(lot) {
    const { words } = lot
    const state = words.load(STATE)
    if ((state & BROKEN) !== 0) return lot.refuseAll()
    if ((state & COMPLETE) === 0) {
      if (arrivals(lot) < words.load(CAPACITY)) return
      words.store(STATE, COMPLETE | QUEUED)
    }
    for (
      let seat = lot.next(MEETING, WAITING);
      seat >= 0;
      seat = lot.next(MEETING, WAITING, seat)
    ) {
      lot.grant(seat, MEETING)
    }
    words.store(STATE, QUEUED)
  },

  bury(lot, seat) {
    if (lot.next(MEETING, WAITING, seat - 1) !== seat) return
    lot.blame(seat)
    lot.words.store(STATE, BROKEN | QUEUED)
  },
}

function arrivals(lot: ParkingLot): number {
  let count = 0
  for (let seat = lot.next(MEETING, WAITING); seat >= 0; seat = lot.next(MEETING, WAITING, seat)) {
    count += lot.holdOf(seat)
  }
  return count
}

/** What a thread does to a barrier whose lot it has a seat in. */
export class BarrierSeat {
  readonly lot: ParkingLot

  constructor(lot: ParkingLot) {
    this.lot = lot
  }

  get isBroken(): boolean {
    return (this.lot.words.load(STATE) & BROKEN) !== 0
  }

  /** How many have arrived and wait for the others. */
  get waiting(): number {
    return arrivals(this.lot)
  }

  /** Arrives only as the last, whom nobody has to wait for. Gives how many came before, or -1. */
  tryComplete(): number {
    const { lot } = this
    const parties = lot.words.load(CAPACITY)
    let before = -1
    lot.change(() => {
      if (this.isBroken || arrivals(lot) !== parties - 1) return
      before = parties - 1
      lot.words.store(STATE, COMPLETE | QUEUED)
    })
    return before
  }

  /** Behind the door. Gives how many came before. */
  arrive(): number {
    const { lot } = this
    const before = arrivals(lot)
    // What is left of an earlier round does not count.
    const own = lot.next(MEETING, WAITING, lot.seat - 1) === lot.seat ? lot.holdOf(lot.seat) : 0
    lot.setHold(own + 1)
    return before
  }

  /** Behind the door: one gave up. Once the party is complete, nobody can leave it. */
  withdraw(): void {
    if (this.lot.stateOf(MEETING) === WAITING) this.break()
  }

  /** Behind the door: so many of this thread wait. If more had arrived, one is gone for good. */
  recount(waiting: number): void {
    if (this.lot.holdOf(this.lot.seat) !== waiting) this.withdraw()
  }

  /** Behind the door: half of a party is none. */
  break(): void {
    this.lot.words.store(BROKEN_BY, 0)
    this.lot.words.store(STATE, BROKEN | QUEUED)
  }

  abort(): void {
    this.lot.change(() => this.break())
  }

  reset(): void {
    this.lot.change(() => {
      this.break()
      this.lot.refuseAll()
      this.lot.words.store(STATE, QUEUED)
    })
  }
}
