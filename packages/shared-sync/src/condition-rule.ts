import {
  BREAKS,
  BREAKS_TOLD,
  GRANTED,
  HOLD,
  OWED,
  PLACE,
  placeWord,
  SEATS_USED,
  seatWord,
  TICKET,
  WAITING,
} from './lot-layout.ts'
import type { ParkingLot, Rule } from './parking-lot.ts'

/** Where those wait who want to be notified. */
export const NOTICE = 0

/** More than can wait. */
const ALL = 2 ** 31 - 1

/**
 * How many of a thread wait is in its `HOLD`, how many of them have been notified in the detail of its
 * place, and how many notifications have yet to be handed out in `OWED`. A thread that dies while it
 * hands them out may have handed one out twice; a notification too many does no harm.
 */
export const conditionRule: Rule = {
  settle(lot) {
    const { words } = lot
    let owed = words.load(OWED)
    if (owed === 0) return
    for (let seat = whoseTurn(lot); seat >= 0 && owed > 0; seat = whoseTurn(lot)) {
      lot.setDetail(seat, NOTICE, lot.detailOf(seat, NOTICE) + 1)
      lot.grant(seat, NOTICE)
      owed--
      words.store(OWED, owed)
    }
    // Nobody waits who could be notified: a condition does not remember.
    words.store(OWED, 0)
  },

  bury(lot, seat) {
    if (lot.next(NOTICE, GRANTED, seat - 1) === seat) owe(lot, lot.detailOf(seat, NOTICE))
  },
}

/**
 * The rule of a condition that belongs to a mutex of that lot. Those who wait have given the mutex up, so
 * nobody in its lot would tell them that it broke: they are notified, and find out when they take it.
 */
export function conditionOf(mutex: ParkingLot): Rule {
  return {
    ...conditionRule,
    inspect(lot) {
      mutex.inspect()
      const breaks = mutex.words.load(BREAKS)
      if (breaks === lot.words.load(BREAKS_TOLD)) return
      lot.change(() => {
        owe(lot, ALL)
        lot.words.store(BREAKS_TOLD, breaks)
      })
    },
  }
}

/** Behind the door: as many are to be notified, if there are as many. */
function owe(lot: ParkingLot, count: number): void {
  lot.words.store(OWED, Math.min(lot.words.load(OWED) + count, ALL))
}

/** The thread that has waited longest of those with the fewest notified; -1 if nobody is left. */
function whoseTurn(lot: ParkingLot): number {
  const { words } = lot
  const used = words.load(SEATS_USED)
  let turn = -1
  for (let seat = 0; seat < used; seat++) {
    if (isLeft(lot, seat) && (turn < 0 || comesBefore(lot, seat, turn))) turn = seat
  }
  return turn
}

function isLeft(lot: ParkingLot, seat: number): boolean {
  const state = lot.words.load(placeWord(seat, NOTICE, PLACE))
  if (state !== WAITING && state !== GRANTED) return false
  return lot.words.load(seatWord(seat, HOLD)) > lot.detailOf(seat, NOTICE)
}

function comesBefore(lot: ParkingLot, seat: number, other: number): boolean {
  const notified = lot.detailOf(seat, NOTICE) - lot.detailOf(other, NOTICE)
  if (notified !== 0) return notified < 0
  const ticket = lot.words.load(placeWord(seat, NOTICE, TICKET))
  return ((ticket - lot.words.load(placeWord(other, NOTICE, TICKET))) | 0) < 0
}

/** What a thread does to a condition whose lot it has a seat in. */
export class ConditionSeat {
  readonly lot: ParkingLot

  constructor(lot: ParkingLot) {
    this.lot = lot
  }

  notify(count: number): void {
    this.lot.change(() => owe(this.lot, count))
  }

  /** Behind the door. */
  arrive(): void {
    this.lot.setHold(this.lot.holdOf(this.lot.seat) + 1)
  }

  /** Behind the door: one of this thread gave up. */
  withdraw(): void {
    this.recount(this.lot.holdOf(this.lot.seat) - 1)
  }

  /** Behind the door: so many of this thread wait. Notifications too many are for somebody else. */
  recount(hold: number): void {
    const { lot } = this
    const excess = Math.max(lot.detailOf(lot.seat, NOTICE) - hold, 0)
    owe(lot, excess)
    lot.setHold(hold)
    lot.setDetail(lot.seat, NOTICE, lot.detailOf(lot.seat, NOTICE) - excess)
  }

  /** Behind the door: one of this thread who was notified goes on. */
  takeOver(): void {
    const { lot } = this
    lot.setHold(lot.holdOf(lot.seat) - 1)
    lot.setDetail(lot.seat, NOTICE, lot.detailOf(lot.seat, NOTICE) - 1)
  }
}
