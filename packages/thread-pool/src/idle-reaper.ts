import type { Clock, Timer } from '@cupola/core'
import type { WorkerThread } from '@cupola/interruptible-worker/authoring'

/** Ends threads that have had no call for a while. */
export class IdleReaper {
  readonly #clock: Clock
  readonly #idle: () => readonly WorkerThread[]
  readonly #dismiss: (thread: WorkerThread) => void
  #timer: Timer | undefined

  /**
   * @param idle - The threads that have no calls, if there are more threads than need be.
   * @param dismiss - Ends one of them.
   */
  constructor(
    clock: Clock,
    idle: () => readonly WorkerThread[],
    dismiss: (thread: WorkerThread) => void,
  ) {
    this.#clock = clock
    this.#idle = idle
    this.#dismiss = dismiss
  }

  /**
   * One timer for all threads, and only while one of them is idle: one that has calls sets it again
   * when it has answered them.
   */
  watch(idleTimeoutMs: number): void {
    if (this.#timer !== undefined) return
    const idle = this.#idle()
    if (idle.length === 0) return
    const waits = idle.map((thread) => Math.max(idleTimeoutMs - thread.quietMs, 0))
    this.#timer = this.#clock.setTimer(() => this.#reap(idleTimeoutMs), Math.min(...waits))
    this.#timer.unref()
  }

  /** Leaves no timer. */
  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #reap(idleTimeoutMs: number): void {
    this.#timer = undefined
    for (const thread of this.#idle()) {
      // Each that goes may be the last that need not be.
      const isStill = this.#idle().includes(thread)
      if (isStill && thread.quietMs >= idleTimeoutMs) this.#dismiss(thread)
    }
    this.watch(idleTimeoutMs)
  }
}
