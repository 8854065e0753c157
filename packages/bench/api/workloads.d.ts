// workloads.d.ts
export { executorRace } from './executors/executor-workloads.ts'
export { idRace } from './ids/id-workloads.ts'
export { type BenchLock, type LockContestant } from './locks/lock-contestant.ts'
export { LOCK_LIBRARIES, lockContestants } from './locks/lock-contestants.ts'
export { checkLockContract } from './locks/lock-contract.ts'
export { lockLoads } from './locks/lock-loads.ts'
export { queueRace } from './queues/queue-workloads.ts'
export type { Loop, Race, RaceWorkload } from './races/race.ts'
export { loadRivals } from './races/rivals.ts'

// executor-workloads.d.ts
export declare const executorRace: Race

// id-workloads.d.ts
export declare const idRace: Race

// lock-contestant.d.ts
export interface LockContestant {
  readonly family: 'Cupola' | 'floor' | 'rocicorp' | 'async-rwlock' | 'async-mutex'
  readonly name: string
  readonly settings: string
  readonly isShared: boolean
  open(): BenchLock
}
export interface BenchLock {
  readAlone(times: number): Promise<void>
  visit(times: number, isWrite: (visit: number) => boolean, inside: Inside): Promise<void>
}
export type Inside = (isWrite: boolean) => Promise<void>

// lock-contestants.d.ts
export declare const LOCK_LIBRARIES: readonly ['@rocicorp/lock', 'async-rwlock', 'async-mutex']
export declare function lockContestants(rivals: Rivals): readonly LockContestant[]

// lock-contract.d.ts
export declare function checkLockContract(contestant: LockContestant): Promise<void>

// lock-loads.d.ts
export interface LockLoad {
  readonly title: string
  readonly operations: number
  round(lock: BenchLock): Promise<unknown>
}
export declare const lockLoads: Readonly<Record<'uncontended' | 'contended', LockLoad>>

// queue-workloads.d.ts
export declare const queueRace: Race

// race.d.ts
export type Loop = (times: number) => number | Promise<number>
export interface RaceWorkload {
  readonly name: string
  readonly title: string
  readonly times: number
  readonly contestants: Readonly<Record<string, Loop>>
  readonly expected?: (times: number) => number
  readonly close?: () => Promise<void>
}
export interface Race {
  readonly name: string
  readonly question: string
  readonly subject: string
  readonly unit: string
  readonly ours: readonly string[]
  readonly libraries: readonly string[]
  open(rivals: Rivals): readonly RaceWorkload[]
}

// rivals.d.ts
export interface Rival {
  readonly version: string
  readonly exports: Readonly<Record<string, unknown>>
}
export type Rivals = ReadonlyMap<string, Rival>
export declare function loadRivals(
  names: readonly string[],
  folder: string,
  onBroken?: (name: string, reason: unknown) => void,
): Promise<Rivals>
