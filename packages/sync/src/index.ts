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
