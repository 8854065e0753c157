/** The moments of a repeating task. */
export interface Schedule {
  /** Whether moments are those of the wall clock, in milliseconds since 1970, or of `Clock.now()`. */
  readonly isCalendar: boolean
  /** Whether the next moment counts from the end of a run, so that there is none until then. */
  readonly countsFromEnd: boolean
  /** Whether `close()` ends it, instead of waiting for it. */
  readonly isEndless: boolean
  /** The first moment later than `moment`, `undefined` if there is none. */
  after(moment: number): number | undefined
  /** How many moments there are from `first`, which is one, to `last`; or as many as are counted. */
  count(first: number, last: number): number
  /** The same with a moment of its own first. */
  movedTo(moment: number): Schedule
}

/** Every so many milliseconds, counted from the first: no run's lateness ever adds to the next. */
export class Periods implements Schedule {
  readonly isCalendar = false
  readonly countsFromEnd = false
  readonly isEndless = true
  readonly #first: number
  readonly #periodMs: number

  constructor(first: number, periodMs: number) {
    this.#first = first
    this.#periodMs = periodMs
  }

  after(moment: number): number {
    if (moment < this.#first) return this.#first
    const count = Math.floor((moment - this.#first) / this.#periodMs) + 1
    const next = this.#first + count * this.#periodMs
    // Of fractions, the quotient may come out a little too small.
    return next > moment ? next : next + this.#periodMs
  }

  count(first: number, last: number): number {
    return last < first ? 0 : Math.floor((last - first) / this.#periodMs) + 1
  }

  movedTo(moment: number): Schedule {
    return new Periods(moment, this.#periodMs)
  }
}

/** So many milliseconds after each end. */
export class Pauses implements Schedule {
  readonly isCalendar = false
  readonly countsFromEnd = true
  readonly isEndless = true
  readonly #pauseMs: number

  constructor(pauseMs: number) {
    this.#pauseMs = pauseMs
  }

  after(moment: number): number {
    return moment + this.#pauseMs
  }

  count(first: number, last: number): number {
    return last < first ? 0 : 1
  }

  movedTo(): Schedule {
    return this
  }
}

/** One moment of the wall clock. */
export class Once implements Schedule {
  readonly isCalendar = true
  readonly countsFromEnd = false
  readonly isEndless = false
  readonly #moment: number

  constructor(moment: number) {
    this.#moment = moment
  }

  after(moment: number): number | undefined {
    return moment < this.#moment ? this.#moment : undefined
  }

  count(first: number, last: number): number {
    return last < first ? 0 : 1
  }

  movedTo(moment: number): Schedule {
    return new Once(moment)
  }
}
