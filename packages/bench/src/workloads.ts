/**
 * The loops of the comparisons by themselves, for those who hold them to requirements.
 *
 * @module
 */
export { executorRace } from './executors/executor-workloads.ts'
export { idRace } from './ids/id-workloads.ts'
export { type BenchLock, type LockContestant } from './locks/lock-contestant.ts'
export { LOCK_LIBRARIES, lockContestants } from './locks/lock-contestants.ts'
export { checkLockContract } from './locks/lock-contract.ts'
export { lockLoads } from './locks/lock-loads.ts'
export { queueRace } from './queues/queue-workloads.ts'
export type { Loop, Race, RaceWorkload } from './races/race.ts'
export { loadRivals } from './races/rivals.ts'
