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
  type Words,
} from '@cupola/shared-sync/authoring'

/** Where those wait who want to read, and those who want to write. */
export const READERS = 0
export const WRITERS = 1

/** `STATE`: the last phase was a writer's, so those who want to read come first. */
const READERS_TURN = FREE_BITS

/** `HOLD`: the thread reads, or looks whether it may. */
const READING = 1
/** `HOLD`: the thread that `STATE` names is inside, and not still looking whether somebody reads. */
const WRITING = 2

/**
 * Who writes is in `STATE`, who reads says so in the `HOLD` of its seat:
 *
 *   reader: announces itself, then looks whether `STATE` is 0
 *   writer: claims `STATE`, then looks whether somebody has announced itself
 *
 * Each does first what the other looks at second, so one of them at least sees the other; whoever
 * does steps back and waits. Readers write no word that other readers look at.
 *
 *   0 ──claim──▶ writer ──nobody reads──▶ the same, inside ──leave──▶ 0
 *                   └──somebody reads──▶ QUEUED
 *   writer+QUEUED ──leave──▶ QUEUED+READERS_TURN ──all who wait to read are let in──▶ QUEUED
 *   QUEUED ──nobody reads, the first writer is let in──▶ writer(+QUEUED)
 *   QUEUED ──nobody waits or is being let in──▶ 0
 *
 * Whether a writer is inside matters only when it has died: so it notes that in its own `HOLD`, at the
 * price of a plain store. To say it in `STATE` would take one more compare-and-exchange.
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
    if (lot.holdOf(seat) !== WRITING) return lot.words.store(STATE, QUEUED)
    lot.blame(seat)
    lot.words.store(STATE, BROKEN | QUEUED)
  },
}

/** Nobody writes: lets in one who wants to, or all who want to read. */
function letIn(lot: ParkingLot, isReadersTurn: boolean): void {
  const writer = lot.first(WRITERS)
  const isRead = someoneReads(lot.words) || lot.next(READERS, GRANTED) >= 0
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

function someoneReads(words: Words): boolean {
  for (let seat = words.load(SEATS_USED) - 1; seat >= 0; seat--) {
    if (words.load(seatWord(seat, HOLD)) !== 0) return true
  }
  return false
}

/** What a thread does to a lock whose lot it has a seat in. */
export class RwSeat {
  readonly lot: ParkingLot
  readonly #words: Words
  /** Where this thread announces itself. */
  readonly #hold: number
  /** How many guards of this thread read. The others know only whether there are any. */
  #readers = 0
  /** Whether this thread has a guard to write. */
  #isInside = false

  constructor(lot: ParkingLot) {
    this.lot = lot
    this.#words = lot.words
    this.#hold = seatWord(lot.seat, HOLD)
  }

  get isBroken(): boolean {
    return (this.lot.words.load(STATE) & BROKEN) !== 0
  }

  tryRead(): boolean {
    if (this.#words.load(STATE) !== 0) return this.#readers > 0 && this.#readAgain()
    return this.#readers > 0 || this.#announce()
  }

  /** Nobody can write, as this thread reads. So it goes by who waits, not by who only looks. */
  #readAgain(): boolean {
    let isRead = false
    this.lot.change(() => {
      isRead = this.lot.next(WRITERS, WAITING) < 0
    })
    return isRead
  }

  /** Whether this thread reads: a writer waits for it, and who comes to read waits for that writer. */
  get isReading(): boolean {
    return this.#readers > 0
  }

  /** Whether this thread writes. */
  get isWriting(): boolean {
    return (this.#words.load(STATE) & WHO) === this.lot.who
  }

  #announce(): boolean {
    this.#words.store(this.#hold, READING)
    if (this.#words.load(STATE) === 0) return true
    this.#stepBack()
    return false
  }

  /** A change, because who claimed it meanwhile may have seen us, and wait for us to leave. */
  #stepBack(): void {
    this.lot.change(() => this.#words.store(this.#hold, 0))
  }

  /** Whether the code that announced itself, or claimed `STATE`, was terminated before it had a guard. */
  get isLost(): boolean {
    return this.isWriting !== this.#isInside || this.#words.load(this.#hold) !== this.#guarded
  }

  /** What `HOLD` says when all that was taken has its guard. */
  get #guarded(): number {
    if (this.#isInside) return WRITING
    return this.isReading ? READING : 0
  }

  /** Behind the door: nobody has had what is lost, so nothing is half changed. */
  recount(): void {
    this.#words.store(this.#hold, this.#guarded)
    if (this.isWriting && !this.#isInside) this.#words.store(STATE, QUEUED)
  }

  /** There is a guard from now on. */
  enterRead(): void {
    this.#readers++
  }

  /** There is a guard from now on. */
  enterWrite(): void {
    this.#isInside = true
  }

  /** Behind the door, with a place that was granted. */
  takeOverRead(): void {
    if (this.#readers === 0) this.#words.store(this.#hold, READING)
  }

  leaveRead(): void {
    this.#readers--
    if (this.#readers > 0) return
    this.#words.store(this.#hold, 0)
    if (this.#words.load(STATE) !== 0) this.lot.change(nothing)
  }

  tryWrite(): boolean {
    if (this.#readers > 0) return false
    const words = this.#words
    if (words.compareExchange(STATE, 0, this.lot.who) !== 0) return false
    for (let seat = words.load(SEATS_USED) - 1; seat >= 0; seat--) {
      if (seat !== this.lot.seat && words.load(seatWord(seat, HOLD)) !== 0) return this.#stepOut()
    }
    words.note(this.#hold, WRITING)
    return true
  }

  /** Somebody reads, or just looks whether it may. */
  #stepOut(): boolean {
    this.#reopen(QUEUED)
    return false
  }

  /** Behind the door, with a place that was granted. */
  takeOverWrite(): void {
    const { words, who } = this.lot
    const isLast = this.lot.next(READERS, WAITING) < 0 && this.lot.next(WRITERS, WAITING) < 0
    words.note(this.#hold, WRITING)
    words.store(STATE, isLast ? who : who | QUEUED)
  }

  leaveWrite(): void {
    const { who } = this.lot
    this.#isInside = false
    this.#words.note(this.#hold, 0)
    if (this.#words.compareExchange(STATE, who, 0) !== who) this.#reopen(QUEUED | READERS_TURN)
  }

  /** Apart from the fast paths, which then need no room for what a closure remembers. */
  #reopen(state: number): void {
    this.lot.change(() => this.#words.store(STATE, state))
  }

  /** Enters a broken lock as its writer, if nobody has done so before. */
  recover(): boolean {
    this.lot.buryTheDead()
    let entered = false
    this.lot.change(() => {
      if (!this.isBroken) return
      // First, or if we died right here, what is half changed would be taken for whole.
      this.#words.note(this.#hold, WRITING)
      this.lot.words.store(STATE, this.lot.who | QUEUED)
      entered = true
    })
    return entered
  }
}

function nothing(): void {}
