import {
  BROKEN,
  CAPACITY,
  GRANTED,
  HOLD,
  QUEUED,
  SEATS_USED,
  seatWord,
  STATE,
} from './lot-layout.ts'
import type { ParkingLot, Rule } from './parking-lot.ts'
import type { Words } from './words.ts'

/** Where those wait who want permits. */
export const ENTRY = 0

/**
 * How many permits a thread holds is in its `HOLD`, and how many it is about to hold in the detail of
 * a place that was granted; so there is no count of free ones that could be wrong after a death.
 * `STATE` is 0 while nobody waits.
 */
export const semaphoreRule: Rule = {
  settle(lot) {
    const state = lot.words.load(STATE)
    if ((state & BROKEN) !== 0) return lot.refuseAll()
    if ((state & QUEUED) === 0) return
    let free = freePermits(lot)
    for (let first = lot.first(ENTRY); first >= 0; first = lot.first(ENTRY)) {
      free -= lot.detailOf(first, ENTRY)
      // Nobody behind is let in before the first, or many small would keep out one big for ever.
      if (free < 0) return
      lot.grant(first, ENTRY)
    }
    if (lot.next(ENTRY, GRANTED) < 0) lot.words.store(STATE, 0)
  },

  bury(lot, seat) {
    if (lot.holdOf(seat) === 0) return
    lot.blame(seat)
    lot.words.store(STATE, BROKEN | QUEUED)
  },
}

/** Permits that nobody holds or is about to. Below 0 never. */
export function freePermits(lot: ParkingLot): number {
  let free = unheldPermits(lot.words)
  for (let seat = lot.next(ENTRY, GRANTED); seat >= 0; seat = lot.next(ENTRY, GRANTED, seat)) {
    free -= lot.detailOf(seat, ENTRY)
  }
  return free
}

function unheldPermits(words: Words): number {
  let free = words.load(CAPACITY)
  for (let seat = words.load(SEATS_USED) - 1; seat >= 0; seat--) {
    free -= words.load(seatWord(seat, HOLD))
  }
  return free
}

/** What a thread does to a semaphore whose lot it has a seat in. */
export class SemaphoreSeat {
  readonly lot: ParkingLot
  /** Permits that guards of this thread stand for; what it holds besides, an interruption has left. */
  #guarded = 0

  constructor(lot: ParkingLot) {
    this.lot = lot
  }

  get isBroken(): boolean {
    return (this.lot.words.load(STATE) & BROKEN) !== 0
  }

  tryTake(permits: number): boolean {
    return this.lot.words.load(STATE) === 0 && this.#takeFree(permits)
  }

  #takeFree(permits: number): boolean {
    const { lot } = this
    let isTaken = false
    lot.change(() => {
      // While `STATE` is 0, nobody is about to hold any.
      if (lot.words.load(STATE) !== 0 || unheldPermits(lot.words) < permits) return
      this.take(permits)
      isTaken = true
    })
    return isTaken
  }

  /** Whether there would be too few permits even if all other threads gave back theirs. */
  isShortOf(permits: number): boolean {
    const { words, seat } = this.lot
    return words.load(CAPACITY) - this.lot.holdOf(seat) < permits
  }

  /** Behind the door, if there is more than before. */
  take(permits: number): void {
    this.lot.setHold(this.lot.holdOf(this.lot.seat) + permits)
  }

  /** A guard stands for so many of those that were taken. */
  enter(permits: number): void {
    this.#guarded += permits
  }

  /** Before the door: only this thread writes what it holds, and who waits says so before it looks. */
  giveBack(permits: number): void {
    this.#guarded -= permits
    this.take(-permits)
    if (this.lot.words.load(STATE) !== 0) this.lot.change(nothing)
  }

  /** Whether permits were taken, or given back, by code that was terminated half way. */
  get isLost(): boolean {
    return this.lot.holdOf(this.lot.seat) !== this.#guarded
  }

  /** Behind the door: nobody has had what is lost. */
  recount(): void {
    this.lot.setHold(this.#guarded)
  }

  /** Frees what the dead held. */
  recover(): boolean {
    this.lot.buryTheDead()
    let isRecovered = false
    this.lot.change(() => {
      if (!this.isBroken) return
      // Who was refused is out, whether it knows or not; a thread collects that before it comes anew.
      this.lot.words.store(STATE, QUEUED)
      isRecovered = true
    })
    return isRecovered
  }
}

function nothing(): void {}
