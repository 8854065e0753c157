import type { WaitOptions } from '@cupola/core'
import type { ReadGuard, UpgradableGuard, WriteGuard } from '../guards.ts'
import type { Hold } from './hold.ts'
import { callerOf, type Place } from './place.ts'

/** A guard that is named to those who time out, for as long as it is held. */
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

  constructor(guard: WriteGuard, hold: Hold) {
    this.#guard = guard
    this.#hold = hold
  }

  release(): void {
    this.#hold.end()
    this.#guard.release()
  }

  downgrade(): ReadGuard {
    const reading = this.#guard.downgrade()
    return new WatchedRead(reading, this.#hold.become('read'))
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

/** Waits until what is held is an upgraded guard; or refuses to, where that may never be. */
export type Upgrade = (place: Place, options: WaitOptions | undefined) => Promise<WriteGuard>

export class WatchedUpgradable implements UpgradableGuard {
  readonly #guard: UpgradableGuard
  readonly #hold: Hold
  readonly #upgrade: Upgrade

  constructor(guard: UpgradableGuard, hold: Hold, upgrade: Upgrade) {
    this.#guard = guard
    this.#hold = hold
    this.#upgrade = upgrade
  }

  release(): void {
    this.#hold.end()
    this.#guard.release()
  }

  upgrade(options?: WaitOptions): Promise<WriteGuard> {
    return this.#upgrade(callerOf(this, 'upgrade'), options)
  }

  tryUpgrade(): WriteGuard | undefined {
    const writing = this.#guard.tryUpgrade()
    const place = callerOf(this, 'tryUpgrade')
    return writing && new WatchedWrite(writing, this.#hold.become('write', place))
  }

  downgrade(): ReadGuard {
    const reading = this.#guard.downgrade()
    return new WatchedRead(reading, this.#hold.become('read'))
  }

  [Symbol.dispose](): void {
    this.release()
  }
}
