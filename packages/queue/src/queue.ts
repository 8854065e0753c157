import { type Clock, ClosedError, systemClock, type WaitOptions } from '@cupola/core'
import {
  closesWithin,
  Deferred,
  firstWilling,
  LinkedList,
  NOT_YET,
  requireClock,
  requireFunction,
  requireInteger,
  requireObject,
  wait,
  type Waitable,
  type Waiter,
} from '@cupola/core/authoring'
import { Alarm } from './alarm.ts'
import { FifoStore } from './fifo-store.ts'
import type { ItemStore } from './item-store.ts'

/** How much a queue holds, and its clock. */
export interface QueueLimits {
  /**
   * How many items the queue holds at most, from 1 up. A `put()` beyond that waits for room.
   *
   * @defaultValue Infinity
   */
  readonly capacity?: number | undefined
  /**
   * The clock for timeouts, and for the delays of a `DelayQueue`.
   *
   * @defaultValue `systemClock` of `@cupola/core`
   */
  readonly clock?: Clock | undefined
}

/** How a {@link Queue} is made. */
export interface QueueOptions<T> extends QueueLimits {
  /**
   * Where the items are kept, and which of them is next: an order of your own. It belongs to this
   * queue alone, and must not call it.
   *
   * @defaultValue first in, first out
   */
  readonly store?: ItemStore<T> | undefined
}

/** A queue at one moment. */
export interface QueueStats {
  /** Items in the queue. */
  readonly size: number
  /** Items it holds at most. */
  readonly capacity: number
  /** Items put that `taskDone()` has not been called for. */
  readonly unfinished: number
  /** Calls of `get()` that wait for an item. */
  readonly getting: number
  /** Calls of `put()` that wait for room. */
  readonly putting: number
  /** Calls of `join()` that wait. */
  readonly joining: number
  /** Whether `close()` or `terminate()` has been called. */
  readonly closed: boolean
}

/**
 * Why somebody waits for an item. A promise that is resolved with a thenable follows it, so whoever
 * iterates gets the item inside of a step, where it stays as it is.
 */
type Purpose = 'get' | 'iterate'

/** What waits for room, and where it belongs. */
interface Entry<T> {
  readonly item: T
  readonly rank: unknown
}

type Step<T> = IteratorResult<T, undefined>

/**
 * Hands items from those who put them to those who get them, first in, first out, with a limit on
 * how many are on the way.
 *
 * First come, first served: items go to callers of `get()` in the order of their calls, and room to
 * callers of `put()`. Nobody overtakes: an item that somebody waits for is theirs before `put()`
 * returns.
 *
 * `undefined` and `false` from `tryGet()` and `tryPut()` mean "not now"; a `ClosedError` means
 * "never again".
 *
 * @example A producer that waits for its consumer
 * ```ts
 * import { Queue } from '@cupola/queue'
 *
 * const letters = new Queue<string>({ capacity: 2 })
 *
 * async function spell(word: string): Promise<void> {
 *   for (const letter of word) await letters.put(letter)
 *   await letters.close()
 * }
 *
 * const spelling = spell('cupola')
 * let read = ''
 * for await (const letter of letters) read += letter
 * await spelling
 * read // => 'cupola'
 * ```
 *
 * @example Wait until all work is done
 * ```ts
 * import { Queue } from '@cupola/queue'
 *
 * const numbers = new Queue<number>()
 * let sum = 0
 *
 * async function work(): Promise<void> {
 *   for await (const number of numbers) {
 *     sum += number
 *     numbers.taskDone()
 *   }
 * }
 *
 * const workers = [work(), work()]
 * for (const number of [1, 2, 3, 4]) await numbers.put(number)
 * await numbers.join({ timeout: 1000 })
 * sum // => 10
 * await numbers.close()
 * await Promise.all(workers)
 * ```
 */
export class Queue<T> implements AsyncIterable<T, undefined>, AsyncDisposable {
  readonly #capacity: number
  readonly #clock: Clock
  readonly #store: ItemStore<T>
  /** Items put, blocked ones apart, that `taskDone()` has not been called for. */
  #unfinished = 0

  // Somebody waits for an item only while none is ready, and for room only while there is none.
  readonly #getters = new LinkedList<Waiter<T | Step<T>, Purpose>>()
  readonly #putters = new LinkedList<Waiter<void, Entry<T>>>()
  readonly #joiners = new LinkedList<Waiter<void>>()
  readonly #item: Waitable<T, Purpose>
  readonly #step: Waitable<Step<T>, Purpose>
  readonly #room: Waitable<void, Entry<T>>
  readonly #completion: Waitable<void>
  /** Rings when an item gets ready that somebody waits for; where items are ready always, nothing. */
  readonly #alarm: Alarm | undefined

