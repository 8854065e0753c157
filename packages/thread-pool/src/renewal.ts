import type { WorkerThread } from '@cupola/interruptible-worker/authoring'
import type { RecycleReason, Recycling } from './recycling.ts'
import type { Roster } from './roster.ts'
import type { Tenure } from './tenure.ts'

/** Who starts the threads and lets them go. */
export interface RenewalOwner {
  /** So many threads are there even without calls. */
  kept(): number
  /** So many threads may take calls. */
  maxThreads(): number
  /** Starts a thread, unless that is not allowed now or fails. */
  start(): WorkerThread | undefined
  /** Lets a thread go that is one too many. */
  dismiss(thread: WorkerThread): void
  /** Lets a thread go that has served long enough. */
  retire(thread: WorkerThread, reason: RecycleReason): void
}

/**
 * Sees to it that threads go which have served long enough. Those that can do one more call go one
 * at a time, each when its successor takes calls; there is one thread beyond the limit then. Those
 * that cannot, go at once, and those that nobody needs go without a successor.
 */
export class Renewal {
  readonly #recycling: Recycling
  readonly #roster: Roster
  readonly #owner: RenewalOwner
  /** When it is ready, a thread that has served long enough goes. */
  #successor: WorkerThread | undefined
  #recycled = 0
  #closed = false

  constructor(recycling: Recycling, roster: Roster, owner: RenewalOwner) {
    this.#recycling = recycling
    this.#roster = roster
    this.#owner = owner
  }

  /** How many threads have gone because of it. */
  get recycled(): number {
    return this.#recycled
  }

  /** Looks who has served long enough. */
  review(): void {
    if (this.#closed) return
    for (const thread of this.#roster.ready()) {
      if (this.#recycling.isSpent(thread)) this.#retire(thread)
    }
    this.#recycling.watchAges(this.#activeTenures(), () => this.review())
    const due = this.#due()
    if (due === undefined || this.#successor !== undefined) return
    if (this.#isNeeded(due)) this.#successor = this.#owner.start()
    else this.#retire(due)
  }

  /** A thread takes calls. */
  onReady(thread: WorkerThread): void {
    if (thread === this.#successor) this.#onSuccessor(thread)
    this.review()
  }

  /** A thread has answered calls. */
  onAnswers(thread: WorkerThread, tenure: Tenure): void {
    this.review()
    this.#recycling.measure(thread, tenure, () => this.review())
  }

  /** A thread is gone. */
  onGone(thread: WorkerThread): void {
    if (thread === this.#successor) this.#successor = undefined
    this.review()
  }

  /** No thread is renewed any more. Leaves no timer. */
  close(): void {
    this.#closed = true
    this.#recycling.close()
  }

  #onSuccessor(successor: WorkerThread): void {
    this.#successor = undefined
    const due = this.#due()
    if (due !== undefined) this.#retire(due)
    // It went by itself meanwhile, or the limit was lowered.
    else if (this.#roster.active.size > this.#owner.maxThreads()) this.#owner.dismiss(successor)
  }

  /** The first of the ready threads that has served long enough. */
  #due(): WorkerThread | undefined {
    return [...this.#roster.ready()].find((thread) => this.#reasonFor(thread) !== undefined)
  }

  #reasonFor(thread: WorkerThread): RecycleReason | undefined {
    const tenure = this.#roster.tenureOf(thread)
    return tenure && this.#recycling.reasonFor(thread, tenure)
  }

  /** Whether there should be another in its place at once. */
  #isNeeded(thread: WorkerThread): boolean {
    return this.#roster.active.size <= this.#owner.kept() || thread.inFlight > 0
  }

  #retire(thread: WorkerThread): void {
    this.#recycled++
    this.#owner.retire(thread, this.#reasonFor(thread) ?? 'calls')
  }

  *#activeTenures(): Generator<Tenure> {
    for (const thread of this.#roster.active) {
      const tenure = this.#roster.tenureOf(thread)
      if (tenure !== undefined) yield tenure
    }
  }
}
