import { onAbort } from './abort.ts'
import { requireDuration, requireObject, requireSignal } from './checks.ts'
import { type Clock, systemClock, type Timer } from './clock.ts'
import { Deferred } from './deferred.ts'
import { TimeoutError } from './errors.ts'
import type { LinkedList, LinkedNode } from './linked-list.ts'

/** What may end a wait early. Every wait of the toolkit takes these. */
export interface WaitOptions {
  /**
   * Gives up when it aborts, rejecting with `signal.reason` unchanged.
   *
   * @defaultValue never
   */
  readonly signal?: AbortSignal | undefined
  /**
   * Gives up with a `TimeoutError` after so many milliseconds. `0` succeeds now or not at all;
   * values above 2³¹−1 work; `Infinity` is no limit.
   *
   * @defaultValue Infinity
   */
  readonly timeout?: number | undefined
}

/** What {@link Waitable.tryNow} answers when the caller has to wait. */
export const NOT_YET: unique symbol = Symbol('cupola: not yet')

/**
 * What a primitive tells {@link wait} about one kind of wait: a lock has one for readers and one
 * for writers. It is made once, in the primitive's constructor, so that a wait which does not have
 * to wait allocates nothing but its promise. None of its functions may throw.
 */
export interface Waitable<Result, Detail = undefined> {
  /** What is waited for; completes "Cannot …" in the `TimeoutError`. */
  readonly action: string
  /**
   * Whose milliseconds `timeout` counts.
   *
   * @defaultValue {@link systemClock}
   */
  readonly clock?: Clock | undefined
  /** Why waiting is pointless, a `ClosedError` mostly; `undefined` while it is not. */
  refusal(detail: Detail): Error | undefined
  /** The fast path: takes what is waited for if it is there and nobody has a better right. */
  tryNow(detail: Detail): Result | typeof NOT_YET
  /** Where a waiter queues that has to wait: {@link wait} adds it, and removes it if it gives up. */
  queueOf(detail: Detail): LinkedList<Waiter<Result, Detail>>
  /**
   * Called before a waiter gives up, which is still in the queue: where it is too late for that, this
   * resolves it, and it does not give up.
   *
   * @param reason - What it is about to reject with: a {@link TimeoutError}, or what the signal says.
   */
  givingUp?(waiter: Waiter<Result, Detail>, reason: unknown): void
  /** Called after a waiter gave up and has left: those behind it may have a right now. */
  gaveUp?(waiter: Waiter<Result, Detail>): void
}

/** Somebody in the queue of a {@link Waitable}. */
export interface Waiter<Result, Detail = undefined> extends LinkedNode<Waiter<Result, Detail>> {
  /** What the caller of {@link wait} handed along: how many permits, which item. */
  readonly detail: Detail
  /** Leaves the queue and ends the wait well. */
  resolve(result: Result): void
  /** Leaves the queue and ends the wait badly. */
  reject(error: unknown): void
  /**
   * Gives up now if the signal has aborted: of many waiters of one signal, the first that hears of
   * it would else hand its place to the next, which has not heard of it yet. Ask before
   * {@link resolve}; {@link Waitable.gaveUp} is not called.
   *
   * @returns Whether it did, so that it is somebody else's turn.
   */
  rejectIfAborted(): boolean
}

/**
 * Waits the way every wait of the toolkit does. In this order: bad arguments, closed, already
 * aborted, the fast path, `timeout: 0`, and only then a place in the queue. Never throws: all that
 * goes wrong rejects.
 *
 * Cancellation: a waiter that times out or is aborted has left the queue before its promise
 * rejects. However a wait ends, its timer and its listener on the signal are gone.
 *
 * Cost: O(1). A wait with a `timeout` holds one timer, which keeps the process alive.
 *
 * @param waitable - What is waited for.
 * @param options - What may end the wait early.
 * @param detail - Handed on to `waitable`.
 * @returns What `tryNow` gave, or what a waiter is resolved with later.
 * @throws TypeError If `options` is not an object, or an option has the wrong type.
 * @throws RangeError If `options.timeout` is negative or `NaN`.
 * @throws The waitable's refusal, if it has one.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 * @throws {@link TimeoutError} If `options.timeout` milliseconds pass first.
 * @throws What the clock throws when it is to set the timer.
 *
 * @example A gate that one caller at a time gets through
 * ```ts
 * import { LinkedList, NOT_YET, wait, type Waitable, type Waiter } from '@cupola/core/authoring'
 *
 * const queue = new LinkedList<Waiter<string>>()
 * let open = false
 * const gate: Waitable<string> = {
 *   action: 'pass the gate',
 *   refusal: () => undefined,
 *   tryNow: () => (open ? 'walked through' : NOT_YET),
 *   queueOf: () => queue,
 * }
 *
 * const waiting = wait(gate, { timeout: 60_000 }, undefined)
 * queue.size // => 1
 * queue.first?.resolve('let in')
 * await waiting // => 'let in'
 * queue.size // => 0
 * ```
 */
