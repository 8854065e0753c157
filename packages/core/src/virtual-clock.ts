import { AsyncResource } from 'node:async_hooks'
import { requireDuration, requireFunction } from './checks.ts'
import type { Clock, Timer } from './clock.ts'

/** Where a {@link VirtualClock} begins. */
export interface VirtualClockOptions {
  /**
   * What {@link Clock.wall} says at the start, in milliseconds since 1970 UTC.
   *
   * @defaultValue 0
   */
  readonly wall?: number | undefined
}

/**
 * A clock that stands still until a test moves it, so that a year passes at once and nothing
 * depends on how busy the machine is. It holds no handle: an armed timer never keeps the process
 * alive.
 *
 * @example A year in no time
 * ```ts
 * import { VirtualClock } from '@cupola/core/testing'
 *
 * const clock = new VirtualClock()
 * const log: string[] = []
 * clock.setTimer(() => log.push(`fired at ${clock.now()}`), 31_536_000_000)
 *
 * await clock.advance(31_535_999_999)
 * log // => []
 * await clock.advance(1)
 * log // => ['fired at 31536000000']
 * ```
 */
export class VirtualClock implements Clock {
  #now = 0
  #wallOffset: number
  #pending = 0
  /** The moments at which armed timers are due, from the next to the last. */
  readonly #moments: Moment[] = []

  constructor({ wall = 0 }: VirtualClockOptions = {}) {
    this.#wallOffset = wall
  }

  now(): number {
    return this.#now
  }

  wall(): number {
    return this.#wallOffset + this.#now
  }

  setTimer(fn: () => void, delayMs: number): Timer {
    requireFunction('fn', fn)
    const due = this.#now + requireDuration('delayMs', delayMs)
    const timer = new VirtualTimer(fn, due, () => this.#disarm(timer))
    if (due !== Infinity) this.#arm(timer)
    return timer
  }

  /** How many timers are armed. */
  get pending(): number {
    return this.#pending
  }

  /** Milliseconds until the next timer is due, `Infinity` when none is armed. */
  get nextDueMs(): number {
    const [next] = this.#moments
    return next === undefined ? Infinity : next.due - this.#now
  }

  /**
   * Moves time forward, firing each timer when its moment has come, and letting what it set in
   * motion run before the next: promises, `setImmediate`, finished I/O of one turn. Calls that
   * overlap do not add up: each counts from the moment it was made.
   *
   * @param ms - How far, from 0 up.
   * @returns Resolves when time stands still again.
   * @throws TypeError If `ms` is not a number.
   * @throws RangeError If `ms` is negative, `NaN` or `Infinity`.
   * @throws What a timer's function throws; time then stands at that timer's moment.
   */
  async advance(ms: number): Promise<void> {
    if (requireDuration('ms', ms) === Infinity) {
      throw new RangeError('Cannot advance a clock: got Infinity, expected a finite duration')
    }
    const end = this.#now + ms
    await eventLoopTurn()
    for (let timer = this.#dueUntil(end); timer !== undefined; timer = this.#dueUntil(end)) {
      this.#now = timer.due
      timer.fire()
      await eventLoopTurn()
    }
    // An overlapping call may have gone further.
    this.#now = Math.max(this.#now, end)
  }

  /**
   * Makes the wall clock jump, as an administrator or a time server would. Timers do not notice.
   *
   * @param wall - What {@link wall} says from now on, in milliseconds since 1970 UTC.
   */
  setWall(wall: number): void {
    this.#wallOffset = wall - this.#now
  }

  #dueUntil(end: number): VirtualTimer | undefined {
    const [next] = this.#moments
    if (next === undefined || next.due > end) return undefined
    const [first] = next.timers
    return first
  }

  #arm(timer: VirtualTimer): void {
    const { due } = timer
    const index = this.#indexOf(due)
    const moment = this.#moments[index]
    if (moment?.due === due) moment.timers.add(timer)
    else this.#moments.splice(index, 0, { due, timers: new Set([timer]) })
    this.#pending++
  }

  #disarm(timer: VirtualTimer): void {
    const index = this.#indexOf(timer.due)
    const moment = this.#moments[index]
    if (moment?.due !== timer.due || !moment.timers.delete(timer)) return
    this.#pending--
    if (moment.timers.size === 0) this.#moments.splice(index, 1)
  }

  /** Where a moment is in the sorted list, or belongs. */
  #indexOf(due: number): number {
    let low = 0
    let high = this.#moments.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const moment = this.#moments[middle]
      if (moment !== undefined && moment.due < due) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Never empty. A set, so that thousands of timers set together are cancelled without a search. */
interface Moment {
  readonly due: number
  /** In the order they were set. */
  readonly timers: Set<VirtualTimer>
}

class VirtualTimer implements Timer {
  readonly due: number
  readonly #context = new AsyncResource('VirtualTimer')
  readonly #fn: () => void
  readonly #disarm: () => void

  constructor(fn: () => void, due: number, disarm: () => void) {
    this.#fn = fn
    this.due = due
    this.#disarm = disarm
  }

  fire(): void {
    this.#disarm()
    this.#context.runInAsyncScope(this.#fn)
  }

  cancel(): void {
    this.#disarm()
  }

  unref(): void {}

  ref(): void {}

  [Symbol.dispose](): void {
    this.#disarm()
  }
}

function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