  /** The promise every caller gets that need not wait for room: one of its own would tell no more. */
  readonly #accepted = Promise.resolve()
  /** Set once the queue is closed; resolves when it is empty besides. */
  #closing: Deferred<void> | undefined
  /** Why it was terminated. */
  #reason: unknown

  /**
   * @param options - How many items it holds, its clock, and in which order items come out.
   * @throws TypeError If `options` is not an object, or an option has the wrong type.
   * @throws RangeError If `capacity` is no integer from 1 up.
   */
  constructor(options: QueueOptions<T> = {}) {
    requireObject('options', options)
    const { capacity = Infinity, clock = systemClock } = options
    const store: ItemStore<T> = options.store ?? new FifoStore()
    requireStore(store)
    this.#capacity = requireInteger('capacity', capacity, 1, Infinity)
    this.#clock = requireClock('clock', clock)
    this.#store = store
    if (store.readyAt !== undefined) this.#alarm = new Alarm(clock, () => this.#serve())
    const getting = {
      action: 'get an item',
      clock,
      queueOf: () => {
        this.#setAlarm(true)
        return this.#getters
      },
      gaveUp: () => this.#setAlarm(),
    }
    this.#item = {
      ...getting,
      refusal: () => (this.#hasEnded() ? this.#closedError('get') : undefined),
      tryNow: () => (this.#isNext() ? this.#take() : NOT_YET),
    }
    this.#step = {
      ...getting,
      refusal: () => undefined,
      tryNow: () => {
        if (this.#hasEnded()) return lastStep()
        return this.#isNext() ? stepWith(this.#take()) : NOT_YET
      },
    }
    this.#room = {
      action: 'put an item',
      clock,
      refusal: () => (this.#closing ? this.#closedError('put') : undefined),
      tryNow: ({ item, rank }) => (this.#hasRoom() ? this.#accept(item, rank) : NOT_YET),
      queueOf: () => this.#putters,
    }
    this.#completion = {
      action: 'join the queue',
      clock,
      refusal: () => undefined,
      tryNow: () => (this.#unfinished === 0 ? undefined : NOT_YET),
      queueOf: () => this.#joiners,
    }
  }

  /** How many items are in the queue. Those of a `put()` that waits for room are not. */
  get size(): number {
    return this.#store.size
  }

  /** How many items were put that {@link taskDone} has not been called for. */
  get unfinished(): number {
    return this.#unfinished
  }

  /** Whether {@link close} or {@link terminate} has been called. */
  get closed(): boolean {
    return this.#closing !== undefined
  }

  /**
   * Puts an item in, once there is room.
   *
   * Cancellation: a call that is aborted or times out has left its place, and its item is not in the
   * queue. Aborting once the item is in does nothing.
   *
   * Cost: O(1), and what the order of the items costs. A wait with a `timeout` holds one timer, which
   * keeps the process alive.
   *
   * @param item - Anything, `undefined` included. One with a `then`, as a promise has, is awaited by
   *   {@link get}, as all that promises give; `tryGet()` and loops give it as it is.
   * @param options - What may end the wait for room.
   * @returns Resolves when the item is in the queue, or somebody has it.
   * @throws ClosedError If the queue is closed, or is closed while this waits.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws What the order of the items throws: a `priority`, `compare` or `delayMs`, which may also give
   *   a rank that is a `TypeError` or a `RangeError`, or the `store`.
   */
  put(item: T, options?: WaitOptions): Promise<void> {
    try {
      // Whatever this calls is done before we begin: nobody else's code runs in the middle.
      const rank = this.#store.rankOf?.(item)
      // What `wait` would come to as well: with nothing to check, it is not worth the asking.
      if (options === undefined && this.#closing === undefined && this.#hasRoom()) {
        this.#accept(item, rank)
        return this.#accepted
      }
      return wait(this.#room, options, { item, rank })
    } catch (error) {
      // The one thing that throws on the way is the store, which has not taken the item.
      return Promise.reject(error)
    }
  }

  /**
   * Takes the next item, once there is one.
   *
   * Cancellation: a call that is aborted or times out has left its place, and the next item goes to
   * somebody else. Aborting once an item was handed over does nothing: the call resolves with it, so
   * that no item is lost.
   *
   * Cost: O(1), and what the order of the items costs. A wait with a `timeout` holds one timer, which
   * keeps the process alive.
   *
   * @param options - What may end the wait for an item.
   * @returns The item. One with a `then` is taken and awaited: what it is rejected with rejects this
   *   call too, and one that never calls back leaves it waiting.
   * @throws ClosedError If the queue is closed and empty, or gets so while this waits.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  get(options?: WaitOptions): Promise<T> {
    if (options === undefined && this.#isNext()) return Promise.resolve(this.#take())
    return wait(this.#item, options, 'get')
  }

  /**
   * Puts an item in if there is room now. Costs no promise.
   *
   * @param item - Anything, `undefined` included.
   * @returns Whether it is in; `false` if the queue is full.
   * @throws ClosedError If the queue is closed.
   * @throws What the order of the items throws, as in {@link put}.
   */
  tryPut(item: T): boolean {
    const rank = this.#store.rankOf?.(item)
    if (this.#closing) throw this.#closedError('put')
    if (!this.#hasRoom()) return false
    this.#accept(item, rank)
    return true
  }

  /**
   * Takes the next item if there is one now. Costs no promise.
   *
   * @returns The item, as it is, or `undefined` if there is none now. Where `undefined` can be an item,
   *   `get({ timeout: 0 })` tells the two apart.
   * @throws ClosedError If the queue is closed and empty.
   */
  tryGet(): T | undefined {
    if (this.#hasEnded()) throw this.#closedError('get')
    return this.#isNext() ? this.#take() : undefined
  }

  /**
   * Says that the work on one item is done: for those who {@link join}. Call it once for each item
   * taken, in a `finally` if the work may fail.
   *
   * Cost: O(1), and O(joining) for the last.
   *
   * @throws RangeError If it was called for every item already.
   */
  taskDone(): void {
    if (this.#unfinished === 0) {
      throw new RangeError('Cannot finish a task: all are done, expected one call for each item')
    }
    this.#finish(1)
  }

  /**
   * Waits until the work on every item is done: {@link taskDone} was called as often as items were
   * put. Goes on when the queue is closed.
   *
   * Cancellation: aborting while waiting ends the wait. The work goes on.
   *
   * Cost: O(1). A wait with a `timeout` holds one timer, which keeps the process alive.
   *
   * @param options - What may end the wait early.
   * @returns Resolves when nothing is unfinished, at once if nothing is now.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  join(options?: WaitOptions): Promise<void> {
    return wait(this.#completion, options, undefined)
  }

  /**
   * Accepts no more items, and waits until those in the queue are taken: getting goes on until then.
   * Calls of `put()` that wait for room are refused with a `ClosedError`, and calls of `get()` once
   * the queue is empty. Calling it again gives the same promise.
   *
   * Where nobody takes what is left it keeps waiting: see {@link tryClose} and {@link terminate}. It
   * does not wait for the work on what was taken: {@link join} does.
   *
   * @returns Resolves when the queue is empty.
   */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = new Deferred()
      refuseAll(this.#putters, () => this.#closedError('put'))
      this.#endIfEmpty()
    }
    return this.#closing.promise
  }

  /**
   * {@link close}, and tells whether the queue was empty in time. If not, the closing goes on.
   *
   * Cancellation: aborting ends the waiting, not the closing. A signal that has aborted already
   * closes nothing.
   *
   * @param options - How long to wait, and what else ends the waiting. `timeout: 0` closes and tells
   *   whether the queue was empty.
   * @returns `true` when the queue is empty, `false` if `options.timeout` milliseconds pass first.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  tryClose(options?: WaitOptions): Promise<boolean> {
    return closesWithin(this, options, this.#clock)
  }

  /**
   * Accepts no more items and gives back those in the queue. All who wait for an item or for room are
   * refused at once. What is given back no longer counts as unfinished; {@link join} still waits for
   * the work on what was taken before. Cuts a {@link close} short;
   * calling it again finds nothing.
   *
   * Cost: O(size), and what the order of the items costs for each.
   *
   * @param reason - Why: the `cause` of the `ClosedError` that is thrown from now on.
   * @returns What was in the queue, the next item first.
   */
  terminate(reason?: unknown): Promise<T[]> {
    this.#reason ??= reason
    const left = Array.from({ length: this.#store.size }, () => this.#shift())
    void this.close()
    this.#endIfEmpty()
    if (left.length > 0) this.#finish(left.length)
    return Promise.resolve(left)
  }

  /** {@link close}: waits until the queue is empty. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /**
   * Takes items until the queue is closed and empty: each item goes to one of those who iterate or
   * `get()`. Leaving the loop leaves the queue as it is. Items come as they are, promises included.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    const iterator: AsyncIterableIterator<T, undefined> = {
      next: () => wait(this.#step, undefined, 'iterate'),
      [Symbol.asyncIterator]: () => iterator,
    }
    return iterator
  }

  /** A snapshot, in O(1). */
  stats(): QueueStats {
    return Object.freeze({
      size: this.#store.size,
      capacity: this.#capacity,
      unfinished: this.#unfinished,
      getting: this.#getters.size,
      putting: this.#putters.size,
      joining: this.#joiners.size,
      closed: this.closed,
    })
  }

  /** Whether there is nothing to take any more, for ever. */
  #hasEnded(): boolean {
    return this.#closing !== undefined && this.#store.size === 0
  }

  #hasRoom(): boolean {
    return this.#store.size < this.#capacity
  }

  #accept(item: T, rank: unknown): void {
    this.#store.push(item, rank)
    this.#unfinished++
    if (this.#getters.size > 0) this.#serve()
  }

  /** Whether there is an item for a caller that comes now. */
  #isNext(): boolean {
    // Time goes on by itself: what has become ready belongs to those who were here before.
    if (this.#getters.size > 0) this.#serve()
    return this.#getters.size === 0 && this.#isReady()
  }

  #isReady(): boolean {
    if (this.#store.size === 0) return false
    return this.#alarm === undefined || (this.#store.readyAt ?? 0) <= this.#clock.now()
  }

  /** Hands over what is ready, for as long as somebody waits for it. */
  #serve(): void {
    while (firstWilling(this.#getters) !== undefined && this.#isReady()) {
      this.#handTo(this.#getters.shift())
    }
    this.#setAlarm()
  }

  #handTo(getter: Waiter<T | Step<T>, Purpose> | undefined): void {
    const item = this.#take()
    getter?.resolve(getter.detail === 'get' ? item : stepWith(item))
  }

  #take(): T {
    const item = this.#shift()
    this.#admit()
    this.#endIfEmpty()
    return item
  }

  #shift(): T {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- there is one: see the callers
    return this.#store.shift() as T
  }

  /** Lets in whose turn it is, for as long as there is room. */
  #admit(): void {
    let putter = firstWilling(this.#putters)
    while (putter !== undefined && this.#hasRoom()) {
      this.#letIn(putter)
      putter = firstWilling(this.#putters)
    }
  }

  #letIn(putter: Waiter<void, Entry<T>>): void {
    const { item, rank } = putter.detail
    try {
      this.#store.push(item, rank)
    } catch (error) {
      putter.reject(error)
      return
    }
    this.#unfinished++
    putter.resolve()
  }

  #finish(tasks: number): void {
    // No less than none: `taskDone()` may have been called before the item was taken.
    this.#unfinished = Math.max(0, this.#unfinished - tasks)
    if (this.#unfinished > 0) return
    while (this.#joiners.first !== undefined) this.#joiners.first.resolve()
  }

  #endIfEmpty(): void {
    if (this.#closing === undefined || this.#store.size > 0) return
    this.#closing.resolve()
    for (const getter of this.#getters) {
      if (getter.rejectIfAborted()) continue
      if (getter.detail === 'get') getter.reject(this.#closedError('get'))
      else getter.resolve(lastStep())
    }
    this.#setAlarm()
  }

  /** No timer runs while nobody waits for an item. */
  #setAlarm(isAwaited = this.#getters.size > 0): void {
    const { readyAt = Infinity } = this.#store
    this.#alarm?.set(isAwaited ? readyAt : Infinity)
  }

  #closedError(verb: 'get' | 'put'): ClosedError {
    const options = this.#reason === undefined ? undefined : { cause: this.#reason }
    return new ClosedError(`${verb} an item`, 'the queue', options)
  }
}

function refuseAll<Result, Detail>(
  waiters: LinkedList<Waiter<Result, Detail>>,
  error: () => ClosedError,
): void {
  for (const waiter of waiters) if (!waiter.rejectIfAborted()) waiter.reject(error())
}

/** For those who call without a compiler. */
function requireStore(store: {
  readonly push: unknown
  readonly shift: unknown
  readonly size: number
}): void {
  requireObject('store', store)
  requireFunction('store.push', store.push)
  requireFunction('store.shift', store.shift)
  requireInteger('store.size', store.size, 0, Number.MAX_SAFE_INTEGER)
}

function stepWith<T>(value: T): Step<T> {
  return { done: false, value }
}

function lastStep(): IteratorReturnResult<undefined> {
  return { done: true, value: undefined }
}
