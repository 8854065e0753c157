import { TimeoutError, type WaitOptions } from '@cupola/core'
import { LinkedList, NOT_YET, wait, type Waitable, type Waiter } from '@cupola/core/authoring'
import { FREE, GRANTED, PLACE, placeWord, REFUSED, WAITING } from './lot-layout.ts'
import type { Mendable } from './mendables.ts'
import type { ParkingLot } from './parking-lot.ts'
import { thisThread } from './this-thread.ts'
import { Vigil } from './vigil.ts'

/** One who wants something. */
export interface Request {
  /** When it came, as the lot counts; drawn once it has to wait. */
  ticket: number
  /** What it wants, as far as a rule has to know: how many permits. */
  detail: number
}

/** What a primitive tells a {@link LocalQueue} about one kind of right. */
export interface Right<Result> {
  /** What is waited for; completes "Cannot …". */
  readonly action: string
  /** Which place of the seat is for those who wait for it. */
  readonly place: number
  /**
   * How many of a thread who wait are let in when its place is: the first, all, or as many as the
   * place's detail says.
   */
  readonly admits: 'one' | 'all' | 'detail'
  /** Whether others go by it that somebody was let in, so that nobody gives up after it. */
  readonly isBinding?: boolean
  /** Why waiting is pointless, `undefined` while it is not. */
  refusal(): Error | undefined
  /** What those are told who are turned away. */
  turnedAway(): Error
  /** The fast path. Must not overtake anybody in the lot. */
  tryNow(request: Request): Result | typeof NOT_YET
  /**
   * Whether a request that has to wait would wait for this very thread, because of what that holds.
   * Left out where there is nothing to hold: others of the thread may then wait beside one that blocks.
   */
  isOwnHold?(request: Request): boolean
  /** Behind the door: one more of this thread is about to wait. */
  arrive?(request: Request): void
  /** Behind the door: one gave up. */
  withdraw?(request: Request): void
  /** Whether something is held, or counted, by code that was terminated before it had its result. */
  isLost?(): boolean
  /**
   * Behind the door: the thread's code was terminated somewhere in here, and only so many of it wait,
   * whatever had been counted; what is lost is given back.
   */
  recount?(waiting: number): void
  /** Undoes {@link takeOver}, for a blocking wait that was terminated before it returned. */
  giveBack?(result: Result): void
  /** Behind the door: was let in, and from now on holds what was requested. */
  takeOver(request: Request): Result
}

/** One who was let in, and what he is to be told. */
interface Admission<Result> {
  readonly waiter: Waiter<Result, Request>
  readonly result: Result
}

/** How a thread hears that its place was notified, without blocking; `false` if it cannot. */
export interface Notices {
  onNotify(index: number, expected: number, listener: () => void): boolean
}

/**
 * Those of one thread who wait for one kind of right, in order. The first of them is who waits in
 * the thread's place in the lot; the others wait here, so there may be any number of them, and where
 * one at a time is let in, they come and go without touching a word of shared memory.
 *
 * Where something is held, nobody may block the thread while others of it wait or hold: if one of
 * them were let in, or is inside, it could not let go.
 */
