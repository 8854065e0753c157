import type { WaitOptions } from '@cupola/core'
import {
  LinkedList,
  type LinkedNode,
  NOT_YET,
  requireFunction,
  wait,
  type Waitable,
  type Waiter,
} from '@cupola/core/authoring'
import { type ClockOptions, clockOf } from './clock-options.ts'
import { type Guard, OnceGuard, runHolding } from './guard.ts'

/** A {@link KeyedMutex} at one moment. */
export interface KeyedMutexStats {
  /** Keys that somebody holds or waits for. */
  readonly keys: number
  /** Guards that are not released. */
  readonly held: number
  /** Calls that wait, for one key or for several. */
  readonly waiting: number
}

/**
 * A mutex for each key: one at a time for each user, file or row, and no waiting for those of others.
 *
 * Keys may be anything; what a `Map` takes for the same key is the same. A key costs memory while
 * somebody holds it or waits for it, and none afterwards.
 *
 * Several keys are taken together: all or none. A caller asking for several joins every line in one
 * step and holds none until it holds all. The places in every line are then in the order of the
 * calls, so callers that name the same keys in different orders never wait for each other. Only
 * acquiring a key while you hold another may deadlock: ask for both at once.
 *
 * First come, first served, for each key.
 *
 * @example One at a time for each account
 * ```ts
 * import { KeyedMutex } from '@cupola/sync'
 *
 * const accounts = new KeyedMutex<string>()
 * const balances = new Map([
 *   ['ada', 100],
 *   ['bob', 0],
 * ])
 *
 * async function transfer(from: string, to: string, amount: number): Promise<void> {
 *   using _held = await accounts.acquireAll([from, to])
 *   const [before, after] = [balances.get(from) ?? 0, balances.get(to) ?? 0]
 *   await new Promise((resolve) => setImmediate(resolve))
 *   balances.set(from, before - amount).set(to, after + amount)
 * }
 *
 * await Promise.all([transfer('ada', 'bob', 70), transfer('bob', 'ada', 20)])
 * balances.get('bob') // => 50
 * accounts.size // => 0
 * ```
 */
export class KeyedMutex<Key> {
  /** For each key in use, who holds it or is to hold it next, and behind them those who wait. */
  readonly #lines = new Map<Key, LinkedList<Claim<Key>>>()
  readonly #waiters = new LinkedList<Waiter<Guard, Request<Key>>>()
  readonly #locks: Waitable<Guard, Request<Key>>
  #held = 0

  /**
   * @param options - The clock for timeouts.
   * @throws TypeError If `options` is not an object, or `clock` no `Clock`.
   */
  constructor(options: ClockOptions = {}) {
    this.#locks = {
      action: 'acquire the keys',
      clock: clockOf(options),
      refusal: () => undefined,
      tryNow: (request) => (this.#isFree(request.keys) ? this.#enter(request) : NOT_YET),
      queueOf: (request) => {
        this.#lineUp(request)
        return this.#waiters
      },
      gaveUp: ({ detail }) => this.#leave(detail),
    }
  }

  /** How many keys somebody holds or waits for. */
  get size(): number {
    return this.#lines.size
  }

  /**
   * Waits until it is the caller's turn for a key.
   *
   * Cancellation: aborting while waiting gives up the place. Aborting once the key is granted does
   * nothing.
   *
   * Cost: O(1). A wait with a `timeout` holds one timer, which keeps the process alive.
   *
   * @param key - Anything.
   * @param options - What may end the wait early.
   * @returns The key, held until released, even if the guard becomes unreachable.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  acquire(key: Key, options?: WaitOptions): Promise<Guard> {
    return this.#wait([key], options)
  }

  /**
   * Waits until it is the caller's turn for all of the keys. Meanwhile, callers that come later wait
   * behind it at each of the keys, free or not.
   *
   * Cancellation: aborting while waiting gives up the place in every line, and those behind go on.
   * Aborting once the keys are granted does nothing.
   *
   * Cost: O(keys).
   *
   * @param keys - In any order; one that is named twice counts once. None at all is granted at once.
   * @param options - What may end the wait early.
   * @returns All of the keys, held until released together.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If `keys` is not iterable, or is a string, which is hardly meant, or an
   *   option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   */
  acquireAll(keys: Iterable<Key>, options?: WaitOptions): Promise<Guard> {
    let distinct: Key[]
    try {
      distinct = distinctKeys(keys)
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#wait(distinct, options)
  }

  /**
   * Takes a key if nobody holds it or waits for it.
   *
   * @param key - Anything.
   * @returns The key, held until released, or `undefined`.
   */
  tryAcquire(key: Key): Guard | undefined {
    return this.#isFree([key]) ? this.#enter(new Request([key])) : undefined
  }

  /**
   * Takes all of the keys if nobody holds any of them or waits for one.
   *
   * @param keys - In any order; one that is named twice counts once. None at all is granted always.
   * @returns All of the keys, held until released together, or `undefined`.
   * @throws TypeError If `keys` is not iterable, or a string.
   */
  tryAcquireAll(keys: Iterable<Key>): Guard | undefined {
    const distinct = distinctKeys(keys)
    return this.#isFree(distinct) ? this.#enter(new Request(distinct)) : undefined
  }

  /**
   * Acquires a key, calls a function, and releases the key when that is done or has failed.
   *
   * @param key - Anything.
   * @param fn - Called once the key is granted.
   * @param options - As for {@link acquire}. They do not end the function.
   * @returns What the function returns, awaited.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If `fn` is no function, or an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws What the function throws.
   */
  async run<Result>(
    key: Key,
    fn: () => Result | PromiseLike<Result>,
    options?: WaitOptions,
  ): Promise<Result> {
    requireFunction('fn', fn)
    return await runHolding(this.acquire(key, options), () => fn())
  }

  /**
   * Acquires all of the keys, calls a function, and releases them when that is done or has failed.
   *
   * @param keys - As for {@link acquireAll}.
   * @param fn - Called once the keys are granted.
   * @param options - As for {@link acquire}. They do not end the function.
   * @returns What the function returns, awaited.
   * @throws TimeoutError If `options.timeout` milliseconds pass first.
   * @throws TypeError If `keys` is not iterable or is a string, `fn` is no function, or an
   *   option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws What the function throws.
   */
  async runAll<Result>(
    keys: Iterable<Key>,
    fn: () => Result | PromiseLike<Result>,
    options?: WaitOptions,
  ): Promise<Result> {
    requireFunction('fn', fn)
    return await runHolding(this.acquireAll(keys, options), () => fn())
  }

  /** A snapshot, in O(1). */
  stats(): KeyedMutexStats {
    return Object.freeze({
      keys: this.#lines.size,
      held: this.#held,
      waiting: this.#waiters.size,
    })
  }

  #wait(keys: readonly Key[], options: WaitOptions | undefined): Promise<Guard> {
    const request = new Request(keys)
    const granted = wait(this.#locks, options, request)
    request.waiter = this.#waiterOf(request)
    return granted
  }

  /** Who has to wait has just been added to the end; who need not is not there. */
  #waiterOf(request: Request<Key>): Waiter<Guard, Request<Key>> | undefined {
    const { last } = this.#waiters
    return last?.detail === request ? last : undefined
  }

