import { uptime } from 'node:os'
import { type Clock, systemClock } from '@cupola/core'

/** The system tells its uptime in steps of a hundredth of a second. */
const UPTIME_STEP_MS = 10

/**
 * A moment after which a lease is not held any more, by two clocks, whichever is there first.
 *
 * The clock that measures time stands still on Linux while the machine sleeps, and the store's does not:
 * after waking up a holder would believe in a lease that others have had since. The uptime of the machine
 * goes on. Reading it costs some microseconds, which is why it is not what everybody measures with.
 */
export class LeaseDeadline {
  readonly #clock: Clock
  readonly #uptimeMs: () => number
  #at = -Infinity
  #atUptime = -Infinity

  constructor(clock: Clock, uptimeMs: (() => number) | undefined) {
    this.#clock = clock
    this.#uptimeMs = uptimeMs ?? (clock === systemClock ? uptimeOfMachine : () => clock.now())
  }

  /** Notes the moment before a request is sent; what it yields sets the deadline so long after. */
  fromNow(): (durationMs: number) => void {
    const now = this.#clock.now()
    const uptimeNow = this.#uptimeMs()
    return (durationMs) => {
      this.#at = now + durationMs
      this.#atUptime = uptimeNow + durationMs + UPTIME_STEP_MS
    }
  }

  /** How long it is still to come, 0 once it has. */
  get remainingMs(): number {
    const remainingMs = this.#at - this.#clock.now()
    return Math.max(0, Math.min(remainingMs, this.#atUptime - this.#uptimeMs()))
  }
}

function uptimeOfMachine(): number {
  return uptime() * 1000
}
