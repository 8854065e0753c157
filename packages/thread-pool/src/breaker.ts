import type { Clock, Timer } from '@cupola/core'
import type { Failure } from '@cupola/interruptible-worker/authoring'
import type { Tenure } from './tenure.ts'

/**
 * So many threads may die in a row without a call having begun: a module that crashes a moment
 * after it has loaded would be loaded for ever. A thread that takes a call with it does not count,
 * because the calls come to an end.
 */
const MOST_FAILURES = 3

/** No thread is started for so long after the first failure, and for twice as long after each other. */
const FIRST_PAUSE_MS = 100

/**
 * Decides whether it makes sense to start another thread.
 *
 *   closed ──a thread failed──▶ pausing ──pause over──▶ closed
 *     ▲                            │
 *     └──reset(), a thread works───┴──too many in a row, or none ever loaded──▶ broken
 *
 * Broken at once is a pool of which no thread has ever loaded the module: a path with a typo does
 * not mend itself, and whoever made it should hear of it now. Once it has loaded, what fails may be
 * a file that is being replaced or a server that is down, and is tried again.
 */
export class Breaker {
  readonly #clock: Clock
  readonly #onRetry: () => void
  #failures = 0
  /** A thread started before this one tells nothing new: many may fail of one cause at once. */
  #sinceOrder = 0
  #hasLoaded = false
  #failure: Failure | undefined
  #pause: Timer | undefined

  /** @param onRetry - Called when threads may be started again after a pause. */
  constructor(clock: Clock, onRetry: () => void) {
    this.#clock = clock
    this.#onRetry = onRetry
  }

  /** Why no thread is started any more. */
  get failure(): Failure | undefined {
    return this.#failure
  }

  /** Whether a thread may be started now. */
  get allowsStart(): boolean {
    return this.#failure === undefined && this.#pause === undefined
  }

  /**
   * A thread could not be started, or ended by itself before it began a call.
   *
   * @param order - How many had been started before it.
   * @param started - How many have been started by now.
   */
  failed(failure: Failure, order: number, started: number): void {
    if (!this.#hasLoaded) {
      this.#failure = failure
      return
    }
    if (order < this.#sinceOrder) return
    this.#sinceOrder = started
    this.#failures++
    if (this.#failures >= MOST_FAILURES) this.#failure = withoutCalls(failure)
    else this.#wait(FIRST_PAUSE_MS * 2 ** (this.#failures - 1))
  }

  /** A thread has loaded the module. */
  loaded(): void {
    this.#hasLoaded = true
    this.#failure = undefined
  }

  /** A thread has answered calls: if it is one of those that were started lately, all is well. */
  worked({ order }: Tenure): void {
    if (this.#failures > 0 && order >= this.#sinceOrder) this.reset()
  }

  /** Forgets what went wrong. */
  reset(): void {
    this.close()
    this.#failures = 0
    this.#failure = undefined
  }

  /** Leaves no timer. */
  close(): void {
    this.#pause?.cancel()
    this.#pause = undefined
  }

  #wait(delayMs: number): void {
    this.close()
    this.#pause = this.#clock.setTimer(() => {
      this.#pause = undefined
      this.#onRetry()
    }, delayMs)
    this.#pause.unref()
  }
}

function withoutCalls({ problem, cause }: Failure): Failure {
  return { problem: `its threads end before they begin a call; of the last, ${problem}`, cause }
}
