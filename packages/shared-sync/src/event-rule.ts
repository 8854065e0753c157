import { QUEUED, STATE, WAITING } from './lot-layout.ts'
import type { ParkingLot, Rule } from './parking-lot.ts'

/** Where those wait who want it set. */
export const GATE = 0

/** `STATE`: the event is set. */
const SET = 1

/** Who waits is let in as soon as the event is set, and stays so when it is cleared the next moment. */
export const eventRule: Rule = {
  settle(lot) {
    const state = lot.words.load(STATE)
    if (state !== (SET | QUEUED)) return
    for (let seat = lot.next(GATE, WAITING); seat >= 0; seat = lot.next(GATE, WAITING, seat)) {
      lot.grant(seat, GATE)
    }
    lot.words.store(STATE, SET)
  },

  bury() {},
}

/** What a thread does to an event whose lot it has a seat in. */
export class EventSeat {
  readonly lot: ParkingLot

  constructor(lot: ParkingLot) {
    this.lot = lot
  }

  get isSet(): boolean {
    return (this.lot.words.load(STATE) & SET) !== 0
  }

  set(): void {
    const { words } = this.lot
    if (!this.isSet) this.lot.change(() => words.store(STATE, words.load(STATE) | SET))
  }

  clear(): void {
    const { words } = this.lot
    if (this.isSet) this.lot.change(() => words.store(STATE, words.load(STATE) & ~SET))
  }
}
