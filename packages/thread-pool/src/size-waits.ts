import { BrokenError, ClosedError } from '@cupola/core'
import { Deferred } from '@cupola/core/authoring'
import type { Failure } from '@cupola/interruptible-worker/authoring'

/** How many threads there are, for those who wait for some number of them. */
export interface CrewSize {
  /** Those that take calls. */
  readonly ready: number
  /** All, those on their last call among them. */
  readonly threads: number
  readonly minThreads: number
  readonly maxThreads: number
  /** Why no more are started, if so. */
  readonly failure: Failure | undefined
}

/** Somebody who waits until there are so many threads. */
interface Wait {
  /** How many have to be ready; `undefined` is what the limits say. */
  readonly wanted: number | undefined
  readonly reached: Deferred<void>
}

/** Those who wait until a pool has the size they asked for. */
export class SizeWaits {
  readonly #waits = new Set<Wait>()

  /** How many threads somebody waits for. */
  get wanted(): number {
    if (this.#waits.size === 0) return 0
    return Math.max(0, ...[...this.#waits].map(({ wanted = 0 }) => wanted))
  }

  /**
   * Waits until `wanted` threads are ready, or as many as the limits say, and no more than those
   * allow are left.
   *
   * Tell {@link check} now, and whenever the size has changed.
   */
  add(wanted?: number): Promise<void> {
    const reached = new Deferred<void>()
    this.#waits.add({ wanted, reached })
    return reached.promise
  }

  /** The pool has this size. */
  check({ ready, threads, minThreads, maxThreads, failure }: CrewSize): void {
    for (const wait of this.#waits) {
      const { wanted = minThreads, reached } = wait
      if (ready >= Math.min(wanted, maxThreads)) {
        if (threads > maxThreads) continue
        reached.resolve()
      } else {
        if (failure === undefined) continue
        const { problem, cause } = failure
        reached.reject(new BrokenError('resize the thread pool', problem, { cause }))
      }
      this.#waits.delete(wait)
    }
  }

  /** The pool is closed. */
  close(): void {
    for (const { reached } of this.#waits) {
      reached.reject(new ClosedError('resize', 'the thread pool'))
    }
    this.#waits.clear()
  }
}
