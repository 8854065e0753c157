import { type Clock, systemClock, TimeoutError, type WaitOptions } from '@cupola/core'
import { checkWaitOptions, onAbort, requireArray, requireFunction } from '@cupola/core/authoring'
import type { ClockOptions } from './keep-looking.ts'
import { keptAlive } from './kept-alive.ts'

/** What ends several waits together. */
export interface CombinedWaitOptions extends WaitOptions, ClockOptions {}

/**
 * A wait that is yet to begin: takes the `timeout`, the `signal` and the `clock` that it shares with
 * others, and has to heed them, as every wait of the toolkit does. One that does not holds up the end
 * of the others.
 */
export type Wait<T> = (options: CombinedWaitOptions) => PromiseLike<T>

/** Waits that have begun together, to be ended together. */
export class CombinedWaits {
  /** In the order of the waits. */
  readonly promises: readonly Promise<unknown>[]
  readonly #timeout: number
  readonly #clock: Clock
  readonly #begin: number
  readonly #controller = new AbortController()
  readonly #abort: Disposable
  readonly #alive: Disposable

  /**
   * Begins them.
   *
   * @throws What is wrong with the arguments, or the reason of a signal that has aborted.
   */
  constructor(waits: readonly Wait<unknown>[], options: CombinedWaitOptions) {
    requireArray('waits', waits)
    checkWaitOptions(options)
    for (const wait of waits) requireFunction('wait', wait)
    const { signal, timeout = Infinity, clock = systemClock } = options
    if (signal?.aborted) throw signal.reason
    this.#timeout = timeout
    this.#clock = clock
    this.#begin = clock.now()
    this.#abort = onAbort(signal, (reason) => this.#controller.abort(reason))
    this.#alive = keptAlive()
    const shared = { signal: this.#controller.signal, timeout, clock }
    this.promises = waits.map(async (wait) => await wait(shared))
  }

  /**
   * Whether an error says that the deadline has passed which all waits share. A wait may have one of its
   * own inside it, with the same number: that one comes before.
   */
  isDeadline(error: unknown): error is TimeoutError {
    const hasPassed = this.#clock.now() - this.#begin >= this.#timeout
    return hasPassed && error instanceof TimeoutError && error.timeout === this.#timeout
  }

  /** The error of waits that have met their deadline. */
  deadlineError(what: string, unmet: readonly unknown[]): TimeoutError {
    const [first] = unmet
    if (this.promises.length === 1 && first instanceof TimeoutError) return first
    const list = unmet.map((error) => this.#clauseOf(error)).join('; ')
    const cause = new AggregateError(unmet, list)
    return new TimeoutError(`wait for ${what} (not met: ${list})`, this.#timeout, { cause })
  }

  /** Aborts those that go on, and resolves when all have ended. */
  async end(): Promise<void> {
    this.#abort[Symbol.dispose]()
    this.#controller.abort()
    await Promise.allSettled(this.promises)
    this.#alive[Symbol.dispose]()
  }

  /** What an error says, but for what the error of all says as well. */
  #clauseOf(error: unknown): string {
    if (!(error instanceof Error)) return String(error)
    if (!this.isDeadline(error)) return error.message
    return error.message.replace(/^Cannot /, '').replace(/: waited [\d.]+ ms$/, '')
  }
}
