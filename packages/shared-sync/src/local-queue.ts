import { TimeoutError, type WaitOptions } from '@cupola/core'
import { LinkedList, NOT_YET, wait, type Waitable, type Waiter } from '@cupola/core/authoring'
import { GRANTED, placeWord, PLACE, REFUSED, WAITING } from './lot-layout.ts'
import type { ParkingLot } from './parking-lot.ts'
import { Vigil } from './vigil.ts'

/** One who wants something. */
export interface Request {
  /** When it came, as the lot counts; drawn once it has to wait. */
  ticket: number
  /** What it wants, as far as a rule has to know: how many permits. */
  readonly detail: number
}

/** What a primitive tells a {@link LocalQueue} about one kind of right. */
export interface Right<Result> {
  /** What is waited for; completes "Cannot …". */
  readonly action: string
  /** Which place of the seat is for those who wait for it. */
  readonly place: number
  /** Whether a place that is let in lets in all of the thread who wait for it, or the first. */
  readonly admitsAll: boolean
  /** Why waiting is pointless, `undefined` while it is not. */
  refusal(): Error | undefined
  /** What those are told who are turned away. */
  turnedAway(): Error
  /** The fast path. Must not overtake anybody in the lot. */
  tryNow(request: Request): Result | typeof NOT_YET
  /** Behind the door: the thread was let in, and from now on holds what was requested. */
  takeOver(request: Request): Result
}

/** How a thread hears that its place was notified, without blocking; `false` if it cannot. */
export interface Notices {
  onNotify(index: number, expected: number, listener: () => void): boolean
}

/**
 * Those of one thread who wait for one kind of right, in order. The first of them is who waits in
 * the thread's place in the lot; the others wait here, so there may be any number of them, and they
 * come and go without a single word of shared memory being touched.
 *
 * Whoever blocks the thread goes first: the others could not run meanwhile anyway, and if one of
 * them were let in, it could never let go.
 */
export class LocalQueue<Result> {
  readonly #lot: ParkingLot
  readonly #right: Right<Result>
  readonly #notices: Notices
  readonly #vigil: Vigil
  readonly #queue = new LinkedList<Waiter<Result, Request>>()
  readonly #waitable: Waitable<Result, Request>
  /** For whom the thread's place stands. */
  #placed: Request | undefined
  #isListening = false

