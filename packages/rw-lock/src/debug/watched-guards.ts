import type { WaitOptions } from '@cupola/core'
import type { ReadGuard, UpgradableGuard, WriteGuard } from '../guards.ts'
import type { Hold } from './hold.ts'

/** Upgrades what is held, unless that would wait for ever; says who was in the way if it fails. */
export type WatchUpgrade = (
  hold: Hold,
  guard: UpgradableGuard,
  options: WaitOptions | undefined,
) => Promise<WriteGuard>

export class WatchedRead implements ReadGuard {
  readonly #guard: ReadGuard
  readonly #hold: Hold

  constructor(guard: ReadGuard, hold: Hold) {
    this.#guard = guard
    this.#hold = hold
  }

  release(): void {
    this.#hold.end()
    this.#guard.release()
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

export class WatchedWrite implements WriteGuard {
  readonly #guard: WriteGuard
  readonly #hold: Hold
  /** Whether the hold is another guard's now. */
  #isUsedUp = false

  constructor(guard: WriteGuard, hold: Hold) {
    this.#guard = guard
    this.#hold = hold
  }

  release(): void {
    if (!this.#isUsedUp) this.#hold.end()
    this.#guard.release()
  }

  downgrade(): ReadGuard {
    const reading = this.#guard.downgrade()
    this.#isUsedUp = true
    this.#hold.kind = 'read'
    return new WatchedRead(reading, this.#hold)
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

export class WatchedUpgradable implements UpgradableGuard {
  readonly #guard: UpgradableGuard
  readonly #hold: Hold
  readonly #watchUpgrade: WatchUpgrade
  /** Whether the hold is another guard's now. */
  #isUsedUp = false

  constructor(guard: UpgradableGuard, hold: Hold, watchUpgrade: WatchUpgrade) {
    this.#guard = guard
    this.#hold = hold
    this.#watchUpgrade = watchUpgrade
  }

  release(): void {
    if (!this.#isUsedUp) this.#hold.end()
    this.#guard.release()
  }

  async upgrade(options?: WaitOptions): Promise<WriteGuard> {
    return this.#became(await this.#watchUpgrade(this.#hold, this.#guard, options))
  }

  tryUpgrade(): WriteGuard | undefined {
    const writing = this.#guard.tryUpgrade()
    return writing === undefined ? undefined : this.#became(writing)
  }

  downgrade(): ReadGuard {
    const reading = this.#guard.downgrade()
    this.#isUsedUp = true
    this.#hold.kind = 'read'
    return new WatchedRead(reading, this.#hold)
  }

  [Symbol.dispose](): void {
    this.release()
  }

  #became(writing: WriteGuard): WriteGuard {
    this.#isUsedUp = true
    this.#hold.kind = 'write'
    return new WatchedWrite(writing, this.#hold)
  }
}