export class LocalQueue<Result> implements Mendable {
  readonly #lot: ParkingLot
  readonly #right: Right<Result>
  readonly #notices: Notices
  readonly #vigil: Vigil
  readonly #queue = new LinkedList<Waiter<Result, Request>>()
  readonly #waitable: Waitable<Result, Request>
  /** For whom the thread's place stands. */
  #placed: Request | undefined
  #isListening = false
  /** Whether the thread waits by blocking, or did when its code was terminated. */
  #isBlocked = false
  /** What a blocking wait is about to return. */
  #taken: Result | typeof NOT_YET = NOT_YET
  /** Those who have been let in and are being told. */
  #admissions: readonly Admission<Result>[] = []

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
      refusal: () => {
        // An answer that is there already is for those who came before.
        this.collect()
        return right.refusal()
      },
      // Those of this thread who wait are in the lot, so the fast path does not overtake them either.
      tryNow: (request) => right.tryNow(request),
      queueOf: (request) => this.#join(request),
      givingUp: (waiter, reason) => this.#askToLeave(waiter, reason),
      gaveUp: ({ detail }) => this.#withdraw(detail),
    }
    thisThread().mendables.add(this)
  }

  /** How many of this thread wait without blocking it. */
  get size(): number {
    return this.#queue.size
  }

  /** Waits as all waits of the toolkit do, without blocking. */
  wait(options: WaitOptions | undefined, detail = 0): Promise<Result> {
    // Whoever does not wait for others to look has to look itself.
    if (options?.timeout === 0) this.#lot.inspect()
    return wait(this.#waitable, options, { ticket: 0, detail })
  }

  /**
   * Waits by blocking the thread.
   *
   * @param entered - Called once this thread is in the lot and cannot miss its turn.
   * @throws What {@link Right.refusal} or {@link Right.turnedAway} gives.
   * @throws TimeoutError If `timeout` milliseconds pass first.
   */
  waitSync(timeout: number, now: () => number, detail = 0, entered?: () => void): Result {
    if (timeout === 0) this.#lot.inspect()
    const refusal = this.#right.refusal()
    if (refusal !== undefined) throw refusal
    const request = { ticket: 0, detail }
    const result = this.#right.tryNow(request)
    if (result !== NOT_YET) return result
    if (timeout === 0) throw new TimeoutError(this.#right.action, 0)
    this.#requireOthers(request)
    return this.#block(request, timeout, now, entered)
  }

  /**
   * Checks that nobody of this thread waits in the lot, who could not go on while it is blocked.
   *
   * @throws TypeError If somebody does.
   */
  requireNoneWait(): void {
    if (!this.#vigil.isKept) return
    throw this.#refusalToBlock('expected nobody else of the thread to wait for it as well')
  }

  /** Checks that whoever is waited for can run while this thread is blocked. */
  #requireOthers(request: Request): void {
    if (this.#right.isOwnHold === undefined) return
    this.requireNoneWait()
    if (!this.#right.isOwnHold(request)) return
    throw this.#refusalToBlock('expected another thread to hold it')
  }

  #refusalToBlock(problem: string): TypeError {
    return new TypeError(`Cannot ${this.#right.action} by blocking the thread: ${problem}`)
  }

  /** Looks whether those who wait without blocking have been let in or turned away. */
  collect(): void {
    if (this.#queue.size === 0) return
    const state = this.#lot.stateOf(this.#right.place)
    if (state === GRANTED) this.#letIn()
    else if (state === REFUSED) this.#turnAway()
    else this.#listen()
  }

  /**
   * Mends what was left when the thread's code was terminated in here: a place without anybody behind
   * it goes, and what it was granted to others. To pass the door is to leave it, if we had it still.
   */
  mend(): void {
    const isServed = this.#admissions.length > 0
    // Some of them may have been told: to be told again does nothing.
    this.#tellAdmitted()
    const first = this.#queue.first?.detail
    this.#lot.change(() => {
      this.#right.recount?.(this.#queue.size)
      if (first === undefined || this.#mayStand(isServed)) this.#moveUp(first)
    })
    this.#giveBackTaken()
    this.#stands(first)
    this.collect()
  }

  /** Behind the door: whether the place has no answer that is for those who wait still. */
  #mayStand(isServed: boolean): boolean {
    const { place, admits } = this.#right
    const state = this.#lot.stateOf(place)
    if (state === FREE) return true
    if (admits === 'one') return state === WAITING || (state === GRANTED && isServed)
    const isSpent = admits === 'detail' && this.#lot.detailOf(this.#lot.seat, place) === 0
    return state === GRANTED && isSpent
  }

  /** The blocking wait that took it never returned. */
  #giveBackTaken(): void {
    const taken = this.#taken
    this.#taken = NOT_YET
    this.#isBlocked = false
    if (taken !== NOT_YET) this.#right.giveBack?.(taken)
  }

  /** For threads of others who terminate code without telling: before the place is used again. */
  #mendIfTerminated(): void {
    const isForsaken = this.#queue.size === 0 && this.#lot.stateOf(this.#right.place) !== FREE
    if (isForsaken || this.#isBlocked || this.#right.isLost?.() === true) this.mend()
  }

  /** Called once it is certain that a request has to wait, right before it is in the queue. */
  #join(request: Request): LinkedList<Waiter<Result, Request>> {
    this.#mendIfTerminated()
    request.ticket = this.#lot.drawTicket()
    if (this.#queue.size === 0 || this.#right.admits !== 'one') this.#enter(request)
    this.#vigil.add(this)
    this.#listen()
    return this.#queue
  }

  /** The request is in the lot from now on: in the thread's place, or represented by who is there. */
  #enter(request: Request): void {
    while (!this.#tryEnter(request)) this.collect()
  }

  /** Not while the place has an answer for those who came before: it is for them alone. */
  #tryEnter(request: Request): boolean {
    const { place, admits } = this.#right
    let isIn = false
    this.#lot.change(() => {
      const state = this.#lot.stateOf(place)
      if (admits !== 'one' && (state === GRANTED || state === REFUSED)) return
      this.#right.arrive?.(request)
      if (admits === 'one' || state === FREE) this.#lot.place(place, request)
      isIn = true
    })
    if (isIn && (admits === 'one' || this.#queue.size === 0)) this.#placed = request
    return isIn
  }

  /** Somebody wants to give up, maybe too late, and maybe because of a death that nobody found out. */
  #askToLeave(waiter: Waiter<Result, Request>, reason: unknown): void {
    if (reason instanceof TimeoutError) {
      this.#lot.inspect()
      this.collect()
    }
    if (this.#right.isBinding !== true || waiter.list === undefined) return
    let isLetIn = false
    // Behind the door: there it is decided whether it is too late.
    this.#lot.change(() => {
      isLetIn = this.#lot.stateOf(this.#right.place) === GRANTED
      if (!isLetIn) this.#right.withdraw?.(waiter.detail)
    })
    if (isLetIn) this.#letIn()
  }

  /** Somebody gave up and is no longer in the queue. A grant that was its goes to others. */
  #withdraw(request: Request): void {
    if (this.#right.admits !== 'one') return this.#withdrawFromAll(request)
    if (request !== this.#placed) return
    const next = this.#queue.first?.detail
    this.#lot.change(() => this.#moveUp(next))
    this.#stands(next)
  }

  /** An answer that the place has is for those who wait still. */
  #withdrawFromAll(request: Request): void {
    do this.collect()
    while (!this.#tryWithdraw(request))
    this.#stands(this.#queue.first?.detail)
  }

  #tryWithdraw(request: Request): boolean {
    let isOut = false
    this.#lot.change(() => {
      if (this.#queue.size > 0 && this.#lot.stateOf(this.#right.place) !== WAITING) return
      this.#right.withdraw?.(request)
      if (this.#queue.size === 0) this.#lot.vacate(this.#right.place)
      isOut = true
    })
    return isOut
  }

  #letIn(): void {
    const admitted: Admission<Result>[] = []
    this.#admissions = admitted
    let next: Request | undefined
    this.#lot.change(() => {
      // Counted here and not before the door, where more may be let in before we are through it.
      for (const waiter of this.#admitted()) {
        admitted.push({ waiter, result: this.#right.takeOver(waiter.detail) })
      }
      next = admitted.at(-1)?.waiter.next?.detail
      this.#moveUp(next)
    })
    // Not in the change: who is let in may do anything.
    this.#tellAdmitted()
    this.#stands(next)
  }

  #tellAdmitted(): void {
    for (const { waiter, result } of this.#admissions) waiter.resolve(result)
    this.#admissions = []
  }

  /** Behind the door: those whose turn it is. */
  #admitted(): Waiter<Result, Request>[] {
    const { admits, place } = this.#right
    if (admits === 'all') return [...this.#queue]
    const count = admits === 'one' ? 1 : this.#lot.detailOf(this.#lot.seat, place)
    const admitted: Waiter<Result, Request>[] = []
    for (const waiter of this.#queue) {
      if (admitted.length === count) break
      admitted.push(waiter)
    }
    return admitted
  }

  #turnAway(): void {
    this.#lot.change(() => this.#lot.vacate(this.#right.place))
    while (this.#queue.first !== undefined) this.#queue.first.reject(this.#right.turnedAway())
    this.#stands(undefined)
  }

  /** Behind the door: the place has served, and is for the next. */
  #moveUp(next: Request | undefined): void {
    if (next === undefined) this.#lot.vacate(this.#right.place)
    else this.#lot.place(this.#right.place, next)
  }

  /** Follows {@link #moveUp}. */
  #stands(next: Request | undefined): void {
    this.#placed = next
    if (next !== undefined) return this.#listen()
    this.#vigil.delete(this)
    this.#stopListening()
  }

  /** One notice at a time, as there is no taking it back: if nobody waits when it comes, so be it. */
  #listen(): void {
    if (this.#isListening) return
    this.#isListening = this.#notices.onNotify(this.#place, WAITING, () => {
      this.#isListening = false
      this.collect()
    })
  }

  /** What listens in vain would keep all this in memory as long as the thread lives. */
  #stopListening(): void {
    if (this.#isListening) this.#lot.words.notify(this.#place)
  }

  /** The word that is notified. */
  get #place(): number {
    return placeWord(this.#lot.seat, this.#right.place, PLACE)
  }

  #block(
    request: Request,
    timeout: number,
    now: () => number,
    entered: (() => void) | undefined,
  ): Result {
    const lot = this.#lot
    const { place } = this.#right
    const deadline = now() + timeout
    this.#mendIfTerminated()
    this.#isBlocked = true
    request.ticket = lot.drawTicket()
    this.#enter(request)
    entered?.()
    let remainingMs = timeout
    while (lot.stateOf(place) === WAITING && remainingMs > 0) {
      lot.sleep(place, remainingMs)
      remainingMs = deadline - now()
    }
    return this.#awake(request, timeout)
  }

  /** The blocking wait is over: what has become of it is decided behind the door. */
  #awake(request: Request, timeout: number): Result {
    const { place } = this.#right
    let outcome = WAITING
    this.#lot.change(() => {
      outcome = this.#lot.stateOf(place)
      if (outcome === GRANTED) this.#taken = this.#right.takeOver(request)
      else if (outcome === WAITING) this.#right.withdraw?.(request)
      if (!this.#isForOthers(outcome)) this.#moveUp(this.#queue.first?.detail)
    })
    this.#stands(this.#queue.first?.detail)
    const result = this.#taken
    this.#taken = NOT_YET
    this.#isBlocked = false
    if (result !== NOT_YET) return result
    if (outcome === REFUSED) throw this.#right.turnedAway()
    throw new TimeoutError(this.#right.action, timeout)
  }

  /** Whether the place has an answer that those who wait without blocking have yet to collect. */
  #isForOthers(outcome: number): boolean {
    const { admits, place } = this.#right
    if (outcome === WAITING || this.#queue.size === 0 || admits === 'one') return false
    return admits === 'all' || this.#lot.detailOf(this.#lot.seat, place) > 0
  }
}
