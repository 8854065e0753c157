import type { Clock } from '@cupola/core'
import { LinkedList } from '@cupola/core/authoring'
import type { Call } from '@cupola/interruptible-worker/authoring'

/** Calls that failed and will be tried again, but not yet. */
export class RestingCalls {
  readonly #calls = new LinkedList<Call>()
  readonly #clock: Clock
  readonly #onRested: (call: Call) => void
  #retried = 0

  /** @param onRested - Called with a call that is to be tried again now. */
  constructor(clock: Clock, onRested: (call: Call) => void) {
    this.#clock = clock
    this.#onRested = onRested
  }

  /** How many rest. */
  get size(): number {
    return this.#calls.size
  }

  /** How often a call was tried again. */
  get retried(): number {
    return this.#retried
  }

  /** Lets a call that has failed rest, if it may be tried again. */
  take(call: Call, reason: unknown): boolean {
    const delayMs = call.request.retries?.take(reason)
    if (delayMs === undefined) return false
    call.attempt++
    this.#retried++
    if (delayMs === 0) this.#onRested(call)
    else this.#rest(call, delayMs)
    return true
  }

  /** Takes a call out. Nothing, if it is not here. */
  remove(call: Call): void {
    this.#calls.remove(call)
  }

  /** Fails all of them. */
  terminate(reason: unknown): void {
    for (const call of this.#calls) {
      this.#calls.remove(call)
      call.cancel(reason)
    }
  }

  #rest(call: Call, delayMs: number): void {
    this.#calls.push(call)
    call.rest(this.#clock, delayMs, () => {
      this.#calls.remove(call)
      this.#onRested(call)
    })
  }
}
