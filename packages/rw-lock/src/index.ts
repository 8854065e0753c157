export type { ReadGuard, UpgradableGuard, WriteGuard } from './guards.ts'
export type { RwLockPolicy } from './policies.ts'
export { RwLock, type RwLockOptions } from './rw-lock.ts'
export type { RwLockStats } from './lockable.ts'
