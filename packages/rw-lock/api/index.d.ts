// index.d.ts
export type { ReadGuard, UpgradableGuard, WriteGuard } from './guards.ts'
export type { RwLockPolicy } from './policies.ts'
export { RwLock, type RwLockOptions } from './rw-lock.ts'
export type { RwLockStats } from './lockable.ts'
export { SharedRwLock, type SharedRwLockHandle } from './shared-rw-lock.ts'

// guards.d.ts
import { ClosedError, type WaitOptions } from '@cupola/core'
export interface ReadGuard extends Disposable {
  release(): void
}
export interface WriteGuard extends Disposable {
  release(): void
  downgrade(): ReadGuard
}
export interface UpgradableGuard extends Disposable {
  release(): void
  upgrade(options?: WaitOptions): Promise<WriteGuard>
  tryUpgrade(): WriteGuard | undefined
  downgrade(): ReadGuard
}

// lockable.d.ts
export interface RwLockStats {
  readonly readers: number
  readonly upgradables: number
  readonly writers: number
  readonly waitingReaders: number
  readonly waitingUpgradables: number
  readonly waitingWriters: number
  readonly waitingUpgrades: number
}

// policies.d.ts
export declare const POLICY_NAMES: readonly [
  'phase-fair',
  'fifo',
  'writer-preferring',
  'reader-preferring',
]
export type RwLockPolicy = (typeof POLICY_NAMES)[number]

// rw-lock.d.ts
import { type Clock, type WaitOptions } from '@cupola/core'
export interface RwLockOptions {
  readonly policy?: RwLockPolicy | undefined
  readonly debug?: boolean | undefined
  readonly clock?: Clock | undefined
}
export declare class RwLock {
  #private
  constructor(options?: RwLockOptions)
  read(options?: WaitOptions): Promise<ReadGuard>
  write(options?: WaitOptions): Promise<WriteGuard>
  upgradable(options?: WaitOptions): Promise<UpgradableGuard>
  tryRead(): ReadGuard | undefined
  tryWrite(): WriteGuard | undefined
  tryUpgradable(): UpgradableGuard | undefined
  runRead<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T>
  runWrite<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T>
  stats(): RwLockStats
}

// shared-rw-lock.d.ts
import type { WaitOptions } from '@cupola/core'
import {
  type Holder,
  type Right,
  type SharedGuard,
  type SharedHandle,
  type SharedOptions,
  type SyncWaitOptions,
} from '@cupola/shared-sync/authoring'
declare const KIND = 'SharedRwLock'
export type SharedRwLockHandle = SharedHandle<typeof KIND>
export declare class SharedRwLock {
  #private
  static attach(handle: SharedRwLockHandle): SharedRwLock
  readonly handle: SharedRwLockHandle
  constructor(options?: SharedOptions)
  get broken(): boolean
  read(options?: WaitOptions): Promise<SharedGuard>
  write(options?: WaitOptions): Promise<SharedGuard>
  tryRead(): SharedGuard | undefined
  tryWrite(): SharedGuard | undefined
  readSync(options?: SyncWaitOptions): SharedGuard
  writeSync(options?: SyncWaitOptions): SharedGuard
  runRead<Result>(
    fn: (held: SharedGuard) => Result | PromiseLike<Result>,
    options?: WaitOptions,
  ): Promise<Result>
  runWrite<Result>(
    fn: (held: SharedGuard) => Result | PromiseLike<Result>,
    options?: WaitOptions,
  ): Promise<Result>
  recover(): SharedGuard | undefined
}
