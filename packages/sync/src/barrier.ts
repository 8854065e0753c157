import { AsyncResource } from 'node:async_hooks'
import { BrokenError, type WaitOptions } from '@cupola/core'
import {
  Deferred,
  LinkedList,
  NOT_YET,
  requireFunction,
  requireInteger,
  wait,
  type Waitable,
  type Waiter,
} from '@cupola/core/authoring'
import { type ClockOptions, clockOf } from './clock-options.ts'

/** How a {@link Barrier} is made. */
export interface BarrierOptions extends ClockOptions {
  /**
   * Called once for each party that is complete, before it goes on: merges what they have done. It may
   * be async; callers arriving meanwhile wait for the next party.
   *
   * @defaultValue nothing
   */
  readonly action?: (() => unknown) | undefined
}

/** A {@link Barrier} at one moment. */
export interface BarrierStats {
  /** How many go on together. */
  readonly parties: number
  /** Calls of `wait()` that wait for others. */
  readonly waiting: number
  /** Whether it is broken. */
  readonly broken: boolean
}

/** Why nobody gets through. */
interface Break {
  readonly problem: string
  readonly options?: ErrorOptions
}

/** Of a complete party, nobody is missing; the compiler cannot know. */
type Waiting = Waiter<number | Promise<number>, Context> | undefined

/** Of whoever comes while an action runs: a party of those may have to be let go from here. */
type Context = AsyncResource | undefined

const ACTION = 'wait at the barrier'

/**
 * Where a number of callers meet before any of them goes on, round after round: Python's `threading.Barrier`.
 *
 * All or none: when a waiter gives up, or the action fails, nobody of the party would ever get
 * through, so the barrier is broken. All waiters are told at once, and callers that come later too,
 * until {@link reset}.
 *
 * For something that is awaited once, a {@link Latch} does.
 *
 * @example Rounds
 * ```ts
 * import { Barrier } from '@cupola/sync'
 *
 * const sums: number[] = []
 * let sum = 0
 * const barrier = new Barrier(2, {
 *   action: () => {
 *     sums.push(sum)
 *     sum = 0
 *   },
 * })
 *
 * async function count(numbers: readonly number[]): Promise<void> {
 *   for (const number of numbers) {
 *     sum += number
 *     await barrier.wait()
 *   }
 * }
 *
 * await Promise.all([count([1, 2, 3]), count([10, 20, 30])])
 * sums // => [11, 22, 33]
 * ```
 */
export class Barrier {
  /** How many go on together. */
  readonly parties: number
  readonly #action: (() => unknown) | undefined
  /** In the order they came; a party and more only while the action of the party before runs. */
  readonly #waiters = new LinkedList<Waiter<number | Promise<number>, Context>>()
  readonly #passage: Waitable<number | Promise<number>, Context>
  #isActing = false
  #break: Break | undefined
  /** Counts resets: an action that fails later than that breaks nothing. */
  #era = 0

