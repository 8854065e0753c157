import { type Clock, systemClock, type WaitOptions } from '@cupola/core'
import { requireBoolean, requireClock, requireObject, requireOneOf } from '@cupola/core/authoring'
import { WatchedLock } from './debug/watched-lock.ts'
import { Door } from './door.ts'
import type { ReadGuard, UpgradableGuard, WriteGuard } from './guards.ts'
import type { Lockable, RwLockStats } from './lockable.ts'
import { policies, POLICY_NAMES, type RwLockPolicy } from './policies.ts'

/** How a lock behaves. */
export interface RwLockOptions {
  /**
   * Who goes first when readers and writers want in:
   *
   * - `phase-fair`: phases of reading and of writing take turns. A reader waits for one of each at
   *   most, a writer for the writers before it and a phase of reading before each.
   * - `fifo`: nobody overtakes; readers that stand next to each other come in together.
   * - `writer-preferring`: readers come in when no writer is left. Writers can keep them out.
   * - `reader-preferring`: writers come in when no reader is left. Readers can keep them out.
   *
   * @defaultValue 'phase-fair'
   */
  readonly policy?: RwLockPolicy | undefined
  /**
   * Finds deadlocks while you develop. It goes by what code holds through {@link RwLock.runRead} and
   * {@link RwLock.runWrite}: inside their functions, whoever asks is refused with a `BrokenError`, at
   * once, if
   *
   * - it asks for the lock that it runs in; to read while it reads is fine if readers are preferred;
   * - it asks for locks in another order than some code did before: sooner or later the two meet,
   *   each holding what the other waits for.
   *
   * Its `cause` has the stack of where the other side asked; that of a `TimeoutError` has the stacks of
   * all who hold the lock.
   *
   * Guards that are taken by hand belong to no code: they are named in a `TimeoutError`, and no more.
   * Inside a function is what it calls or starts, by `AsyncLocalStorage`, until it is over; a task
   * that it starts and does not wait for counts, too.
   *
   * It takes a stack for each guard, which costs many times what the lock does. On Node.js 20, the
   * first run slows every promise of the process down. Without it there is nothing to pay.
   *
   * @defaultValue false
   */
  readonly debug?: boolean | undefined
  /**
   * Whose milliseconds `timeout` counts.
   *
   * @defaultValue systemClock
   */
  readonly clock?: Clock | undefined
}

/**
 * Lets many read at the same time, or one write alone, across `await`s. For code that runs from one
 * `await` to the next nothing else gets in between, and it needs no lock; where nobody ever shares,
 * a mutex is simpler.
 *
 * A right passes on inside `release()`: whoever is next has it before anybody else can ask. It is
 * bound to the guard, not to who asked for it: any code may release it, and nobody else can.
 *
 * The lock knows no owner and is not reentrant: asking for it again while holding a guard may wait
 * for ever, even to read, if a writer has come in between.
 *
 * It lives in one thread and holds nothing that keeps the process alive.
 *
 * @example Two who read, then one who writes
 * ```ts
 * import { RwLock } from '@cupola/rw-lock'
 *
 * const lock = new RwLock()
 * const [one, other] = await Promise.all([lock.read(), lock.read()])
 * const writing = lock.write()
 * lock.stats().waitingWriters // => 1
 *
 * one.release()
 * other.release()
 * lock.stats().writers // => 1
 * const guard = await writing
 * guard.release()
 * ```
 */
export class RwLock {
  readonly #door: Lockable

  /**
   * @param options - How it behaves.
   * @throws TypeError If `options` is not an object, `policy` not one of the four, `debug` not a
   *   boolean, or `clock` no `Clock`.
   */
  constructor(options: RwLockOptions = {}) {
    requireObject('options', options)
    const { policy = 'phase-fair', debug = false, clock = systemClock } = options
    const door = new Door(
      policies[requireOneOf('policy', policy, POLICY_NAMES)],
      requireClock('clock', clock),
    )
    this.#door = requireBoolean('debug', debug)
      ? new WatchedLock(door, policy, RwLock.prototype)
      : door
  }

  /**
   * Waits until no writer is inside, nor one in front by the {@link RwLockOptions.policy | policy},
   * and admits the caller as a reader.
   *
   * Cancellation: a wait that times out or is aborted has left the queue and taken nothing. Once
   * admitted, an abort does nothing.
   *
   * Cost: O(1). A wait with a `timeout` holds one timer, which keeps the process alive.
   *
   * @param options - What may end the wait.
   * @returns Proof of the right to read.
   * @throws TypeError If `options` is not an object, or an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws {@link TimeoutError} If `options.timeout` milliseconds pass first.
   * @throws {@link BrokenError} If {@link RwLockOptions.debug} finds that it may end in a deadlock.
   *
   * @example Give up after a while
   * ```ts
   * import { TimeoutError } from '@cupola/core'
   * import { RwLock } from '@cupola/rw-lock'
   *
   * const lock = new RwLock()
   * const writing = await lock.write()
   * const error = await lock.read({ timeout: 5 }).catch((reason) => reason)
   * error instanceof TimeoutError // => true
   * error.message // => 'Cannot take the read lock: waited 5 ms'
   * lock.stats().waitingReaders // => 0
   * writing.release()
   * ```
   */
  read(options?: WaitOptions): Promise<ReadGuard> {
    return this.#door.read(options)
  }

