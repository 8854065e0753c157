import { ClosedError, FullError, type WaitOptions } from '@cupola/core'
import { LinkedList, NOT_YET, wait, type Waitable, type Waiter } from '@cupola/core/authoring'
import type { Engine } from './engine.ts'
import type { ScheduledTask } from './scheduled-task.ts'

/**
 * What becomes of a task of `queueExec()` for which there is no place.
 *
 * - `'reject'`: it is refused, with a `FullError` that has its function. To wait for a place before you
 *   submit it, there is `Executor.ready()`.
 * - `'drop-oldest'`: it gets the place of the least urgent of those that wait, of equals the one that
 *   came first; the result of that one rejects with a `FullError` that has it. If all that wait are more
 *   urgent than the one that comes, that one is refused.
 * - `'drop-newest'`: the same, but of equals the one that came last. To drop the one that comes is
 *   `'reject'`.
 */
export type WhenFull = 'reject' | 'drop-oldest' | 'drop-newest'

/** All of them, for checks. */
export const WHEN_FULL: readonly WhenFull[] = ['reject', 'drop-oldest', 'drop-newest']

/** Lets tasks into the queue while there are places, and decides what happens when there is none. */
export class Admission {
  readonly #engine: Engine
  readonly #capacity: number
  readonly #whenFull: WhenFull
  readonly #waiters = new LinkedList<Waiter<void>>()
  readonly #waitable: Waitable<void>
  /** Places that somebody was told of in this turn of the event loop and has not taken. */
  #promised = 0
  #isLooking = false
  #isClosed = false

  constructor(engine: Engine, capacity: number, whenFull: WhenFull) {
    this.#engine = engine
    this.#capacity = capacity
    this.#whenFull = whenFull
    this.#waitable = {
      action: 'get a place in the queue',
      clock: engine.clock,
      refusal: () => this.#refusal(),
      tryNow: () => (this.#room > this.#promised && this.#waiters.size === 0 ? undefined : NOT_YET),
      queueOf: () => this.#waiters,
    }
  }

  /**
   * Finds a place for a task that comes.
   *
   * @returns Whose place it is, to be cancelled once the new one is in: somebody else would else be
   *   told that there is one.
   * @throws FullError If there is none.
   */
  placeFor(fn: unknown, urgency: number): ScheduledTask | undefined {
    if (this.#capacity === Infinity) return undefined
    if (this.#promised > 0) this.#promised--
    if (this.#room > 0) return undefined
    if (this.#whenFull === 'reject') throw this.#fullError(fn, 'all places are taken')
    const task = this.#engine.leastUrgent(this.#whenFull === 'drop-newest')
    if (task !== undefined && task.terms.level.urgency <= urgency) return task
    throw this.#fullError(fn, 'all places are taken, by those that are more urgent')
  }

  /** Waits until there is a place and nobody has waited for longer. Does not take it. */
  ready(options: WaitOptions): Promise<void> {
    return wait(this.#waitable, options, undefined)
  }

  /** There may be places now. */
  serve(): void {
    if (this.#waiters.size === 0) return
    for (const waiter of this.#waiters) {
      if (this.#room <= this.#promised) break
      if (waiter.rejectIfAborted()) continue
      this.#promised++
      waiter.resolve()
    }
    if (this.#promised > 0) this.#lookAgain()
  }

  /** Refuses everybody who waits, and who comes from now on. */
  close(): void {
    this.#isClosed = true
    for (const waiter of this.#waiters) waiter.reject(this.#refusal())
  }

  get #room(): number {
    const { queued, behind, running, concurrency } = this.#engine.queueLane
    return this.#capacity + concurrency - queued - behind - running
  }

  /**
   * Whoever was told of a place has this turn to take it. Whether they do is their business: if not,
   * it is the next one's.
   */
  #lookAgain(): void {
    if (this.#isLooking) return
    this.#isLooking = true
    setImmediate(() => {
      this.#isLooking = false
      this.#promised = 0
      this.serve()
    })
  }

  #refusal(): Error | undefined {
    return this.#isClosed ? new ClosedError('get a place in the queue', 'the executor') : undefined
  }

  #fullError(fn: unknown, problem: string): FullError {
    return new FullError('queue a task', problem, fn)
  }
}
