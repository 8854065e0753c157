import type { InterruptOutcome } from '@cupola/interruptible-worker'

/** A `ThreadPool` at one moment. */
export interface ThreadPoolStats {
  /** Threads that can run calls, or soon can, or are on their last. */
  readonly threads: number
  /** Threads that are loading the worker module. */
  readonly starting: number
  /** Threads that have calls. */
  readonly working: number
  /** Threads that have none. */
  readonly idle: number
  /** Calls accepted and not settled, beyond one for each working thread: they wait. */
  readonly queued: number
  /** Calls that returned. */
  readonly completed: number
  /** Calls that threw, or were lost with their thread. */
  readonly failed: number
  /** Calls given up by their signal, their `timeout` or `deadline`, or `terminate()`. */
  readonly cancelled: number
  /** Calls that had to make room for others, see `WhenFull`. */
  readonly dropped: number
  /** Attempts after the first. */
  readonly retried: number
  /** Callers that wait for a place: in `run`, if `whenFull` is `'wait'`, and in `ready`. */
  readonly waiting: number
  /** Threads started since the pool was made. */
  readonly started: number
  /** Threads that ended without being asked to. */
  readonly crashed: number
  /** Threads that would not even terminate. They may still use memory and processor. */
  readonly lost: number
  /** Calls that were given up while they ran, by what it took to end them. */
  readonly interrupted: Readonly<Record<InterruptOutcome['stage'], number>>
  /** `false` once it has turned out that this runtime cannot terminate an execution. */
  readonly executionTerminable: boolean
}

/** A call that `ThreadPool.terminate()` or a full queue hands back. */
export interface RefusedCall {
  /** The function. */
  readonly name: string
  /** Its arguments, as they were given. */
  readonly args: readonly unknown[]
}

/** What `ThreadPool.terminate()` did. */
export interface TerminateReport {
  /** The calls that had not begun, in the order they were made. */
  readonly unbegun: readonly RefusedCall[]
  /** How many calls had begun. What they did is done, what they would have returned is lost. */
  readonly interrupted: number
}
