import { ClosedError, type WaitOptions } from '@cupola/core'

/** Proof of the right to read, held until released, even if it becomes unreachable. */
export interface ReadGuard extends Disposable {
  /** Gives the right back. Doing so twice is harmless: the second time nothing happens. */
  release(): void
}

/** Proof of being alone, held until released, even if it becomes unreachable. */
export interface WriteGuard extends Disposable {
  /** Gives the right back. Doing so twice is harmless: the second time nothing happens. */
  release(): void
  /**
   * Becomes a reader at once, without letting another writer in between: what was written is
   * what is read on. Readers that waited come in as after any write, as the policy has it. This
   * guard is closed, the new one takes its place.
   *
   * @returns Proof of the right to read.
   * @throws {@link ClosedError} If the guard was released or downgraded before.
   *
   * @example Look at what you wrote, together with others
   * ```ts
   * import { RwLock } from '@cupola/rw-lock'
   *
   * const lock = new RwLock()
   * const writing = await lock.write()
   * const reading = writing.downgrade()
   * lock.tryRead()?.release()
   * lock.stats().readers // => 1
   * reading.release()
   * ```
   */
  downgrade(): ReadGuard
}

/**
 * Proof of the right to read, and to be the next to write if need be. Others read beside it; there
 * is one such guard at a time, for two that wait to become the writer would wait for each other.
 */
export interface UpgradableGuard extends Disposable {
  /**
   * Gives the right back. Doing so twice is harmless: the second time nothing happens. An upgrade
   * that still waits rejects with a `ClosedError`.
   */
  release(): void
  /**
   * Waits until the other readers have left, and becomes the writer. Nobody writes in between, so
   * what was read still holds. It goes before all writers that wait; unless the policy is
   * `reader-preferring`, new readers wait until it has written. Then this guard is closed, the new
   * one takes its place.
   *
   * Waiting for it while the same code holds another read guard of this lock waits for ever.
   *
   * Cancellation: an upgrade that times out or is aborted leaves this guard as it was, and readers
   * that waited only for the upgrade come in.
   *
   * Cost: O(1). A wait with a `timeout` holds one timer, which keeps the process alive.
   *
   * @param options - What may end the wait.
   * @returns Proof of being alone.
   * @throws TypeError If `options` is not an object, or an option has the wrong type.
   * @throws RangeError If `options.timeout` is negative or `NaN`.
   * @throws {@link ClosedError} If this guard was released, downgraded or upgraded before, or is
   *   during the wait.
   * @throws {@link TimeoutError} If `options.timeout` milliseconds pass first.
   * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
   * @throws {@link BrokenError} If {@link RwLockOptions.debug} finds that it may end in a deadlock.
   *
   * @example Write only if something is missing
   * ```ts
   * import { RwLock } from '@cupola/rw-lock'
   *
   * const lock = new RwLock()
   * const seats = new Set(['Ada'])
   *
   * async function reserve(name: string): Promise<void> {
   *   const reading = await lock.upgradable()
   *   try {
   *     if (seats.has(name)) return
   *     const writing = await reading.upgrade()
   *     try {
   *       seats.add(name)
   *     } finally {
   *       writing.release()
   *     }
   *   } finally {
   *     reading.release()
   *   }
   * }
   *
   * await Promise.all([reserve('Ada'), reserve('Bob'), reserve('Bob')])
   * seats.size // => 2
   * lock.stats().upgradables // => 0
   * ```
   */
  upgrade(options?: WaitOptions): Promise<WriteGuard>
  /**
   * Becomes the writer if nobody else reads. Then this guard is closed, and the new one takes its
   * place.
   *
   * @returns Proof of being alone; `undefined` if others read.
   * @throws {@link ClosedError} If this guard was released, downgraded or upgraded before.
   */
  tryUpgrade(): WriteGuard | undefined
  /**
   * Becomes a plain reader at once, so that somebody else may have the right to upgrade. This guard
   * is closed, the new one takes its place.
   *
   * @returns Proof of the right to read.
   * @throws {@link ClosedError} If this guard was released, downgraded or upgraded before.
   */
  downgrade(): ReadGuard
}

/** What a guard tells the lock that made it. Each guard makes sure that it does so once. */
export interface GuardKeeper {
  readerLeft(): void
  writerLeft(): void
  upgradableLeft(): void
  writerBecameReader(): ReadGuard
  upgradableBecameReader(): ReadGuard
  upgrade(guard: HeldUpgradable, options: WaitOptions | undefined): Promise<WriteGuard>
  tryUpgrade(guard: HeldUpgradable): WriteGuard | undefined
}

export class HeldRead implements ReadGuard {
  /** `undefined` once the guard is closed. */
  #keeper: GuardKeeper | undefined

  constructor(keeper: GuardKeeper) {
    this.#keeper = keeper
  }

  release(): void {
    const keeper = this.#keeper
    if (keeper === undefined) return
    this.#keeper = undefined
    keeper.readerLeft()
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

export class HeldWrite implements WriteGuard {
  /** `undefined` once the guard is closed. */
  #keeper: GuardKeeper | undefined

  constructor(keeper: GuardKeeper) {
    this.#keeper = keeper
  }

  release(): void {
    const keeper = this.#keeper
    if (keeper === undefined) return
    this.#keeper = undefined
    keeper.writerLeft()
  }

  downgrade(): ReadGuard {
    const keeper = this.#keeper
    if (keeper === undefined) throw closedGuard('downgrade')
    this.#keeper = undefined
    return keeper.writerBecameReader()
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

export class HeldUpgradable implements UpgradableGuard {
  readonly #keeper: GuardKeeper
  #isHeld = true

  constructor(keeper: GuardKeeper) {
    this.#keeper = keeper
  }

  /** Whether the guard is not closed. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  /** Only the keeper calls this, when the guard has become the writer. */
  close(): void {
    this.#isHeld = false
  }

  release(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#keeper.upgradableLeft()
  }

  upgrade(options?: WaitOptions): Promise<WriteGuard> {
    return this.#keeper.upgrade(this, options)
  }

  tryUpgrade(): WriteGuard | undefined {
    if (!this.#isHeld) throw closedGuard('upgrade')
    return this.#keeper.tryUpgrade(this)
  }

  downgrade(): ReadGuard {
    if (!this.#isHeld) throw closedGuard('downgrade')
    this.#isHeld = false
    return this.#keeper.upgradableBecameReader()
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

/** Why nothing can be done with a guard any more. */
export function closedGuard(action: string): ClosedError {
  return new ClosedError(action, 'the guard')
}