  constructor(
    lot: ParkingLot,
    right: Right<Result>,
    notices: Notices,
    vigil: Vigil = new Vigil(lot),
  ) {
    this.#lot = lot
    this.#right = right
    this.#notices = notices
    this.#vigil = vigil
    this.#waitable = {
      action: right.action,
      refusal: () => right.refusal(),
      tryNow: (request) => this.tryNow(request),
      queueOf: (request) => this.#join(request),
      gaveUp: (waiter) => this.#left(waiter),
    }
  }

  /** How many of this thread wait. */
  get size(): number {
    return this.#queue.size
  }

  tryNow(request: Request): Result | typeof NOT_YET {
    return this.#queue.size > 0 ? NOT_YET : this.#right.tryNow(request)
  }

  /** Waits as all waits of the toolkit do, without blocking. */
  wait(options: WaitOptions | undefined, detail: number): Promise<Result> {
    return wait(this.#waitable, options, { ticket: 0, detail })
  }

  /** Called once it is certain that the request has to wait, right before it is in the queue. */
  #join(request: Request): LinkedList<Waiter<Result, Request>> {
    request.ticket = this.#lot.drawTicket()
    if (this.#queue.size === 0) {
      this.#vigil.add(this)
      this.#place(request)
    }
    return this.#queue
  }

  /** Somebody gave up and is no longer in the queue. */
  #left(waiter: Waiter<Result, Request>): void {
    const stillWaiting = this.#queue.size > 0
    if (stillWaiting && (this.#right.admitsAll || waiter.detail !== this.#placed)) return
    this.#place(this.#queue.first?.detail)
  }

  /** From now on the thread's place stands for this one, or nobody. A grant it had goes to others. */
  #place(request: Request | undefined): void {
    const { place } = this.#right
    this.#lot.change(() => {
      if (request === undefined) this.#lot.vacate(place)
      else this.#lot.place(place, request.ticket, request.detail)
    })
    this.#stands(request)
  }

  /** Follows a change of the place. */
  #stands(request: Request | undefined): void {
    this.#placed = request
    if (this.#queue.size > 0 || request !== undefined) this.#listen()
    else this.#vigil.delete(this)
  }

  /** One notice at a time, as there is no taking it back: if nobody waits when it comes, so be it. */
  #listen(): void {
    if (this.#isListening) return
    const word = placeWord(this.#lot.seat, this.#right.place, PLACE)
    this.#isListening = this.#notices.onNotify(word, WAITING, () => {
      this.#isListening = false
      this.collect()
    })
  }

  /** Looks whether those who wait without blocking have been let in or turned away. */
  collect(): void {
    if (this.#queue.size === 0) return
    const state = this.#lot.stateOf(this.#right.place)
    if (state === GRANTED) this.#letIn()
    else if (state === REFUSED) this.#turnAway()
    else this.#listen()
  }

  #letIn(): void {
    const admitted = this.#admitted()
    const next = this.#right.admitsAll ? undefined : admitted[0]?.next?.detail
    const results: Result[] = []
    this.#lot.change(() => {
      for (const { detail } of admitted) results.push(this.#right.takeOver(detail))
      this.#moveUp(next)
    })
    // Not in the change: who is let in may do anything.
    results.forEach((result, index) => admitted[index]?.resolve(result))
    this.#stands(next)
  }

  #admitted(): Waiter<Result, Request>[] {
    if (this.#right.admitsAll) return [...this.#queue]
    return this.#queue.first === undefined ? [] : [this.#queue.first]
  }

  /** Behind the door: the place has served, and is for the next. */
  #moveUp(next: Request | undefined): void {
    this.#lot.vacate(this.#right.place)
    if (next !== undefined) this.#lot.place(this.#right.place, next.ticket, next.detail)
  }

  #turnAway(): void {
    this.#lot.change(() => this.#lot.vacate(this.#right.place))
    while (this.#queue.first !== undefined) this.#queue.first.reject(this.#right.turnedAway())
    this.#stands(undefined)
  }

  /**
   * Waits by blocking the thread.
   *
   * @throws What {@link Right.turnedAway} gives, if it is turned away.
   * @throws TimeoutError If `timeout` milliseconds pass first.
   */
  waitSync(timeout: number, detail: number, now: () => number): Result {
    const refusal = this.#right.refusal()
    if (refusal !== undefined) throw refusal
    const request = { ticket: 0, detail }
    const result = this.#right.tryNow(request)
    if (result !== NOT_YET) return result
    if (timeout === 0) throw new TimeoutError(this.#right.action, 0)
    return this.#block(request, timeout, now)
  }

  #block(request: Request, timeout: number, now: () => number): Result {
    const lot = this.#lot
    const { place } = this.#right
    const deadline = now() + timeout
    // In the stead of the first who waits without blocking, if there is one.
    request.ticket = this.#queue.first?.detail.ticket ?? lot.drawTicket()
    lot.change(() => lot.place(place, request.ticket, request.detail))
    let remainingMs = timeout
    while (lot.stateOf(place) === WAITING && remainingMs > 0) {
      lot.sleep(place, remainingMs)
      remainingMs = deadline - now()
    }
    return this.#awake(request, timeout)
  }

  /** The blocking wait is over: what has become of it is decided behind the door. */
  #awake(request: Request, timeout: number): Result {
    const { place, admitsAll } = this.#right
    let outcome = WAITING
    let result: Result | typeof NOT_YET = NOT_YET
    this.#lot.change(() => {
      outcome = this.#lot.stateOf(place)
      if (outcome === GRANTED) result = this.#right.takeOver(request)
      // Those who were let in along with us, or turned away, need not know that we were there.
      if (admitsAll && outcome !== WAITING && this.#queue.size > 0) return
      this.#moveUp(this.#queue.first?.detail)
    })
    if (this.#queue.size > 0) queueMicrotask(() => this.collect())
    if (result !== NOT_YET) return result
    if (outcome === REFUSED) throw this.#right.turnedAway()
    throw new TimeoutError(this.#right.action, timeout)
  }
}