  #isFree(keys: readonly Key[]): boolean {
    return keys.every((key) => this.#isKeyFree(key))
  }

  /** One who stands first without holding may have given up without having been told yet. */
  #isKeyFree(key: Key): boolean {
    let first = this.#lines.get(key)?.first?.request
    while (first?.waiter?.rejectIfAborted() === true) {
      this.#leave(first)
      first = this.#lines.get(key)?.first?.request
    }
    return first === undefined
  }

  #enter(request: Request<Key>): Guard {
    this.#lineUp(request)
    return this.#guardOf(request)
  }

  #lineUp(request: Request<Key>): void {
    for (const key of request.keys) {
      const claim = new Claim(key, request)
      request.claims.push(claim)
      let line = this.#lines.get(key)
      if (line === undefined) this.#lines.set(key, (line = new LinkedList()))
      line.push(claim)
      if (line.first !== claim) request.behind++
    }
  }

  #guardOf(request: Request<Key>): Guard {
    this.#held++
    return new OnceGuard(() => {
      this.#held--
      this.#leave(request)
    })
  }

  /**
   * Gives up the places of a request, and of all whose turn it then is and whose signal has aborted.
   * The tempting recursion is as deep as there are such waiters.
   */
  #leave(request: Request<Key>): void {
    const leaving = [request]
    for (let next = leaving.pop(); next !== undefined; next = leaving.pop()) {
      for (const claim of next.claims) {
        const follower = this.#vacate(claim)
        if (follower !== undefined && !this.#moveUp(follower)) leaving.push(follower)
      }
    }
  }

  /** Gives up a place in line. @returns Who has come to the front by that, if anybody. */
  #vacate(claim: Claim<Key>): Request<Key> | undefined {
    const line = this.#lines.get(claim.key)
    const wasFirst = line?.first === claim
    line?.remove(claim)
    if (line?.first === undefined) this.#lines.delete(claim.key)
    return wasFirst ? line?.first?.request : undefined
  }

  /**
   * One of its claims has come to the front of its line; it is granted with the last of them.
   *
   * @returns `false` if its turn has come and its signal has aborted: it has to leave.
   */
  #moveUp(request: Request<Key>): boolean {
    request.behind--
    const { waiter } = request
    if (request.behind > 0 || waiter === undefined) return true
    if (waiter.rejectIfAborted()) return false
    request.waiter = undefined
    waiter.resolve(this.#guardOf(request))
    return true
  }
}

/** Somebody who asks for keys, or holds them. */
class Request<Key> {
  readonly keys: readonly Key[]
  /** A place in the line of each key, from the moment it waits or holds. */
  readonly claims: Claim<Key>[] = []
  /** How many of the claims are not at the front of their line. */
  behind = 0
  /** Set while it waits. */
  waiter: Waiter<Guard, Request<Key>> | undefined

  constructor(keys: readonly Key[]) {
    this.keys = keys
  }
}

/** A place in the line of a key. The key is granted once all places of its request are at the front. */
class Claim<Key> implements LinkedNode<Claim<Key>> {
  previous: Claim<Key> | undefined = undefined
  next: Claim<Key> | undefined = undefined
  list: LinkedList<Claim<Key>> | undefined = undefined
  readonly key: Key
  readonly request: Request<Key>

  constructor(key: Key, request: Request<Key>) {
    this.key = key
    this.request = request
  }
}

function distinctKeys<Key>(keys: Iterable<Key>): Key[] {
  // `new Set()` takes `undefined` and `null` for no keys at all, which would be granted at once.
  if (typeof keys === 'object' && keys !== null && Symbol.iterator in keys) {
    return [...new Set(keys)]
  }
  const got = keys === null ? 'null' : typeof keys
  throw new TypeError(`Cannot use keys: got ${got}, expected an iterable of keys`)
}
