export type { SyncWaitOptions } from './blocking.ts'
export type { SharedHandle, SharedOptions } from './lot-buffer.ts'
export type { SharedGuard } from './shared-guard.ts'
export { SharedMutex, type SharedMutexHandle } from './shared-mutex.ts'
