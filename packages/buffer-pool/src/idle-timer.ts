import type { Clock, Timer } from '@cupola/core'

/** Calls back again and again, as long as there is something to look after. */
export class IdleTimer {
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #look: () => boolean
  #timer: Timer | undefined

  /** @param look - Whether to come again. */
  constructor(clock: Clock, intervalMs: number, look: () => boolean) {
    this.#clock = clock
    this.#intervalMs = intervalMs
    this.#look = look
  }

  get isRunning(): boolean {
    return this.#timer !== undefined
  }

  start(): void {
    if (this.#timer !== undefined || this.#intervalMs === Infinity) return
    this.#timer = this.#clock.setTimer(() => this.#fire(), this.#intervalMs)
    this.#timer.unref()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #fire(): void {
    this.#timer = undefined
    if (this.#look()) this.start()
  }
}
