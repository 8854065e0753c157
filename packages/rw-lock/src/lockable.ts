import type { WaitOptions } from '@cupola/core'
import type { ReadGuard, UpgradableGuard, WriteGuard } from './guards.ts'

/** How many hold a lock and wait for it, when they were counted. */
export interface RwLockStats {
  /** Read guards that are held. */
  readonly readers: number
  /** Upgradable guards that are held: one or none. */
  readonly upgradables: number
  /** Write guards that are held: one or none. */
  readonly writers: number
  /** Those who wait in `read()`. */
  readonly waitingReaders: number
  /** Those who wait in `upgradable()`. */
  readonly waitingUpgradables: number
  /** Those who wait in `write()`. */
  readonly waitingWriters: number
  /** Those who wait in `upgrade()`; they are among the `upgradables` as well. */
  readonly waitingUpgrades: number
}

/** What a lock can be asked for. */
export interface Lockable {
  read(options?: WaitOptions): Promise<ReadGuard>
  upgradable(options?: WaitOptions): Promise<UpgradableGuard>
  write(options?: WaitOptions): Promise<WriteGuard>
  tryRead(): ReadGuard | undefined
  tryUpgradable(): UpgradableGuard | undefined
  tryWrite(): WriteGuard | undefined
  runRead<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T>
  runWrite<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T>
  stats(): RwLockStats
}

/** What somebody wants who waits; completes "Cannot …". */
export const ACTIONS = {
  read: 'take the read lock',
  upgradable: 'take the upgradable lock',
  write: 'take the write lock',
  upgrade: 'upgrade',
} as const
