import type { Failure, ThreadEnd } from './thread-owner.ts'

/**
 * So many threads may die in a row without a call having begun before no more are started: a module
 * that crashes a moment after it has loaded would be loaded for ever. A thread that takes a call with
 * it does not count, because the calls come to an end.
 */
const BARREN_DEATHS = 3

/** Whether it makes sense to start another thread, judging by how the ones before ended. */
export class Outlook {
  #failure: Failure | undefined
  #barrenDeaths = 0

  /** Why it does not. */
  get failure(): Failure | undefined {
    return this.#failure
  }

  /** A thread could not even be started. */
  cannotStart(cause: unknown): void {
    this.#failure = { problem: 'no thread can be started', cause }
  }

  /** A thread has answered. */
  answered(): void {
    this.#barrenDeaths = 0
  }

  /** A thread is gone; `wasLast` says that there is no other. */
  gone({ failure, loaded, hasBegun }: ThreadEnd, wasLast: boolean): void {
    if (failure !== undefined && !loaded) this.#failure = failure
    else if (failure !== undefined && !hasBegun) this.#mournBarren(failure)
    // It did its work: worth another try, even if others did not start.
    else if (loaded && wasLast) this.#failure = undefined
  }

  #mournBarren({ problem, cause }: Failure): void {
    if (++this.#barrenDeaths < BARREN_DEATHS) return
    this.#failure = {
      problem: `its threads end before they begin a call; of the last, ${problem}`,
      cause,
    }
  }
}
