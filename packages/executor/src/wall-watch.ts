import type { Clock } from '@cupola/core'
import type { Timers, TimerNode } from './timers.ts'

/** Whoever waits for a moment of the wall clock. */
export interface WallWaiter {
  /**
   * The wall clock was set, or the machine was suspended.
   *
   * @param isBack - Whether it shows an earlier time than it would have.
   */
  wallJumped(isBack: boolean): void
}

/**
 * How long it may take until a jump is noticed. croner looks as often. A task that waits for the
 * wall clock is that late at most after it was set forward, and never early.
 */
const LOOK_EVERY_MS = 30_000

/** Less is a time server's correction, which whoever waits makes up for when it wakes. */
const JUMP_MS = 500

/** Looks now and then whether the wall clock still goes with the clock that timers go by. */
export class WallWatch implements TimerNode {
  index = -1
  readonly order = 0
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #waiters = new Set<WallWaiter>()
  /** By how much the wall clock is ahead. */
  #ahead = 0

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock
    this.#timers = timers
  }

  /** Those who wait keep the process alive, if anybody does. */
  get isRef(): boolean {
    return false
  }

  add(waiter: WallWaiter): void {
    if (this.#waiters.size === 0) {
      this.#ahead = this.#clock.wall() - this.#clock.now()
      this.#timers.add(this, this.#clock.now() + LOOK_EVERY_MS)
    }
    this.#waiters.add(waiter)
  }

  remove(waiter: WallWaiter): void {
    if (this.#waiters.delete(waiter) && this.#waiters.size === 0) this.#timers.remove(this)
  }

  ring(): void {
    const ahead = this.#clock.wall() - this.#clock.now()
    const jump = ahead - this.#ahead
    this.#timers.add(this, this.#clock.now() + LOOK_EVERY_MS)
    if (Math.abs(jump) < JUMP_MS) return
    this.#ahead = ahead
    for (const waiter of [...this.#waiters]) waiter.wallJumped(jump < 0)
  }
}
