import type { Clock, Timer } from '@cupola/core'
import type { Failure, ThreadEnd } from './thread-owner.ts'

/**
 * So many threads may die in a row without a call having begun: a module that crashes a moment
 * after it has loaded would be loaded for ever. A thread that takes a call with it does not count,
 * because the calls come to an end.
 */
const MOST_FAILURES = 3

/** No thread is started for so long after the first failure, and twice as long after each other. */
const FIRST_PAUSE_MS = 100

/** A thread among those that a {@link Breaker} is told of. */
interface Standing {
  /** How many were started before it. */
  readonly order: number
  /** How many have been started by now. */
  readonly started: number
  /** Whether no other is left. */
  readonly isLast: boolean
}

/**
 * Decides whether it makes sense to start another thread.
 *
 *   closed ──a thread failed──▶ pausing ──pause over──▶ closed
 *     ▲                            │
 *     └──reset(), a thread works───┴──too many in a row, or none ever loaded──▶ broken
 *
 * Broken at once is an owner of which no thread has ever loaded the module: a path with a typo does
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

  /** A thread could not even be started. `order` is how many were. */
  cannotStart(failure: Failure, order: number): void {
    this.#failed(failure, order, order)
  }

  /** A thread has loaded the module. */
  loaded(): void {
    this.#hasLoaded = true
    this.#failure = undefined
  }

  /** A thread has answered calls: if it is one of those that were started lately, all is well. */
  worked({ order }: Pick<Standing, 'order'>): void {
    if (this.#failures > 0 && order >= this.#sinceOrder) this.reset()
  }

  /** A thread is gone. */
  gone({ failure, loaded, hasBegun }: ThreadEnd, { order, started, isLast }: Standing): void {
    if (failure !== undefined && !hasBegun) this.#failed(failure, order, started)
    // It did its work: worth another try, even if others did not start.
    else if (loaded && isLast) this.reset()
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

  #failed(failure: Failure, order: number, started: number): void {
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
