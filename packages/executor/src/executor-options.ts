import type { Clock } from '@cupola/core'
import type { WhenFull } from './admission.ts'
import type { RateLimit } from './rate-limit.ts'

/** The budgets that `Executor.resize()` can change. */
export interface Concurrency {
  /**
   * How many tasks that waited for a moment run at the same time, from 1 up, or `Infinity`.
   *
   * @defaultValue 3
   */
  readonly delayConcurrency?: number | undefined
  /**
   * How many tasks of `queueExec()` run at the same time, from 1 up, or `Infinity`.
   *
   * @defaultValue 4
   */
  readonly queueConcurrency?: number | undefined
}

/** How an `Executor` is set up. */
export interface ExecutorOptions extends Concurrency {
  /**
   * A task gains one urgency in every so many milliseconds that it is queued, so that those of a low
   * one have their turn as well. More than 0; `Infinity` is never.
   *
   * @defaultValue Infinity
   */
  readonly ageingMs?: number | undefined
  /**
   * How many tasks of `queueExec()` may wait, beyond one for each slot. From 0 up. Those that wait for
   * a moment, or in a pause between attempts, do not count.
   *
   * @defaultValue Infinity
   */
  readonly queueCapacity?: number | undefined
  /**
   * What becomes of a task beyond that: see {@link WhenFull}.
   *
   * @defaultValue 'reject'
   */
  readonly whenFull?: WhenFull | undefined
  /**
   * How many runs may begin in how much time, those of both budgets and further attempts included.
   *
   * @defaultValue no limit
   */
  readonly rate?: RateLimit | undefined
  /**
   * Where the chance of `jitterMs` comes from: numbers from 0 up that are less than 1.
   *
   * @defaultValue `Math.random`
   */
  readonly random?: (() => number) | undefined
  /**
   * Whose time counts.
   *
   * @defaultValue {@link systemClock}
   */
  readonly clock?: Clock | undefined
}

/** The tasks of one urgency that wait for a slot. */
export interface LevelStats {
  /** Which slots: those for what waited for a moment, or those of `queueExec()`. */
  readonly budget: 'delay' | 'queue'
  /** From -100 to 100. */
  readonly urgency: number
  /** How many they are; those that wait for others of their key first are not among them. */
  readonly queued: number
  /** For how many milliseconds the first of them has waited for a slot. */
  readonly oldestMs: number
}

/** An `Executor` at one moment. */
export interface ExecutorStats {
  /** Tasks that have come due and wait for a slot, or for others of their key. */
  readonly queued: number
  /** Who waits for a slot: the delay budget before that of the queue, in each the most urgent first. */
  readonly levels: readonly LevelStats[]
  /** Slots that are taken: functions that were called and have not settled. */
  readonly running: number
  /** Repeating tasks that are not over. */
  readonly repeating: number
  /**
   * Tasks that are not over, or whose functions have not settled; those that wait for a moment too. A
   * repeating task is one, however many runs it has.
   */
  readonly open: number
  /** Tasks that ended well; of a repeating task, each run counts. */
  readonly done: number
  /** Tasks that failed. */
  readonly failed: number
  /** Tasks that were cancelled; of a repeating task, each run that was under way, or else itself. */
  readonly cancelled: number
}
