import { type Clock, systemClock, type WaitOptions } from '@cupola/core'
import { requireFunction } from '@cupola/core/authoring'
import { Door, type Lockable, type RwLockStats } from './door.ts'
import type { ReadGuard, UpgradableGuard, WriteGuard } from './guards.ts'
import { policies, type RwLockPolicy } from './policies.ts'

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
export class RwLock implements Lockable {
  readonly #door: Lockable

  /**
   * @param options - How it behaves.
   * @throws TypeError If `options.policy` is not one of the four.
   */
  constructor({ policy = 'phase-fair', clock = systemClock }: RwLockOptions = {}) {
    this.#door = new Door(policies[policy], clock)
  }

  read(options?: WaitOptions): Promise<ReadGuard> {
    return this.#door.read(options)
  }

  write(options?: WaitOptions): Promise<WriteGuard> {
    return this.#door.write(options)
  }

  upgradable(options?: WaitOptions): Promise<UpgradableGuard> {
    return this.#door.upgradable(options)
  }

  tryRead(): ReadGuard | undefined {
    return this.#door.tryRead()
  }

  tryWrite(): WriteGuard | undefined {
    return this.#door.tryWrite()
  }

  tryUpgradable(): UpgradableGuard | undefined {
    return this.#door.tryUpgradable()
  }

  async runRead<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    requireFunction('fn', fn)
    const guard = await this.#door.read(options)
    try {
      return await fn()
    } finally {
      guard.release()
    }
  }

  async runWrite<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    requireFunction('fn', fn)
    const guard = await this.#door.write(options)
    try {
      return await fn()
    } finally {
      guard.release()
    }
  }

  stats(): RwLockStats {
    return this.#door.stats()
  }
}
