import type { Clock, Timer } from '@cupola/core'

/** One look at the clock: the moment that was planned, and how much later it is. */
export interface Sweep {
  readonly plannedAt: number
  readonly lateMs: number
}

/**
 * Says when to sweep, at moments that are a period apart, and how late it is.
 *
 * Lateness is what tells a monitor that it stood still: its event loop was blocked, its process stopped,
 * its machine asleep on a clock that goes on. Devices did beat meanwhile, and nobody was there to hear.
 */
export class SweepTimer {
  readonly #clock: Clock
  readonly #periodMs: number
  readonly #onSweep: (sweep: Sweep) => void
  #timer: Timer | undefined
  #next = 0

  constructor(clock: Clock, periodMs: number, onSweep: (sweep: Sweep) => void) {
    this.#clock = clock
    this.#periodMs = periodMs
    this.#onSweep = onSweep
  }

  /** Begins, if it is not running. It never keeps the process alive. */
  start(): void {
    if (this.#timer !== undefined) return
    this.#next = this.#clock.now() + this.#periodMs
    this.#arm(this.#periodMs)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** Sweeps now, for somebody who asks: in the timer's place, if that is overdue. */
  sweepNow(): void {
    const now = this.#clock.now()
    if (this.#timer !== undefined && now >= this.#next) this.#fire(now)
    else this.#onSweep({ plannedAt: now, lateMs: 0 })
  }

  #fire(now: number): void {
    const plannedAt = this.#next
    const lateMs = now - plannedAt
    const missed = Math.floor(lateMs / this.#periodMs)
    this.#next = plannedAt + (missed + 1) * this.#periodMs
    this.#timer?.cancel()
    this.#arm(this.#next - now)
    this.#onSweep({ plannedAt, lateMs })
  }

  #arm(delayMs: number): void {
    this.#timer = this.#clock.setTimer(() => this.#fire(this.#clock.now()), delayMs)
    this.#timer.unref()
  }
}
