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