  /**
   * @param parties - How many go on together, from 1 up.
   * @param options - What is done before they go on, and the clock for timeouts.
   * @throws TypeError If `parties` is not a number, `options` not an object, `action` not a function, or
   *   `clock` no `Clock`.
   * @throws RangeError If `parties` is no integer from 1 up.
   */
  constructor(parties: number, options: BarrierOptions = {}) {
    this.parties = requireInteger('parties', parties, 1, Number.MAX_SAFE_INTEGER)
    const clock = clockOf(options)
    const { action } = options
    if (action !== undefined) requireFunction('action', action)
    this.#action = action
    this.#passage = {
      action: ACTION,
      clock,
      refusal: () => {
        if (this.#isComplete(1)) this.#breakIfAborted()
        return this.#break && brokenError(this.#break)
      },
      tryNow: () => (this.#isComplete(1) ? this.#open(this.#takeOthers()) : NOT_YET),
      queueOf: () => this.#waiters,
      gaveUp: () => this.#breakBy({ problem: 'somebody gave up' }),
    }
  }

  /** Whether it is broken. */
  get broken(): boolean {
    return this.#break !== undefined
  }

  /**
   * Waits until the party is complete, this call included.
   *
   * Cancellation: a caller that times out or is aborted while waiting breaks the barrier for all. One
   * that was aborted before arriving, or arrives with `timeout: 0` and is not the last, was never part
   * of the party and breaks nothing. Once the party is complete nobody can leave it.
   *
   * Cost: O(1), and O(parties) for the last. A wait with a `timeout` holds one timer, which keeps the
   * process alive.
   *
   * @param options - What may end the wait early.
   * @returns The place in the party: 0 for the first to arrive, `parties - 1` for the last. It can
   *   decide which of them tidies up.
   * @throws BrokenError If the barrier is broken, or is broken or reset while this waits.
   * @throws What the action throws, to the last to arrive; the others get a `BrokenError` with that `cause`.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  async wait(options?: WaitOptions): Promise<number> {
    const context = this.#isActing ? new AsyncResource('Barrier') : undefined
    return await wait(this.#passage, options, context)
  }

  /**
   * Breaks the barrier: all waiters are refused, and all who come, until {@link reset}.
   *
   * Cost: O(waiting).
   *
   * @param reason - The `cause` of their errors.
   */
  abort(reason?: unknown): void {
    const options = reason === undefined ? undefined : { cause: reason }
    this.#breakBy({ problem: 'it was aborted', ...(options && { options }) })
  }

  /**
   * Mends the barrier. Current waiters are refused: half of a party is no party.
   *
   * Cost: O(waiting).
   */
  reset(): void {
    this.#era++
    this.#breakBy({ problem: 'it was reset' })
    this.#break = undefined
  }

  /** A snapshot, in O(1). */
  stats(): BarrierStats {
    return Object.freeze({
      parties: this.parties,
      waiting: this.#waiters.size,
      broken: this.broken,
    })
  }

  /** Whether there is a whole party, counting callers that do not wait yet. */
  #isComplete(coming: number): boolean {
    return !this.#isActing && this.#waiters.size + coming >= this.parties
  }

  /** All of a party but the last, who leave before the action is called: it may do anything to us. */
  #takeOthers(): Waiting[] {
    return Array.from({ length: this.parties - 1 }, () => this.#waiters.shift())
  }

  /** Lets a party go; returns the result of the last, whoever that is. */
  #open(others: readonly Waiting[]): number | Promise<number> {
    const action = this.#action
    if (action === undefined) {
      for (const [index, waiter] of others.entries()) waiter?.resolve(index)
      return others.length
    }
    // First they are let go, then the action is called: it may abort what they wait with.
    const acted = new Deferred<void>()
    for (const [index, waiter] of others.entries()) waiter?.resolve(passedBy(acted.promise, index))
    acted.resolve(this.#act(action))
    return acted.promise.then(() => others.length)
  }

  async #act(action: () => unknown): Promise<void> {
    const era = this.#era
    this.#isActing = true
    try {
      await action()
    } catch (cause) {
      if (era === this.#era) this.#breakBy({ problem: 'its action failed', options: { cause } })
      throw cause
    } finally {
      this.#isActing = false
      if (this.#isComplete(0)) this.#openForThoseHere()
    }
  }

  /** A whole party came while the action of the one before ran. */
  #openForThoseHere(): void {
    const others = this.#takeOthers()
    const last: Waiting = this.#waiters.first
    const passed = new Deferred<number>()
    last?.resolve(passed.promise)
    last?.detail?.runInAsyncScope(() => passed.resolve(this.#open(others)))
  }

  /** Before a party goes on: one of those in it may have given up without having been told yet. */
  #breakIfAborted(): void {
    for (const waiter of this.#waiters) {
      if (waiter.rejectIfAborted()) return this.#breakBy({ problem: 'somebody gave up' })
    }
  }

  #breakBy(why: Break): void {
    this.#break = why
    for (const waiter of this.#waiters) {
      if (!waiter.rejectIfAborted()) waiter.reject(brokenError(why))
    }
  }
}

function brokenError({ problem, options }: Break): BrokenError {
  return new BrokenError(ACTION, problem, options)
}

/** What every member of a party but the last gets. */
async function passedBy(acted: Promise<void>, index: number): Promise<number> {
  try {
    await acted
  } catch (cause) {
    throw brokenError({ problem: 'its action failed', options: { cause } })
  }
  return index
}
