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
/** Nobody waits here: its detail is how many notifications are kept by those who want the mutex back. */
export const RETURN = 1

/** More than can wait. */
const ALL = 2 ** 31 - 1

/**
 * How many of a thread wait is in its `HOLD`, how many of them have been notified in the detail of its
 * place, and how many notifications have yet to be handed out in `OWED`. Who was notified keeps that in
 * RETURN until it has the mutex back: if its thread dies before, somebody else has to go in its stead.
 *
 * A thread that dies while it hands them out may have handed one out twice; a notification too many
 * does no harm.
 */
export const conditionRule: Rule = {
  settle(lot) {
    const { words } = lot
    let owed = words.load(OWED)
    if (owed === 0) return
    wakeNotified(lot)
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
    owe(lot, lot.detailOf(seat, RETURN))
    lot.setDetail(seat, RETURN, 0)
  },
}

/** Who died while it handed one out may have written it down without waking whom it was for. */
function wakeNotified(lot: ParkingLot): void {
  for (let seat = lot.next(NOTICE, WAITING); seat >= 0; seat = lot.next(NOTICE, WAITING, seat)) {
    if (lot.detailOf(seat, NOTICE) > 0) lot.grant(seat, NOTICE)
  }
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
  /** How many of this thread were notified and have yet to get the mutex back. */
  #returning = 0
  /** How many of them there were before one began to wait by blocking; `undefined` while none does. */
  #returningBeside: number | undefined

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
    this.#keep(this.lot.holdOf(this.lot.seat) - 1)
  }

  /** Behind the door: so many of this thread wait. Notifications too many are for somebody else. */
  #keep(hold: number): void {
    const { lot } = this
    const excess = Math.max(lot.detailOf(lot.seat, NOTICE) - hold, 0)
    owe(lot, excess)
    lot.setHold(hold)
    lot.setDetail(lot.seat, NOTICE, lot.detailOf(lot.seat, NOTICE) - excess)
  }

  /** Behind the door: one of this thread who was notified goes on, to get the mutex back. */
  takeOver(): void {
    const { lot } = this
    // First: if we died in between, there would be one too many, and not one too few.
    lot.setDetail(lot.seat, RETURN, this.#returning + 1)
    lot.setDetail(lot.seat, NOTICE, lot.detailOf(lot.seat, NOTICE) - 1)
    lot.setHold(lot.holdOf(lot.seat) - 1)
    this.#returning++
  }

  /** One of this thread has the mutex back, or will never get it. Only this thread writes its RETURN. */
  hasReturned(): void {
    this.#returning--
    this.lot.setDetail(this.lot.seat, RETURN, this.#returning)
  }

  /** One of this thread is in the lot and waits by blocking. */
  block(): void {
    this.#returningBeside = this.#returning
  }

  /** Whoever waited by blocking has the mutex back, whether it was notified or not. */
  unblock(): void {
    this.#returning = this.#returningBeside ?? this.#returning
    this.#returningBeside = undefined
    this.lot.setDetail(this.lot.seat, RETURN, this.#returning)
  }

  /** Whether code was terminated that waited by blocking, or was about to be notified. */
  get isLost(): boolean {
    if (this.#returningBeside !== undefined) return true
    return this.lot.detailOf(this.lot.seat, RETURN) !== this.#returning
  }

  /** Behind the door: so many of this thread wait, and who waited by blocking is gone. */
  recount(waiting: number): void {
    const { lot } = this
    this.#keep(waiting)
    this.#returning = this.#returningBeside ?? this.#returning
    this.#returningBeside = undefined
    owe(lot, lot.detailOf(lot.seat, RETURN) - this.#returning)
    lot.setDetail(lot.seat, RETURN, this.#returning)
  }
}