  /**
   * Waits until nobody is inside, nor in front by the {@link RwLockOptions.policy | policy}, and
   * admits the caller as the writer.
   *
   * Cancellation: a wait that times out or is aborted has left the queue and taken nothing, and
   * readers that waited only for it have come in. Once admitted, an abort does nothing.
   *
   * Cost: O(1). A wait with a `timeout` holds one timer, which keeps the process alive.
   *
   * @param options - What may end the wait.
   * @returns Proof of being alone.
   * @throws TypeError If `options` is not an object, or an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws {@link TimeoutError} If `options.timeout` milliseconds pass first.
   * @throws {@link BrokenError} If {@link RwLockOptions.debug} finds that it may end in a deadlock.
   *
   * @example Give up when the user does
   * ```ts
   * import { RwLock } from '@cupola/rw-lock'
   *
   * const lock = new RwLock()
   * const reading = await lock.read()
   * const controller = new AbortController()
   * const writing = lock.write({ signal: controller.signal })
   * const behind = lock.read()
   *
   * controller.abort('never mind')
   * await writing.catch((reason) => reason) // => 'never mind'
   * lock.stats().readers // => 2
   * ```
   */
  write(options?: WaitOptions): Promise<WriteGuard> {
    return this.#door.write(options)
  }

  /**
   * Waits as {@link read} does, and also until no other upgradable guard is inside; then admits the
   * caller as a reader that may {@link UpgradableGuard.upgrade | upgrade}.
   *
   * Who reads to find out whether to write takes this. To read only, {@link read} lets more share;
   * to write in any case, {@link write} waits once instead of twice.
   *
   * Cancellation: as {@link read}.
   *
   * Cost: O(1). A wait with a `timeout` holds one timer, which keeps the process alive.
   *
   * @param options - What may end the wait.
   * @returns Proof of the right to read, and to be the next to write.
   * @throws TypeError If `options` is not an object, or an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws {@link TimeoutError} If `options.timeout` milliseconds pass first.
   * @throws {@link BrokenError} If {@link RwLockOptions.debug} finds that it may end in a deadlock.
   *
   * @example Decide while others read
   * ```ts
   * import { RwLock } from '@cupola/rw-lock'
   *
   * const lock = new RwLock()
   * const seats = ['Ada']
   *
   * const deciding = await lock.upgradable()
   * try {
   *   lock.tryRead()?.release()
   *   if (!seats.includes('Bob')) {
   *     const writing = await deciding.upgrade()
   *     try {
   *       seats.push('Bob')
   *     } finally {
   *       writing.release()
   *     }
   *   }
   * } finally {
   *   deciding.release()
   * }
   * seats // => ['Ada', 'Bob']
   * lock.tryWrite() !== undefined // => true
   * ```
   */
  upgradable(options?: WaitOptions): Promise<UpgradableGuard> {
    return this.#door.upgradable(options)
  }

  /**
   * Admits the caller as a reader if it need not wait. It overtakes nobody: where a reader would
   * queue behind a writer that waits, this fails.
   *
   * Cost: O(1), and no promise.
   *
   * @returns Proof of the right to read; `undefined` if it would have to wait.
   *
   * @example Read if it is free
   * ```ts
   * import { RwLock } from '@cupola/rw-lock'
   *
   * const lock = new RwLock()
   * const writing = lock.tryWrite()
   * lock.tryRead() // => undefined
   * writing?.release()
   * lock.tryRead() !== undefined // => true
   * ```
   */
  tryRead(): ReadGuard | undefined {
    return this.#door.tryRead()
  }

  /**
   * Admits the caller as the writer if nobody is inside.
   *
   * Cost: O(1), and no promise.
   *
   * @returns Proof of being alone; `undefined` if it would have to wait.
   */
  tryWrite(): WriteGuard | undefined {
    return this.#door.tryWrite()
  }

  /**
   * Admits the caller as the reader that may upgrade if it need not wait. It overtakes nobody.
   *
   * Cost: O(1), and no promise.
   *
   * @returns Proof of the right to read, and to be the next to write; `undefined` if it would have
   *   to wait.
   */
  tryUpgradable(): UpgradableGuard | undefined {
    return this.#door.tryUpgradable()
  }

  /**
   * Calls `fn` as a reader, and releases however it ends. It begins as {@link read} does, and
   * rejects with the same; once `fn` runs, `options` no longer matter to it.
   *
   * @param fn - What reads. May return a promise.
   * @param options - What may end the wait for the lock.
   * @returns What `fn` returned.
   * @throws TypeError If `fn` is not a function.
   * @throws What `fn` threw or rejected with, as it is.
   *
   * @example Read a value that others change
   * ```ts
   * import { RwLock } from '@cupola/rw-lock'
   *
   * const lock = new RwLock()
   * const rates = { euro: 1.1 }
   * await lock.runRead(() => rates.euro) // => 1.1
   * lock.stats().readers // => 0
   * ```
   */
  runRead<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    return this.#door.runRead(fn, options)
  }

  /**
   * Calls `fn` as the writer, and releases however it ends. It begins as {@link write} does, and
   * rejects with the same; once `fn` runs, `options` no longer matter to it.
   *
   * @param fn - What writes. May return a promise.
   * @param options - What may end the wait for the lock.
   * @returns What `fn` returned.
   * @throws TypeError If `fn` is not a function.
   * @throws What `fn` threw or rejected with, as it is.
   *
   * @example Change two things that belong together
   * ```ts
   * import { RwLock } from '@cupola/rw-lock'
   *
   * const lock = new RwLock()
   * const purse = { from: 10, to: 0 }
   *
   * await lock.runWrite(async () => {
   *   purse.from -= 4
   *   await Promise.resolve('noted')
   *   purse.to += 4
   * })
   * purse // => { from: 6, to: 4 }
   * ```
   */
  runWrite<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    return this.#door.runWrite(fn, options)
  }

  /**
   * Counts who holds the lock and who waits for it.
   *
   * Cost: O(1).
   *
   * @returns A frozen snapshot.
   */
  stats(): RwLockStats {
    return this.#door.stats()
  }
}
