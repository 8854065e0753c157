import { type Clock, systemClock, type Timer, TimeoutError, type WaitOptions } from '@cupola/core'
import { Deferred, fulfillsWithin, onAbort } from '@cupola/core/authoring'
import { type Condition, type NotMet, notMet, type SeenBy, type Sign } from './condition.ts'
import { keptAlive } from './kept-alive.ts'
import { Pace } from './pace.ts'

/** What every wait of the package takes besides {@link WaitOptions}. */
export interface ClockOptions {
  /**
   * Whose milliseconds count.
   *
   * @defaultValue systemClock
   */
  readonly clock?: Clock | undefined
}

/**
 * How long the last look may take, which begins when `timeout` has passed. Long enough for a disk or
 * a local server, short enough that nobody takes it for a hanging wait.
 */
const LAST_LOOK_MS = 250

/** A fraction of a millisecond is lost in the sum of two moments, and no time would pass. */
const LEAST_PAUSE_MS = 1

/** How long a wait that is over waits for what it has to close: a dead disk lets nothing be closed. */
const CLOSING_MS = 250

/**
 * Waits until a look shows what is waited for. Every wait of the package is this one.
 *
 *   first look ──▶ watch ──▶ pause ──▶ look ──▶ pause ──▶ … ──▶ last look, when `timeout` has passed
 *                              ▲ an event, or time ┘
 *
 * A watcher that is armed calls like one that saw something, so there is always a look after the
 * arming: what came in between the first look and then is not missed.
 *
 * A look that never answers does not hold up the end: an abort ends the wait at once, and the
 * deadline at the latest `LAST_LOOK_MS` after it. Whatever the end, the wait settles when the look that
 * was being taken has ended, which it is told to, the watcher is closed and the timers are gone. Only
 * a look that does not end within another `LAST_LOOK_MS` is left to itself: a disk that hangs.
 *
 * The options are checked already: arguments come before all else, and every wait has its own.
 */
export async function keepLooking<Result>(
  condition: Condition<Result>,
  { signal, timeout = Infinity, clock = systemClock }: WaitOptions & ClockOptions,
): Promise<Result> {
  if (signal?.aborted) throw signal.reason
  const vigil = new Vigil(condition, timeout, clock)
  const abort = onAbort(signal, (reason) => vigil.fail(reason))
  const alive = keptAlive()
  try {
    return await vigil.keep()
  } finally {
    abort[Symbol.dispose]()
    await vigil.rest()
    await fulfillsWithin(closed(condition), { timeout: CLOSING_MS })
    alive[Symbol.dispose]()
  }
}

async function closed(condition: Condition<unknown>): Promise<void> {
  await condition.close?.()
}

/** One wait. It is over when `#over` is aborted, which happens in `#end` only. */
class Vigil<Result> {
  readonly #condition: Condition<Result>
  readonly #timeout: number
  readonly #clock: Clock
  readonly #pace: Pace
  readonly #outcome = new Deferred<Result>()
  readonly #over = new AbortController()
  /** Fires at the deadline, and then when the last look has had its time. */
  #limit: Timer | undefined
  /** The pause that goes on now. */
  #pause: { readonly end: () => void; timer: Timer } | undefined
  /** All the looks, one after the other. */
  #looking: Promise<void> = Promise.resolve()
  #overdue = false
  #changed = false
  #last: NotMet = notMet('no look has answered yet')

  constructor(condition: Condition<Result>, timeout: number, clock: Clock) {
    this.#condition = condition
    this.#timeout = timeout
    this.#clock = clock
    this.#pace = new Pace(condition)
  }

  async keep(): Promise<Result> {
    if (this.#timeout === 0) this.#passDeadline()
    else this.#limit = this.#clock.setTimer(() => this.#passDeadline(), this.#timeout)
    this.#looking = this.#lookUntilOver().catch((error: unknown) => this.fail(error))
    return await this.#outcome.promise
  }

  /** Resolves when the look that was being taken has ended, or is not going to. */
  async rest(): Promise<void> {
    await fulfillsWithin(this.#looking, { timeout: LAST_LOOK_MS })
  }

  fail(reason: unknown): void {
    this.#end()
    this.#outcome.reject(reason)
  }

  async #lookUntilOver(): Promise<void> {
    await this.#look('first-look')
    if (this.#isOver) return
    this.#condition.watch?.((sign) => this.#change(sign))
    while (!this.#isOver) await this.#look(await this.#nextSign())
  }

  async #look(seenBy: SeenBy): Promise<void> {
    // What began before the deadline may have missed what came just before it.
    const isLast = this.#overdue
    const begin = this.#clock.now()
    const soFar = (look: NotMet): void => void (this.#last = look)
    const { signal } = this.#over
    const look = await this.#condition.look({ seenBy, isLast, signal, soFar })
    if (this.#isOver) return
    if (look.met) {
      this.#end()
      this.#outcome.resolve(look.result)
      return
    }
    this.#last = look
    this.#pace.took(this.#clock.now() - begin)
    if (isLast) this.#giveUp()
  }

  /** Pauses until it is worth looking again. */
  async #nextSign(): Promise<SeenBy> {
    const pauseMs = this.#pauseMs()
    if (!this.#overdue && pauseMs > 0) {
      await new Promise<void>((resolve) => {
        this.#pause = { end: resolve, timer: this.#clock.setTimer(resolve, pauseMs) }
      })
      this.#pause?.timer.cancel()
      this.#pause = undefined
    }
    const seenBy = this.#changed ? 'event' : 'poll'
    this.#changed = false
    return seenBy
  }

  #pauseMs(): number {
    const { restMs } = this.#pace
    if (this.#changed) return restMs
    const { lookAgainMs = Infinity } = this.#last
    return Math.max(Math.min(this.#pace.next(), lookAgainMs), restMs, LEAST_PAUSE_MS)
  }

  #change(sign: Sign): void {
    if (sign === 'change') this.#pace.restart()
    if (this.#changed) return
    this.#changed = true
    if (this.#pause === undefined) return
    const { end, timer } = this.#pause
    if (this.#pace.restMs === 0) return end()
    timer.cancel()
    this.#pause.timer = this.#clock.setTimer(end, this.#pace.restMs)
  }

  #passDeadline(): void {
    this.#overdue = true
    this.#limit = this.#clock.setTimer(() => this.#giveUp(), LAST_LOOK_MS)
    this.#pause?.end()
  }

  #giveUp(): void {
    const { action } = this.#condition
    const { seen, cause } = this.#last
    const error = `${action} (last seen: ${seen})`
    this.fail(new TimeoutError(error, this.#timeout, cause === undefined ? {} : { cause }))
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted
  }

  #end(): void {
    this.#over.abort()
    this.#limit?.cancel()
    this.#pause?.timer.cancel()
    this.#pause?.end()
  }
}
