import type { Clock, Timer } from '@cupola/core'
import type { Lane } from './lane.ts'
import type { TokenBucket } from './rate-limit.ts'
import type { ScheduledTask } from './scheduled-task.ts'

/**
 * So many tasks begin in one turn of the event loop at most: those that are over at once would else
 * keep files and sockets waiting for as long as there are any. Enough of them to make the turn
 * itself cost nothing.
 */
const MOST_STARTS_A_TURN = 1024

/** Has tasks begin, when there is a slot, a token of the rate limit, and time in this turn. */
export class Starter {
  readonly #clock: Clock
  readonly #start: (task: ScheduledTask) => void
  readonly #bucket: TokenBucket | undefined
  /** The lane whose turn it is comes first. */
  #first: Lane
  #second: Lane
  #pump: 'idle' | 'asked' | 'pumping' = 'idle'
  /** In this turn of the event loop, in whatever small portions. */
  #starts = 0
  #turnAt = 0
  #isInTurn = false
  #pausing: Timer | undefined
  #isPaused = false

  constructor(
    clock: Clock,
    lanes: readonly [Lane, Lane],
    bucket: TokenBucket | undefined,
    start: (task: ScheduledTask) => void,
  ) {
    this.#clock = clock
    this.#first = lanes[0]
    this.#second = lanes[1]
    this.#bucket = bucket
    this.#start = start
  }

  /**
   * Has tasks begin once the code that runs now is done: a function never runs before its caller has
   * the task in hand, and of tasks that come together, the most urgent is the first.
   */
  ask(lane: Lane): void {
    if (this.#pump !== 'idle' || !lane.canStart) return
    this.#pump = 'asked'
    queueMicrotask(() => this.pump())
  }

  /** A slot of the lane is free again. */
  released(lane: Lane): void {
    if (this.#pump === 'idle' && lane.canStart) this.pump()
  }

  /** When this turn of the event loop had its first task: one look at the clock for all of them. */
  get turnAt(): number {
    this.#beginTurn()
    return this.#turnAt
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Has nothing begin until {@link resume}. */
  pause(): void {
    this.#isPaused = true
    this.#bucket?.stop()
  }

  resume(): void {
    this.#isPaused = false
    this.ask(this.#first)
    this.ask(this.#second)
  }

  /** There is a token again. */
  refilled(): void {
    if (this.#pump === 'idle') this.pump()
  }

  /** Has as many tasks begin as may. */
  pump(): void {
    this.#pump = 'pumping'
    for (let lane = this.#next(); lane !== undefined; lane = this.#next()) {
      if (this.#isPaused) break
      // Before the token is taken: it would be lost.
      if (this.#starts >= MOST_STARTS_A_TURN) return this.#goOnNextTurn()
      if (this.#bucket?.take(this.#clock.now()) === false) break
      const task = lane.take()
      if (task === undefined) break
      this.#beginTurn()
      this.#starts++
      this.#start(task)
    }
    this.#pump = 'idle'
  }

  /** Who waits for a token has gone. */
  left(): void {
    if (this.#first.queued + this.#second.queued === 0) this.#bucket?.stop()
  }

  /**
   * The lanes take turns, so that neither uses up a turn of the event loop alone. Where they share
   * tokens the more urgent task goes first, whichever lane it is in.
   */
  #next(): Lane | undefined {
    const first = this.#first
    const second = this.#second
    if (!second.canStart) return first.canStart ? first : undefined
    if (first.canStart && !(this.#bucket && second.rank > first.rank)) {
      this.#first = second
      this.#second = first
      return first
    }
    return second
  }

  #beginTurn(): void {
    if (this.#isInTurn) return
    this.#isInTurn = true
    this.#turnAt = this.#clock.now()
    setImmediate(this.#endTurn)
  }

  readonly #endTurn = (): void => {
    this.#isInTurn = false
    this.#starts = 0
    if (this.#pausing !== undefined) this.#goOn()
  }

  /**
   * The turn is that of `#endTurn`, which comes first. The timer is for a clock that is moved by hand: it
   * does not come to rest while tasks are to begin.
   */
  #goOnNextTurn(): void {
    this.#pump = 'asked'
    this.#pausing = this.#clock.setTimer(() => this.#goOn(), 0)
  }

  #goOn(): void {
    this.#pausing?.cancel()
    this.#pausing = undefined
    this.#starts = 0
    this.pump()
  }
}
