import type { WaitOptions } from '@cupola/core'
import {
  firstWilling,
  LinkedList,
  NOT_YET,
  requireFunction,
  requireInteger,
  requireObject,
  wait,
  type Waitable,
  type Waiter,
} from '@cupola/core/authoring'
import { type ClockOptions, clockOf } from './clock-options.ts'
import { type Guard, OnceGuard, runHolding } from './guard.ts'

/** How many permits are wanted. */
export interface PermitOptions {
  /**
   * Permits that are taken together, from 1 up to as many as the semaphore has.
   *
   * @defaultValue 1
   */
  readonly weight?: number | undefined
}

/** How many permits are wanted, and what may end the wait for them. */
export interface AcquireOptions extends PermitOptions, WaitOptions {}

/** A {@link Semaphore} at one moment. */
export interface SemaphoreStats {
  /** Permits there are. */
  readonly permits: number
  /** Permits that are free; below 0 while more are held than a `resize()` left. */
  readonly available: number
  /** Permits that are held. */
  readonly held: number
  /** Calls of `acquire()` and `run()` that wait. */
  readonly waiting: number
}

/**
 * A number of permits: that many callers may do something at the same time, or with weights, that much.
 *
 * First come, first served: a caller wanting many permits waits until that many are free, and nobody
 * behind it is served first, so that the heavy do not starve. Permits come back through their guard and in no
 * other way, so there are never more than there should be.
 *
 * With one permit it is a {@link Mutex}, which says so.
 *
 * @example Three downloads at a time
 * ```ts
 * import { Semaphore } from '@cupola/sync'
 *
 * const slots = new Semaphore(3)
 * let running = 0
 * let most = 0
 *
 * async function download(): Promise<void> {
 *   using _slot = await slots.acquire()
 *   running++
 *   most = Math.max(most, running)
 *   await new Promise((resolve) => setTimeout(resolve, 1))
 *   running--
 * }
 *
 * await Promise.all(Array.from({ length: 10 }, download))
 * most // => 3
 * ```
 *
 * @example Weights: no more than 100 MB in memory
 * ```ts
 * import { Semaphore } from '@cupola/sync'
 *
 * const megabytes = new Semaphore(100)
 * const small = await megabytes.acquire({ weight: 10 })
 * megabytes.tryAcquire({ weight: 95 }) // => undefined
 * small.release()
 * await megabytes.run(() => 'all of it', { weight: 100 }) // => 'all of it'
 * ```
 */
export class Semaphore {
  #permits: number
  #held = 0
  /** Somebody waits only while there are too few permits for the first of them. */
  readonly #waiters = new LinkedList<Waiter<Guard, number>>()
  readonly #right: Waitable<Guard, number>

  /**
   * @param permits - How many there are, from 1 up.
   * @param options - The clock for timeouts.
   * @throws TypeError If `permits` is not a number, `options` not an object, or `clock` no `Clock`.
   * @throws RangeError If `permits` is no integer from 1 up, or `Infinity`.
   */
  constructor(permits: number, options: ClockOptions = {}) {
    this.#permits = requireInteger('permits', permits, 1, Infinity)
    this.#right = {
      action: 'acquire a permit',
      clock: clockOf(options),
      refusal: () => undefined,
      tryNow: (weight) => (this.#isNext(weight) ? this.#grant(weight) : NOT_YET),
      queueOf: () => this.#waiters,
      gaveUp: () => this.#serve(),
    }
  }

  /**
   * Waits until the permits are free and it is the caller's turn.
   *
   * Cancellation: aborting while waiting gives up the place and takes nothing; those behind go on if
   * there is enough for them. Aborting once the permits are granted does nothing.
   *
   * Cost: O(1). A wait with a `timeout` holds one timer, which keeps the process alive.
   *
   * @param options - How many, and what may end the wait early.
   * @returns The permits, held until released, even if it becomes unreachable.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `weight` is no integer from 1 up to the number of permits, or a `resize()`
   *   leaves fewer than that meanwhile; or if `timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  acquire(options?: AcquireOptions): Promise<Guard> {
    let weight: number
    try {
      weight = this.#weightOf(options)
    } catch (error) {
      return Promise.reject(error)
    }
    return wait(this.#right, options, weight)
  }

  /**
   * Takes the permits if they are free now and nobody waits.
   *
   * @param options - How many.
   * @returns The permits, held until released, or `undefined`.
   * @throws TypeError If `weight` is not a number.
   * @throws RangeError If `weight` is no integer from 1 up to the number of permits.
   */
  tryAcquire(options?: PermitOptions): Guard | undefined {
    const weight = this.#weightOf(options)
    return this.#isNext(weight) ? this.#grant(weight) : undefined
  }

  /**
   * Acquires permits, calls a function, and releases them when it is done or has failed.
   *
   * @param fn - Called once the permits are granted.
   * @param options - As for {@link acquire}. They do not end the function.
   * @returns What the function returns, awaited.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If `fn` is no function, or an option has the wrong type.
   * @throws RangeError If `weight` is no integer from 1 up to the number of permits, or
   *   `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws What the function throws.
   */
  async run<Result>(
    fn: () => Result | PromiseLike<Result>,
    options?: AcquireOptions,
  ): Promise<Result> {
    requireFunction('fn', fn)
    return await runHolding(this.acquire(options), () => fn())
  }

  /**
   * Changes how many permits there are. If there are more, waiters go on as far as they reach. If
   * there are fewer than are held, no holder is disturbed: the surplus disappears as permits are
   * released; waiters asking for more than there now are get refused.
   *
   * Cost: O(1) when growing, O(waiting) when shrinking.
   *
   * @param permits - How many there are from now on, from 1 up.
   * @throws TypeError If `permits` is not a number.
   * @throws RangeError If `permits` is no integer from 1 up, or `Infinity`.
   */
  resize(permits: number): void {
    this.#permits = requireInteger('permits', permits, 1, Infinity)
    for (const waiter of this.#waiters) {
      if (waiter.detail > permits) waiter.reject(tooHeavy(waiter.detail, permits))
    }
    this.#serve()
  }

  /** A snapshot, in O(1). */
  stats(): SemaphoreStats {
    return Object.freeze({
      permits: this.#permits,
      available: this.#permits - this.#held,
      held: this.#held,
      waiting: this.#waiters.size,
    })
  }

  #weightOf(options: PermitOptions | undefined): number {
    if (options === undefined) return 1
    requireObject('options', options)
    const weight = requireInteger('weight', options.weight ?? 1, 1, Number.MAX_SAFE_INTEGER)
    if (weight > this.#permits) throw tooHeavy(weight, this.#permits)
    return weight
  }

  #isNext(weight: number): boolean {
    // Those before may have given up without having been told yet: their turn is over.
    if (this.#waiters.size > 0) this.#serve()
    return this.#waiters.size === 0 && this.#fits(weight)
  }

  #fits(weight: number): boolean {
    return weight <= this.#permits - this.#held
  }

  #grant(weight: number): Guard {
    this.#held += weight
    return new OnceGuard(() => {
      this.#held -= weight
      this.#serve()
    })
  }

  /** Lets in whose turn it is. The tempting search for somebody light enough starves the heavy. */
  #serve(): void {
    let first = firstWilling(this.#waiters)
    while (first !== undefined && this.#fits(first.detail)) {
      first.resolve(this.#grant(first.detail))
      first = firstWilling(this.#waiters)
    }
  }
}

function tooHeavy(weight: number, permits: number): RangeError {
  return new RangeError(`Cannot use weight: got ${weight}, expected at most ${permits} permits`)
}
