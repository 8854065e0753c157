import { requireDuration, requireInteger, requireObject } from '@cupola/core/authoring'
import type { Timers, TimerNode } from './timers.ts'

/** How many tasks may begin in how much time. */
export interface RateLimit {
  /** How many begin in each `perMs`, from 1 up. */
  readonly tasks: number
  /** Milliseconds, more than 0. */
  readonly perMs: number
  /**
   * How many may begin at once after a time in which fewer did, from 1 up.
   *
   * @defaultValue `tasks`
   */
  readonly burst?: number | undefined
}

/**
 * A bucket of tokens: each task that begins takes one, and they come back at an even pace, up to
 * `burst`. Unlike a count for each period it has no borders at which twice as many may begin. Goes by
 * the time that has passed, not by what the machine takes for the time of day.
 *
 * Kept as one number, the moment at which the bucket will be full, as the generic cell rate algorithm
 * of ATM networks does (ITU-T Recommendation I.371, 2004). Tokens that are counted up would be
 * fractions, and the moment at which they make a whole one may come out as now, again and again.
 */
export class TokenBucket implements TimerNode {
  index = -1
  readonly order = 0
  readonly #tokenMs: number
  readonly #burst: number
  readonly #timers: Timers
  readonly #refilled: () => void
  #fullAt = -Infinity

  /**
   * @param refilled - Called when there is a token again, if one was refused.
   * @throws TypeError or RangeError If that is not what {@link RateLimit} says.
   */
  constructor(rate: RateLimit, timers: Timers, refilled: () => void) {
    requireObject('rate', rate)
    const { tasks, perMs, burst = tasks } = rate
    requireInteger('rate.tasks', tasks, 1, Number.MAX_SAFE_INTEGER)
    requireInteger('rate.burst', burst, 1, Number.MAX_SAFE_INTEGER)
    if (requireDuration('rate.perMs', perMs) === 0 || perMs === Infinity) {
      throw new RangeError(
        `Cannot use rate.perMs: got ${perMs}, expected a finite duration above 0`,
      )
    }
    this.#tokenMs = perMs / tasks
    this.#burst = burst
    this.#timers = timers
    this.#refilled = refilled
  }

  /** Somebody waits for the token. */
  get isRef(): boolean {
    return true
  }

  /** Takes a token; if there is none, `refilled` is called when there is one. */
  take(now: number): boolean {
    const fullAt = Math.max(this.#fullAt, now)
    // Depends on nothing that this call changes: later than now, it is still so when it comes.
    const due = fullAt - (this.#burst - 1) * this.#tokenMs
    if (due <= now) {
      // Late as the event loop is, somebody may ask before the timer has told.
      this.stop()
      this.#fullAt = fullAt + this.#tokenMs
      return true
    }
    if (this.index === -1) this.#timers.add(this, due)
    return false
  }

  ring(): void {
    this.#refilled()
  }

  /** Nobody waits any more. */
  stop(): void {
    this.#timers.remove(this)
  }
}