export function wait<Result, Detail>(
  waitable: Waitable<Result, Detail>,
  options: WaitOptions | undefined,
  detail: Detail,
): Promise<Result> {
  try {
    checkWaitOptions(options)
  } catch (error) {
    return Promise.reject(error)
  }
  const refusal = waitable.refusal(detail)
  if (refusal !== undefined) return Promise.reject(refusal)
  const signal = options?.signal
  if (signal?.aborted) return Promise.reject(signal.reason)
  const result = waitable.tryNow(detail)
  if (result !== NOT_YET) return Promise.resolve(result)
  return enterQueue(waitable, signal, options?.timeout ?? Infinity, detail)
}

/**
 * Checks {@link WaitOptions} where a function takes them but has no queue of its own to wait in.
 *
 * @param options - What the caller passed.
 * @throws TypeError If `options` is not an object, or an option has the wrong type.
 * @throws RangeError If `timeout` is negative or `NaN`.
 */
export function checkWaitOptions(options: WaitOptions | undefined): void {
  if (options === undefined) return
  requireObject('options', options)
  const { signal, timeout } = options
  if (timeout !== undefined) requireDuration('timeout', timeout)
  if (signal !== undefined) requireSignal('signal', signal)
}

/**
 * Whose turn it is: the first in the queue whose signal has not aborted. Those before it are rejected
 * with their reason, without {@link Waitable.gaveUp}: of many waiters of one signal only the first may
 * have heard of it yet, and the next must not get what that one gives up.
 *
 * @param queue - Those who wait.
 * @returns The first of them, still in the queue; `undefined` if nobody waits any more.
 */
export function firstWilling<Result, Detail>(
  queue: LinkedList<Waiter<Result, Detail>>,
): Waiter<Result, Detail> | undefined {
  while (queue.first?.rejectIfAborted() === true);
  return queue.first
}

/** Apart from {@link wait}, to keep the path of those who need not wait short. */
function enterQueue<Result, Detail>(
  waitable: Waitable<Result, Detail>,
  signal: AbortSignal | undefined,
  timeout: number,
  detail: Detail,
): Promise<Result> {
  if (timeout === 0) return Promise.reject(new TimeoutError(waitable.action, 0))
  const waiter = new QueuedWaiter(waitable, detail)
  waitable.queueOf(detail).push(waiter)
  waiter.giveUpOn(signal, timeout)
  return waiter.promise
}

class QueuedWaiter<Result, Detail> implements Waiter<Result, Detail> {
  previous: Waiter<Result, Detail> | undefined = undefined
  next: Waiter<Result, Detail> | undefined = undefined
  list: LinkedList<Waiter<Result, Detail>> | undefined = undefined
  readonly detail: Detail
  readonly #deferred = new Deferred<Result>()
  readonly #waitable: Waitable<Result, Detail>
  #signal: AbortSignal | undefined
  #timer: Timer | undefined
  #abort: Disposable | undefined

  constructor(waitable: Waitable<Result, Detail>, detail: Detail) {
    this.#waitable = waitable
    this.detail = detail
  }

  get promise(): Promise<Result> {
    return this.#deferred.promise
  }

  resolve(result: Result): void {
    this.#leave()
    this.#deferred.resolve(result)
  }

  reject(error: unknown): void {
    this.#leave()
    this.#deferred.reject(error)
  }

  rejectIfAborted(): boolean {
    const signal = this.#signal
    if (signal === undefined || !signal.aborted) return false
    this.reject(signal.reason)
    return true
  }

  giveUpOn(signal: AbortSignal | undefined, timeout: number): void {
    // The fast path looked around before it said no, and an event it emitted may have aborted us.
    if (signal?.aborted) return this.#giveUp(signal.reason)
    this.#signal = signal
    try {
      this.#abort = onAbort(signal, (reason) => this.#giveUp(reason))
      if (timeout !== Infinity) this.#timer = this.#timerFor(timeout)
    } catch (error) {
      // The signal and the clock are other people's code; one that nothing can end must not wait.
      this.#giveUp(error)
    }
  }

  #timerFor(timeout: number): Timer {
    const { action, clock = systemClock } = this.#waitable
    return clock.setTimer(() => this.#giveUp(new TimeoutError(action, timeout)), timeout)
  }

  #giveUp(reason: unknown): void {
    this.#waitable.givingUp?.(this, reason)
    if (this.list === undefined) return
    this.reject(reason)
    this.#waitable.gaveUp?.(this)
  }

  #leave(): void {
    this.list?.remove(this)
    this.#timer?.cancel()
    this.#abort?.[Symbol.dispose]()
  }
}
