import { BROKEN, GRANTED, QUEUED, STATE, WAITING, WHO } from './lot-layout.ts'
import type { ParkingLot, Rule } from './parking-lot.ts'

/** Where those wait who want a mutex. */
export const ENTRY = 0

/**
 * A mutex is its `STATE`:
 *
 *   0 ──tryEnter()──▶ owner ──leave()──▶ 0              nobody waits
 *   owner+QUEUED ──leave()──▶ QUEUED ──takeOver()──▶ owner+QUEUED, or owner if that was the last
 *   owner, with or without QUEUED ──the owner dies──▶ BROKEN ──recover()──▶ owner
 *
 * While it is QUEUED without an owner, one place is granted: it belongs to whoever waits there, who
 * may still give it up.
 */
export const mutexRule: Rule = {
  settle(lot) {
    const state = lot.words.load(STATE)
    if ((state & BROKEN) !== 0) return lot.refuseAll()
    if ((state & QUEUED) === 0 || (state & WHO) !== 0) return
    if (lot.next(ENTRY, GRANTED) >= 0) return
    const first = lot.first(ENTRY)
    if (first >= 0) lot.grant(first, ENTRY)
    else lot.words.store(STATE, 0)
  },

  bury(lot, seat) {
    if ((lot.words.load(STATE) & WHO) !== seat + 1) return
    lot.blame(seat)
    lot.words.store(STATE, BROKEN | QUEUED)
  },
}

/** What a thread does to a mutex whose lot it has a seat in. */
export class MutexSeat {
  readonly lot: ParkingLot
  /** Whether this thread has a guard; what it holds without one, an interruption has left. */
  #isInside = false

  constructor(lot: ParkingLot) {
    this.lot = lot
  }

  get isLocked(): boolean {
    return (this.lot.words.load(STATE) & (WHO | QUEUED)) !== 0
  }

  get isBroken(): boolean {
    return (this.lot.words.load(STATE) & BROKEN) !== 0
  }

  /** Whether this thread holds it. */
  get isOwn(): boolean {
    return (this.lot.words.load(STATE) & WHO) === this.lot.who
  }

  tryEnter(): boolean {
    return this.lot.words.compareExchange(STATE, 0, this.lot.who) === 0
  }

  /** Behind the door, with a place that was granted. */
  takeOver(): void {
    const isLast = this.lot.next(ENTRY, WAITING) < 0
    this.lot.words.store(STATE, isLast ? this.lot.who : this.lot.who | QUEUED)
  }

  enter(): void {
    this.#isInside = true
  }

  leave(): void {
    const { words, who } = this.lot
    this.#isInside = false
    if (words.compareExchange(STATE, who, 0) !== who) this.#handOver()
  }

  /** Apart from the fast path, which then needs no room for what a closure remembers. */
  #handOver(): void {
    this.lot.change(() => this.lot.words.store(STATE, QUEUED))
  }

  /** Whether this thread holds it, and the code that took it was terminated before it had a guard. */
  get isLost(): boolean {
    return this.isOwn && !this.#isInside
  }

  /** Behind the door: nobody has had what is lost, so nothing is half changed. */
  recount(): void {
    if (this.isLost) this.lot.words.store(STATE, QUEUED)
  }

  /** Enters a broken mutex, if nobody has done so before. */
  recover(): boolean {
    this.lot.buryTheDead()
    let entered = false
    this.lot.change(() => {
      if (!this.isBroken) return
      this.lot.words.store(STATE, this.lot.who | QUEUED)
      entered = true
    })
    return entered
  }
}
