import type { WaitOptions } from '@cupola/core'
import {
  firstWilling,
  LinkedList,
  NOT_YET,
  requireFunction,
  wait,
  type Waitable,
  type Waiter,
} from '@cupola/core/authoring'
import { type ClockOptions, clockOf } from './clock-options.ts'
import { type Guard, runHolding } from './guard.ts'

/** Proof that somebody holds a {@link Mutex}. What a `Condition` wants to see. */
export interface MutexGuard extends Guard {
  /** The mutex that it is, or was, a proof of. */
  readonly mutex: Mutex
}

/** A {@link Mutex} at one moment. */
export interface MutexStats {
  /** Whether somebody holds it. */
  readonly locked: boolean
  /** Calls of `acquire()` and `run()` that wait, and waits of a `Condition` that come back. */
  readonly waiting: number
}

/**
 * One at a time, first come, first served.
 *
 * Code between two `await`s is alone in any case: a mutex is for work that awaits in the middle. It is
 * not re-entrant: acquiring it again while holding it waits for ever.
 *
 * It is here, and not taken from a library, because a `Condition` has to put its waiters back into the
 * queue of the mutex, and because a wait that was given up must leave that queue at once.
 *
 * @example Read, think, write
 * ```ts
 * import { Mutex } from '@cupola/sync'
 *
 * const mutex = new Mutex()
 * let balance = 100
 *
 * async function withdraw(amount: number): Promise<void> {
 *   using _held = await mutex.acquire()
 *   const before = balance
 *   await new Promise((resolve) => setImmediate(resolve))
 *   balance = before - amount
 * }
 *
 * await Promise.all([withdraw(30), withdraw(20)])
 * balance // => 50
 * ```
 */
export class Mutex {
  #locked = false
  /** Somebody waits only while it is locked. */
  readonly #waiters = new LinkedList<Waiter<MutexGuard>>()
  readonly #lock: Waitable<MutexGuard>

  /**
   * @param options - The clock for timeouts.
   * @throws TypeError If `options` is not an object, or `clock` no `Clock`.
   */
  constructor(options: ClockOptions = {}) {
    this.#lock = {
      action: 'acquire the mutex',
      clock: clockOf(options),
      refusal: () => undefined,
      tryNow: () => this.tryAcquire() ?? NOT_YET,
      queueOf: () => this.#waiters,
    }
  }

  /** Whether somebody holds it. */
  get locked(): boolean {
    return this.#locked
  }

  /**
   * Waits until it is the caller's turn.
   *
   * Cancellation: aborting while waiting gives up the place. Aborting once the mutex is granted does
   * nothing.
   *
   * Cost: O(1). A wait with a `timeout` holds one timer, which keeps the process alive.
   *
   * @param options - What may end the wait early.
   * @returns The mutex, held until released, even if the guard becomes unreachable.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  acquire(options?: WaitOptions): Promise<MutexGuard> {
    return wait(this.#lock, options, undefined)
  }

  /**
   * Takes the mutex if nobody holds it.
   *
   * @returns The mutex, held until released, or `undefined`.
   */
  tryAcquire(): MutexGuard | undefined {
    return this.#locked ? undefined : this.#grant()
  }

  /**
   * Acquires the mutex, calls a function, and releases it when that is done or has failed.
   *
   * @param fn - Called once the mutex is granted, with its guard: a `Condition` asks for that.
   * @param options - As for {@link acquire}. They do not end the function.
   * @returns What the function returns, awaited.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If `fn` is no function, or an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws What the function throws.
   */
  async run<Result>(
    fn: (guard: MutexGuard) => Result | PromiseLike<Result>,
    options?: WaitOptions,
  ): Promise<Result> {
    requireFunction('fn', fn)
    return await runHolding(this.acquire(options), fn)
  }

  /** A snapshot, in O(1). */
  stats(): MutexStats {
    return Object.freeze({ locked: this.#locked, waiting: this.#waiters.size })
  }

  #grant(): MutexGuard {
    this.#locked = true
    return new Hold(this, () => this.#passOn())
  }

  /** The mutex goes from one to the next without being free in between, so that nobody barges in. */
  #passOn(): void {
    this.#locked = false
    firstWilling(this.#waiters)?.resolve(this.#grant())
  }
}

/**
 * A guard whose mutex a `Condition` may give to others for a while.
 *
 *   held ──lend()──▶ lent ──takeOver()──▶ held
 *     └──release()─────┴──▶ released
 *
 * What is released while it is lent is not taken over any more, but passed on.
 */
export class Hold implements MutexGuard {
  readonly mutex: Mutex
  readonly #passOn: () => void
  #state: 'held' | 'lent' | 'released' = 'held'

  constructor(mutex: Mutex, passOn: () => void) {
    this.mutex = mutex
    this.#passOn = passOn
  }

  get isHeld(): boolean {
    return this.#state === 'held'
  }

  get isLent(): boolean {
    return this.#state === 'lent'
  }

  get isReleased(): boolean {
    return this.#state === 'released'
  }

  release(): void {
    const { isHeld } = this
    this.#state = 'released'
    if (isHeld) this.#passOn()
  }

  [Symbol.dispose](): void {
    this.release()
  }

  /** Gives the mutex to the next who waits, until {@link takeOver}. */
  lend(): void {
    this.#state = 'lent'
    this.#passOn()
  }

  /** Holds what `other` held, which nobody else has seen. */
  takeOver(other: Guard): void {
    if (this.#state === 'released') other.release()
    else this.#state = 'held'
  }
}
