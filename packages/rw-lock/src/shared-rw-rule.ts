import {
  BROKEN,
  FREE_BITS,
  GRANTED,
  HOLD,
  type ParkingLot,
  QUEUED,
  type Rule,
  SEATS_USED,
  seatWord,
  STATE,
  WAITING,
  WHO,
} from '@cupola/shared-sync/authoring'

/** Where those wait who want to read, and those who want to write. */
export const READERS = 0
export const WRITERS = 1

/** `STATE`: the writer it names is looking whether somebody reads, and not inside yet. */
const LOOKING = FREE_BITS
/** `STATE`: the last phase was a writer's, so those who want to read come first. */
const READERS_TURN = FREE_BITS * 2

/**
 * Who writes is in `STATE`, who reads says so in the `HOLD` of its seat:
 *
 *   reader: announces itself, then looks whether `STATE` is 0
 *   writer: claims `STATE`, then looks whether somebody has announced itself
 *
 * Each does first what the other looks at second, so one of them at least sees the other; whoever
 * does steps back and waits. Readers write no word that other readers look at.
 *
 *   0 ──claim──▶ writer+LOOKING ──nobody reads──▶ writer ──leave──▶ 0
 *                      └──somebody reads──▶ QUEUED
 *   writer+QUEUED ──leave──▶ QUEUED+READERS_TURN ──all who wait to read are let in──▶ QUEUED
 *   QUEUED ──nobody reads, the first writer is let in──▶ writer(+QUEUED)
 *   QUEUED ──nobody waits or is being let in──▶ 0
 *
 * Phase-fair (Brandenburg and Anderson, Reader-Writer Synchronization for Shared-Memory
 * Multiprocessor Real-Time Systems, 2009): while a writer waits, who comes to read waits as well, for
 * that one writer, and then all who wait to read go in together.
 */
export const rwRule: Rule = {
  settle(lot) {
    const state = lot.words.load(STATE)
    if ((state & BROKEN) !== 0) return lot.refuseAll()
    if ((state & QUEUED) === 0 || (state & WHO) !== 0) return
    if (lot.next(WRITERS, GRANTED) < 0) letIn(lot, (state & READERS_TURN) !== 0)
    if (isDeserted(lot)) lot.words.store(STATE, 0)
  },

  /** A dead reader has changed nothing, and so has a writer that was not inside. */
  bury(lot, seat) {
    const state = lot.words.load(STATE)
    if ((state & WHO) !== seat + 1) return
    if ((state & LOOKING) !== 0) return lot.words.store(STATE, QUEUED)
    lot.blame(seat)
    lot.words.store(STATE, BROKEN | QUEUED)
  },
}

/** Nobody writes: lets in one who wants to, or all who want to read. */
function letIn(lot: ParkingLot, isReadersTurn: boolean): void {
  const writer = lot.first(WRITERS)
  const isRead = someoneReads(lot) || lot.next(READERS, GRANTED) >= 0
  const readersMay = writer < 0 || (isReadersTurn && !isRead)
  if (readersMay && lot.next(READERS, WAITING) >= 0) return letReadersIn(lot)
  if (writer >= 0 && !isRead) lot.grant(writer, WRITERS)
}

function letReadersIn(lot: ParkingLot): void {
  for (let seat = lot.next(READERS, WAITING); seat >= 0; seat = lot.next(READERS, WAITING, seat)) {
    lot.grant(seat, READERS)
  }
  lot.words.store(STATE, QUEUED)
}

/** Whether nobody waits and nobody is being let in. */
function isDeserted(lot: ParkingLot): boolean {
  for (const place of [READERS, WRITERS]) {
    if (lot.next(place, WAITING) >= 0 || lot.next(place, GRANTED) >= 0) return false
  }
  return true
}

function someoneReads({ words }: ParkingLot): boolean {
  const used = words.load(SEATS_USED)
  for (let seat = 0; seat < used; seat++) if (words.load(seatWord(seat, HOLD)) !== 0) return true
  return false
}

/** What a thread does to a lock whose lot it has a seat in. */
export class RwSeat {
  readonly lot: ParkingLot
  /** How many of this thread read. The others know only whether it is 0. */
  #readers = 0

  constructor(lot: ParkingLot) {
    this.lot = lot
  }

  get isBroken(): boolean {
    return (this.lot.words.load(STATE) & BROKEN) !== 0
  }

  tryRead(): boolean {
    const { lot } = this
    if (lot.words.load(STATE) !== 0) return false
    if (this.#readers === 0 && !this.#announce()) return false
    this.#readers++
    return true
  }

  #announce(): boolean {
    const { lot } = this
    lot.setHold(1)
    if (lot.words.load(STATE) === 0) return true
    // A change: who claimed it meanwhile may have seen us, and wait for us to leave.
    lot.change(() => lot.setHold(0))
    return false
  }

  /** Behind the door, with a place that was granted. */
  takeOverRead(): void {
    if (this.#readers === 0) this.lot.setHold(1)
    this.#readers++
  }

  leaveRead(): void {
    const { lot } = this
    this.#readers--
    if (this.#readers > 0) return
    lot.setHold(0)
    if (lot.words.load(STATE) !== 0) lot.change(nothing)
  }

  tryWrite(): boolean {
    const { lot } = this
    const claim = lot.who | LOOKING
    if (lot.words.compareExchange(STATE, 0, claim) !== 0) return false
    if (!someoneReads(lot)) return this.#goIn(claim)
    lot.change(() => lot.words.store(STATE, QUEUED))
    return false
  }

  #goIn(claim: number): boolean {
    const { words, who } = this.lot
    if (words.compareExchange(STATE, claim, who) === claim) return true
    // Somebody waits by now; once it says so, a claim does not change any more.
    words.store(STATE, who | QUEUED)
    return true
  }

  /** Behind the door, with a place that was granted. */
  takeOverWrite(): void {
    const { words, who } = this.lot
    const isLast = this.lot.next(READERS, WAITING) < 0 && this.lot.next(WRITERS, WAITING) < 0
    words.store(STATE, isLast ? who : who | QUEUED)
  }

  leaveWrite(): void {
    const { lot } = this
    if (lot.words.compareExchange(STATE, lot.who, 0) === lot.who) return
    lot.change(() => lot.words.store(STATE, QUEUED | READERS_TURN))
  }

  /** Enters a broken lock as its writer, if nobody has done so before. */
  recover(): boolean {
    let entered = false
    this.lot.change(() => {
      if (!this.isBroken) return
      this.lot.words.store(STATE, this.lot.who | QUEUED)
      entered = true
    })
    return entered
  }
}

function nothing(): void {}
