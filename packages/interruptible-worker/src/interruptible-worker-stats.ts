import type { InterruptOutcome } from './interruption.ts'

/** An `InterruptibleWorker` at one moment. */
export interface InterruptibleWorkerStats {
  /** Calls that wait for their turn. */
  readonly queued: number
  /** 1 while the thread has a call, also one that was given up and is being ended; else 0. */
  readonly running: number
  /** Calls that returned. */
  readonly completed: number
  /** Calls that threw, were interrupted, or were lost with their thread. */
  readonly failed: number
  /** Calls given up by their signal or `timeout`, dropped before they began, or ended by `terminate()`. */
  readonly cancelled: number
  /** Threads started. */
  readonly started: number
  /** Threads that ended without being asked to. */
  readonly crashed: number
  /** Threads that would not even terminate. They may still use memory and processor. */
  readonly lost: number
  /** Running calls that were to be ended, by what it took. */
  readonly interrupted: Readonly<Record<InterruptOutcome['stage'], number>>
  /** `false` once it has turned out that this runtime cannot terminate an execution. */
  readonly executionTerminable: boolean
}
