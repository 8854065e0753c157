import type { Door } from './door.ts'
import type { Liveness } from './liveness.ts'
import {
  BREAKS,
  BROKEN_BY,
  DETAIL,
  ENDED,
  FREE,
  GRANTED,
  HOLD,
  INSPECTED_AT,
  LIFE,
  NEXT_TICKET,
  PLACE,
  PLACES,
  placeWord,
  QUEUED,
  REFUSED,
  SEATS_USED,
  seatWord,
  START,
  STATE,
  THREAD_ID,
  TICKET,
  VACANT,
  WAITING,
} from './lot-layout.ts'
import type { Words } from './words.ts'

/** What a primitive adds to the lot: whom to let in. */
export interface Rule {
  /**
   * Lets in, or turns away, whoever may be. Called behind the door after every change, and again by
   * whoever takes the door over from a thread that died behind it. So it must go by what the words
   * say alone, and where there is nothing to do, do nothing.
   */
  settle(lot: ParkingLot): void
  /** Takes from a dead thread what it held; its places and its `HOLD` are cleared afterwards. */
  bury(lot: ParkingLot, seat: number): void
  /** Looks, whenever somebody looks for the dead, at what else there is to be found out. */
  inspect?(lot: ParkingLot): void
}

/** How often one of those who wait looks for dead threads. Also the longest that a lost wake-up lasts. */
export const INSPECTION_MS = 50

/** Where a lot runs: on a machine, or in a test that plays one. */
export interface Surroundings {
  readonly liveness: Liveness
  makeDoor(words: Words, seat: number, hasEnded: (seat: number) => boolean): Door
}

/**
 * Threads that wait, in shared memory: the machinery under every primitive, seen from the seat of one
 * thread. `docs/decisions/0007-parking-lot.md` draws it.
 */
export class ParkingLot {
  readonly words: Words
  /** The seat of this thread. */
  readonly seat: number
  /** How this thread is named in `STATE` and `DOOR`. */
  readonly who: number
  readonly #rule: Rule
  readonly #liveness: Liveness
  readonly #door: Door
  /** Where somebody sleeps who has been let in or turned away behind the door. */
  readonly #toNotify: number[] = []

  constructor(words: Words, seat: number, rule: Rule, surroundings: Surroundings) {
    this.words = words
    this.seat = seat
    this.who = seat + 1
    this.#rule = rule
    this.#liveness = surroundings.liveness
    this.#door = surroundings.makeDoor(words, seat, (other) => this.#hasEnded(other))
  }

  /**
   * Changes words that several threads change, one thread at a time. `fact` must not throw, and the
   * last thing it does must be what the others go by: it may be killed anywhere.
   */
  change(fact: () => void): void {
    if (this.#door.enter()) this.#takeOver()
    fact()
    this.#rule.settle(this)
    this.#door.leave()
    this.#notifyAll()
  }

  /** A number later than all drawn before it, but for a wrap-around that {@link first} knows of. */
  drawTicket(): number {
    return this.words.add(NEXT_TICKET, 1)
  }

  /** Behind the door: this thread waits, or waits for something else than it did. */
  place(
    place: number,
    { ticket, detail }: { readonly ticket: number; readonly detail: number },
  ): void {
    const { words, seat } = this
    this.#closeFastPaths()
    // Not waiting while it changes: a thread that dies here leaves no ticket without its detail.
    words.store(placeWord(seat, place, PLACE), FREE)
    words.store(placeWord(seat, place, TICKET), ticket)
    words.store(placeWord(seat, place, DETAIL), detail)
    words.store(placeWord(seat, place, PLACE), WAITING)
  }

  #closeFastPaths(): void {
    const { words } = this
    for (;;) {
      const state = words.load(STATE)
      if ((state & QUEUED) !== 0) return
      if (words.compareExchange(STATE, state, state | QUEUED) === state) return
    }
  }

  /** Behind the door: this thread waits no longer, whether it was let in, turned away or neither. */
  vacate(place: number): void {
    this.words.store(placeWord(this.seat, place, PLACE), FREE)
  }

  /** Whether this thread waits, or has been let in or turned away. */
  stateOf(place: number): number {
    return this.words.load(placeWord(this.seat, place, PLACE))
  }

  /** Behind the door: lets a seat in. */
  grant(seat: number, place: number): void {
    this.#answer(seat, place, GRANTED)
  }

  /** Behind the door: turns away all who wait. */
  refuseAll(): void {
    for (let place = 0; place < PLACES; place++) this.refuseAllIn(place)
  }

  /** Behind the door: turns away all who wait in one place of their seats. */
  refuseAllIn(place: number): void {
    for (let seat = this.next(place, WAITING); seat >= 0; seat = this.next(place, WAITING, seat)) {
      this.#answer(seat, place, REFUSED)
    }
  }

