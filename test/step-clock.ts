import type { Clock, Timer } from '@cupola/core'

interface Armed {
  readonly due: number
  readonly fn: () => void
}

/**
 * A clock that fires what is due while it is moved, before it returns: for models, which must not
 * yield. Timers of one moment fire in the order they were set.
 */
export class StepClock implements Clock {
  #now = 0
  readonly #armed = new Set<Armed>()

  now(): number {
    return this.#now
  }

  wall(): number {
    return this.#now
  }

  setTimer(fn: () => void, delayMs: number): Timer {
    const armed = { due: this.#now + delayMs, fn }
    if (delayMs !== Infinity) this.#armed.add(armed)
    const cancel = (): void => void this.#armed.delete(armed)
    return { cancel, unref() {}, ref() {}, [Symbol.dispose]: cancel }
  }

  /** How many timers are armed. */
  get pending(): number {
    return this.#armed.size
  }

  advance(ms: number): void {
    const end = this.#now + ms
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#armed.delete(next)
      this.#now = next.due
      next.fn()
    }
    this.#now = end
  }

  #next(end: number): Armed | undefined {
    const due = [...this.#armed].filter((armed) => armed.due <= end)
    return due.sort((one, other) => one.due - other.due)[0]
  }
}
