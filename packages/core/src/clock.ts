import { requireDuration, requireFunction } from './checks.ts'

/** Where a package takes its time from, so that a test can bring its own. */
export interface Clock {
  /** Milliseconds since some fixed moment, never going back. For measuring how long. */
  now(): number
  /** Milliseconds since 1970 UTC, as the machine believes; it may jump. For telling when. */
  wall(): number
  /**
   * Calls `fn` once, when at least `delayMs` milliseconds have passed on {@link now}, but never
   * before it returns. `fn` sees the `AsyncLocalStorage` of whoever set the timer.
   *
   * @param fn - What to call. What it throws is an uncaught exception, as in any timer.
   * @param delayMs - From 0 up, also beyond the 24.8 days of `setTimeout`; `Infinity` never fires.
   * @returns The timer. It keeps the process alive until it fires, is cancelled or `unref`'d.
   * @throws TypeError If `fn` is not a function or `delayMs` not a number.
   * @throws RangeError If `delayMs` is negative or `NaN`.
   */
  setTimer(fn: () => void, delayMs: number): Timer
}

/** One armed timer of a {@link Clock}. Disposing is cancelling. */
export interface Timer extends Disposable {
  /** Sees to it that the timer does not fire. Harmless if it has fired or was cancelled. */
  cancel(): void
  /** Lets the process end while the timer is armed. */
  unref(): void
  /** Undoes {@link unref}. */
  ref(): void
}

/**
 * The machine's time: `performance.now()`, `Date.now()` and `setTimeout`, with two repairs. Delays
 * longer than 2³¹−1 ms work, where `setTimeout` would fire at once; and no timer fires early, where
 * `setTimeout` may by up to a millisecond. Time that the machine spends suspended does not count.
 *
 * @example A timer that is not needed after all
 * ```ts
 * import { systemClock } from '@cupola/core'
 *
 * const oneCenturyMs = 100 * 365 * 24 * 3600 * 1000
 * const timer = systemClock.setTimer(() => console.log('congratulations'), oneCenturyMs)
 * timer.cancel()
 * ```
 */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  setTimer(fn, delayMs) {
    requireFunction('fn', fn)
    return new SystemTimer(fn, requireDuration('delayMs', delayMs))
  },
}

/** The longest delay that `setTimeout` keeps; it takes a longer one for 1 ms. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

class SystemTimer implements Timer {
  readonly #fn: () => void
  readonly #due: number
  #timeout: NodeJS.Timeout | undefined
  /** Outlives `#timeout`, of which a long delay has several. */
  #isRef = true

  constructor(fn: () => void, delayMs: number) {
    this.#fn = fn
    this.#due = performance.now() + delayMs
    if (delayMs !== Infinity) this.#timeout = setTimeout(() => this.#wake(), capped(delayMs))
  }

  cancel(): void {
    clearTimeout(this.#timeout)
    this.#timeout = undefined
  }

  unref(): void {
    this.#isRef = false
    this.#timeout?.unref()
  }

  ref(): void {
    this.#isRef = true
    this.#timeout?.ref()
  }

  [Symbol.dispose](): void {
    this.cancel()
  }

  #wake(): void {
    const remainingMs = this.#due - performance.now()
    if (remainingMs <= 0) {
      this.#timeout = undefined
      this.#fn()
      return
    }
    // A stretch of a long delay is over, or Node woke us a fraction of a millisecond too soon.
    this.#timeout = setTimeout(() => this.#wake(), capped(remainingMs))
    if (!this.#isRef) this.#timeout.unref()
  }
}

/** Whole milliseconds, rounded up because `setTimeout` rounds down. */
function capped(delayMs: number): number {
  return Math.min(Math.ceil(delayMs), LONGEST_TIMEOUT_MS)
}