  #answer(seat: number, place: number, answer: number): void {
    const word = placeWord(seat, place, PLACE)
    this.words.store(word, answer)
    this.#toNotify.push(word)
  }

  /** The seat after `seat` whose place is in that state; -1 if there is none. */
  next(place: number, state: number, seat = -1): number {
    const used = this.words.load(SEATS_USED)
    for (let other = seat + 1; other < used; other++) {
      if (this.words.load(placeWord(other, place, PLACE)) === state) return other
    }
    return -1
  }

  /** The seat that has waited longest; -1 if nobody waits. */
  first(place: number): number {
    let first = -1
    let lowest = 0
    for (let seat = this.next(place, WAITING); seat >= 0; seat = this.next(place, WAITING, seat)) {
      const ticket = this.words.load(placeWord(seat, place, TICKET))
      // A difference, because tickets begin anew after 2³².
      if (first >= 0 && ((ticket - lowest) | 0) > 0) continue
      first = seat
      lowest = ticket
    }
    return first
  }

  detailOf(seat: number, place: number): number {
    return this.words.load(placeWord(seat, place, DETAIL))
  }

  setDetail(seat: number, place: number, detail: number): void {
    this.words.store(placeWord(seat, place, DETAIL), detail)
  }

  holdOf(seat: number): number {
    return this.words.load(seatWord(seat, HOLD))
  }

  setHold(hold: number): void {
    this.words.store(seatWord(this.seat, HOLD), hold)
  }

  /** Sleeps until this thread is let in or turned away, `timeoutMs` have passed, or for no reason. */
  sleep(place: number, timeoutMs: number): void {
    const waitMs = Math.min(timeoutMs, INSPECTION_MS)
    const word = placeWord(this.seat, place, PLACE)
    if (this.words.wait(word, WAITING, waitMs) === 'timed-out') this.inspect()
  }

  /** Buries threads that have ended, unless somebody has just looked. Whether there were any. */
  inspect(): boolean {
    const now = Math.trunc(this.#liveness.now()) | 0
    const last = this.words.load(INSPECTED_AT)
    // Unsigned: where nobody has looked for a month, a signed difference is below 0, and stays so.
    if ((now - last) >>> 0 < INSPECTION_MS) return false
    if (this.words.compareExchange(INSPECTED_AT, last, now) !== last) return false
    this.#rule.inspect?.(this)
    return this.buryTheDead()
  }

  /** Whether there were any. */
  buryTheDead(): boolean {
    const dead = this.#findDead()
    if (dead.length === 0) return false
    this.change(() => {
      // Once more: somebody may have buried it meanwhile, and a new thread have sat down.
      for (const seat of dead) if (this.#hasEnded(seat)) this.#bury(seat)
    })
    return true
  }

  #findDead(): number[] {
    const used = this.words.load(SEATS_USED)
    const dead: number[] = []
    for (let seat = 0; seat < used; seat++) {
      if (seat !== this.seat && this.#hasEnded(seat)) dead.push(seat)
    }
    return dead
  }

  #hasEnded(seat: number): boolean {
    const { words } = this
    const life = words.load(seatWord(seat, LIFE))
    if (life === ENDED) return true
    if (life <= VACANT) return false
    return this.#liveness.hasEnded({ thread: life, start: words.load(seatWord(seat, START)) })
  }

  /** The seat is vacant last: if we die before, the next one buries it again. */
  #bury(seat: number): void {
    const { words } = this
    const life = words.load(seatWord(seat, LIFE))
    this.#rule.bury(this, seat)
    for (let place = 0; place < PLACES; place++) words.store(placeWord(seat, place, PLACE), FREE)
    for (const word of [HOLD, START]) words.store(seatWord(seat, word), 0)
    // Unless a thread has just taken the seat over, which the last one allows.
    words.compareExchange(seatWord(seat, LIFE), life, VACANT)
  }

  /** For a {@link Rule}: the thread that is being buried has broken what it held. */
  blame(seat: number): void {
    this.words.store(BROKEN_BY, this.words.load(seatWord(seat, THREAD_ID)))
    this.words.add(BREAKS, 1)
  }

  /** Completes what the thread that died behind the door was about to do. */
  #takeOver(): void {
    this.#rule.settle(this)
    for (let place = 0; place < PLACES; place++) {
      for (const state of [GRANTED, REFUSED]) {
        for (let seat = this.next(place, state); seat >= 0; seat = this.next(place, state, seat)) {
          this.#toNotify.push(placeWord(seat, place, PLACE))
        }
      }
    }
  }

  /** Outside, so that nobody is woken only to stand before the door. */
  #notifyAll(): void {
    // All who wait on the word: an async wait that was given up is still among them.
    for (const word of this.#toNotify) this.words.notify(word)
    this.#toNotify.length = 0
  }
}
