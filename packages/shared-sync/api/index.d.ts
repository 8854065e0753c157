// index.d.ts
export type { SyncWaitOptions } from './blocking.ts'
export type { SharedHandle, SharedOptions } from './lot-buffer.ts'
export { SharedBarrier, type SharedBarrierHandle } from './shared-barrier.ts'
export { SharedCondition, type SharedConditionHandle } from './shared-condition.ts'
export { SharedCounter, type SharedCounterHandle } from './shared-counter.ts'
export { SharedEvent, type SharedEventHandle } from './shared-event.ts'
export type { SharedGuard } from './shared-guard.ts'
export { SharedMutex, type SharedMutexHandle } from './shared-mutex.ts'
export {
  type AcquireOptions,
  type AcquireSyncOptions,
  type PermitOptions,
  SharedSemaphore,
  type SharedSemaphoreHandle,
} from './shared-semaphore.ts'

// blocking.d.ts
export interface SyncWaitOptions {
  readonly timeout?: number | undefined
  readonly allowOnMainThread?: boolean | undefined
}

// lot-buffer.d.ts
export interface SharedOptions {
  readonly maxThreads?: number | undefined
}
export interface SharedHandle<Kind extends string = string> {
  readonly kind: Kind
  readonly buffer: SharedArrayBuffer
}

// shared-barrier.d.ts
import { type WaitOptions } from '@cupola/core'
declare const KIND = 'SharedBarrier'
export type SharedBarrierHandle = SharedHandle<typeof KIND>
export declare class SharedBarrier {
  #private
  static attach(handle: SharedBarrierHandle): SharedBarrier
  readonly handle: SharedBarrierHandle
  readonly parties: number
  constructor(parties: number, options?: SharedOptions)
  get broken(): boolean
  get waiting(): number
  wait(options?: WaitOptions): Promise<number>
  waitSync(options?: SyncWaitOptions): number
  abort(): void
  reset(): void
}

// shared-condition.d.ts
import { type WaitOptions } from '@cupola/core'
declare const KIND = 'SharedCondition'
export interface SharedConditionHandle extends SharedHandle<typeof KIND> {
  readonly mutex: SharedMutexHandle
}
export declare class SharedCondition {
  #private
  static attach(handle: SharedConditionHandle): SharedCondition
  readonly handle: SharedConditionHandle
  readonly mutex: SharedMutex
  constructor(mutex?: SharedMutex, options?: SharedOptions)
  wait(held: SharedGuard, options?: WaitOptions): Promise<void>
  waitSync(held: SharedGuard, options?: SyncWaitOptions): void
  waitFor(held: SharedGuard, predicate: () => boolean, options?: WaitOptions): Promise<void>
  waitForSync(held: SharedGuard, predicate: () => boolean, options?: SyncWaitOptions): void
  notify(held: SharedGuard, count?: number): void
  notifyAll(held: SharedGuard): void
}

// shared-counter.d.ts
declare const KIND = 'SharedCounter'
export type SharedCounterHandle = SharedHandle<typeof KIND>
export declare class SharedCounter {
  #private
  static attach(handle: SharedCounterHandle): SharedCounter
  readonly handle: SharedCounterHandle
  constructor(start?: number)
  get value(): number
  add(amount?: number): number
}

// shared-event.d.ts
import { type WaitOptions } from '@cupola/core'
declare const KIND = 'SharedEvent'
export type SharedEventHandle = SharedHandle<typeof KIND>
export declare class SharedEvent {
  #private
  static attach(handle: SharedEventHandle): SharedEvent
  readonly handle: SharedEventHandle
  constructor(options?: SharedOptions)
  get isSet(): boolean
  set(): void
  clear(): void
  wait(options?: WaitOptions): Promise<void>
  waitSync(options?: SyncWaitOptions): void
}

// shared-guard.d.ts
export interface SharedGuard extends Disposable {
  release(): void
}

// shared-mutex.d.ts
import type { WaitOptions } from '@cupola/core'
declare const KIND = 'SharedMutex'
export type SharedMutexHandle = SharedHandle<typeof KIND>
export declare class SharedMutex {
  #private
  static attach(handle: SharedMutexHandle): SharedMutex
  readonly handle: SharedMutexHandle
  constructor(options?: SharedOptions)
  get locked(): boolean
  get broken(): boolean
  acquire(options?: WaitOptions): Promise<SharedGuard>
  tryAcquire(): SharedGuard | undefined
  acquireSync(options?: SyncWaitOptions): SharedGuard
  run<Result>(
    fn: (held: SharedGuard) => Result | PromiseLike<Result>,
    options?: WaitOptions,
  ): Promise<Result>
  recover(): SharedGuard | undefined
}

// shared-semaphore.d.ts
import type { WaitOptions } from '@cupola/core'
declare const KIND = 'SharedSemaphore'
export type SharedSemaphoreHandle = SharedHandle<typeof KIND>
export interface PermitOptions {
  readonly weight?: number | undefined
}
export interface AcquireOptions extends PermitOptions, WaitOptions {}
export interface AcquireSyncOptions extends PermitOptions, SyncWaitOptions {}
export declare class SharedSemaphore {
  #private
  static attach(handle: SharedSemaphoreHandle): SharedSemaphore
  readonly handle: SharedSemaphoreHandle
  readonly permits: number
  constructor(permits: number, options?: SharedOptions)
  get available(): number
  get broken(): boolean
  acquire(options?: AcquireOptions): Promise<SharedGuard>
  tryAcquire(options?: PermitOptions): SharedGuard | undefined
  acquireSync(options?: AcquireSyncOptions): SharedGuard
  run<Result>(
    fn: (held: SharedGuard) => Result | PromiseLike<Result>,
    options?: AcquireOptions,
  ): Promise<Result>
  recover(): boolean
}
