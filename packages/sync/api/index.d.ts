// index.d.ts
export { AsyncEvent, type AsyncEventStats } from './async-event.ts'
export { Barrier, type BarrierOptions, type BarrierStats } from './barrier.ts'
export type { ClockOptions } from './clock-options.ts'
export { Condition, type ConditionStats } from './condition.ts'
export { EventCache, type EventCacheOptions, type EventCacheStats } from './event-cache.ts'
export type { Guard } from './guard.ts'
export { KeyedMutex, type KeyedMutexStats } from './keyed-mutex.ts'
export { Latch, type LatchStats } from './latch.ts'
export { Mutex, type MutexGuard, type MutexStats } from './mutex.ts'
export {
  type AcquireOptions,
  type PermitOptions,
  Semaphore,
  type SemaphoreStats,
} from './semaphore.ts'

// async-event.d.ts
import type { WaitOptions } from '@cupola/core'
export interface AsyncEventStats {
  readonly isSet: boolean
  readonly waiting: number
}
export declare class AsyncEvent {
  #private
  constructor(options?: ClockOptions)
  get isSet(): boolean
  set(): void
  clear(): void
  wait(options?: WaitOptions): Promise<void>
  stats(): AsyncEventStats
}

// barrier.d.ts
import { type WaitOptions } from '@cupola/core'
export interface BarrierOptions extends ClockOptions {
  readonly action?: (() => unknown) | undefined
}
export interface BarrierStats {
  readonly parties: number
  readonly waiting: number
  readonly broken: boolean
}
export declare class Barrier {
  #private
  readonly parties: number
  constructor(parties: number, options?: BarrierOptions)
  get broken(): boolean
  wait(options?: WaitOptions): Promise<number>
  abort(reason?: unknown): void
  reset(): void
  stats(): BarrierStats
}

// clock-options.d.ts
import { type Clock } from '@cupola/core'
export interface ClockOptions {
  readonly clock?: Clock | undefined
}

// condition.d.ts
import { type WaitOptions } from '@cupola/core'
export interface ConditionStats {
  readonly locked: boolean
  readonly waiting: number
}
export declare class Condition {
  #private
  readonly mutex: Mutex
  constructor(mutex?: Mutex, options?: ClockOptions)
  wait(held: MutexGuard, options?: WaitOptions): Promise<void>
  waitFor(held: MutexGuard, predicate: () => boolean, options?: WaitOptions): Promise<void>
  notify(held: MutexGuard, count?: number): void
  notifyAll(held: MutexGuard): void
  stats(): ConditionStats
}

// event-cache.d.ts
export interface EventCacheOptions extends ClockOptions {
  readonly capacity?: number | undefined
}
export interface EventCacheStats {
  readonly size: number
  readonly capacity: number
  readonly made: number
  readonly reused: number
  readonly dropped: number
}
export declare class EventCache {
  #private
  constructor(options?: EventCacheOptions)
  get size(): number
  take(): AsyncEvent
  give(event: AsyncEvent): boolean
  run<Result>(fn: (event: AsyncEvent) => Result | PromiseLike<Result>): Promise<Result>
  stats(): EventCacheStats
}

// guard.d.ts
export interface Guard extends Disposable {
  release(): void
}

// keyed-mutex.d.ts
import type { WaitOptions } from '@cupola/core'
export interface KeyedMutexStats {
  readonly keys: number
  readonly held: number
  readonly waiting: number
}
export declare class KeyedMutex<Key> {
  #private
  constructor(options?: ClockOptions)
  get size(): number
  acquire(key: Key, options?: WaitOptions): Promise<Guard>
  acquireAll(keys: Iterable<Key>, options?: WaitOptions): Promise<Guard>
  tryAcquire(key: Key): Guard | undefined
  tryAcquireAll(keys: Iterable<Key>): Guard | undefined
  run<Result>(
    key: Key,
    fn: () => Result | PromiseLike<Result>,
    options?: WaitOptions,
  ): Promise<Result>
  runAll<Result>(
    keys: Iterable<Key>,
    fn: () => Result | PromiseLike<Result>,
    options?: WaitOptions,
  ): Promise<Result>
  stats(): KeyedMutexStats
}

// latch.d.ts
import type { WaitOptions } from '@cupola/core'
export interface LatchStats {
  readonly remaining: number
  readonly waiting: number
}
export declare class Latch {
  #private
  constructor(count: number, options?: ClockOptions)
  get remaining(): number
  countDown(count?: number): void
  wait(options?: WaitOptions): Promise<void>
  stats(): LatchStats
}

// mutex.d.ts
import type { WaitOptions } from '@cupola/core'
export interface MutexGuard extends Guard {
  readonly mutex: Mutex
}
export interface MutexStats {
  readonly locked: boolean
  readonly waiting: number
}
export declare class Mutex {
  #private
  constructor(options?: ClockOptions)
  get locked(): boolean
  acquire(options?: WaitOptions): Promise<MutexGuard>
  tryAcquire(): MutexGuard | undefined
  run<Result>(
    fn: (guard: MutexGuard) => Result | PromiseLike<Result>,
    options?: WaitOptions,
  ): Promise<Result>
  stats(): MutexStats
}

// semaphore.d.ts
import type { WaitOptions } from '@cupola/core'
export interface PermitOptions {
  readonly weight?: number | undefined
}
export interface AcquireOptions extends PermitOptions, WaitOptions {}
export interface SemaphoreStats {
  readonly permits: number
  readonly available: number
  readonly held: number
  readonly waiting: number
}
export declare class Semaphore {
  #private
  constructor(permits: number, options?: ClockOptions)
  acquire(options?: AcquireOptions): Promise<Guard>
  tryAcquire(options?: PermitOptions): Guard | undefined
  run<Result>(fn: () => Result | PromiseLike<Result>, options?: AcquireOptions): Promise<Result>
  resize(permits: number): void
  stats(): SemaphoreStats
}
