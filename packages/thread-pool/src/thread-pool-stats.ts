import type { InterruptOutcome } from '@cupola/interruptible-worker'
import type { ThreadState } from '@cupola/interruptible-worker/authoring'
import type { CallDurations } from './histograms.ts'

/**
 * A `ThreadPool` at one moment.
 *
 * Each thread is either starting, working or idle: they add up to `threads`. Each accepted call is
 * completed, failed, cancelled or dropped, or it is open; of the open ones `queued` wait, at most one
 * runs for each `working` thread, and the others run on the thread that made them.
 */
export interface ThreadPoolStats {
  /** Threads that can run calls, or soon can, or are on their last. */
  readonly threads: number
  /** Threads that are loading the worker module. */
  readonly starting: number
  /** Threads that have calls, and be it one that was given up and has not ended yet. */
  readonly working: number
  /** Threads that have none. */
  readonly idle: number
  /** Calls that wait: for a thread, behind the first call of one, or for another attempt. */
  readonly queued: number
  /** Calls taken on since the pool was made. */
  readonly accepted: number
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
  /** The most threads that there were at once. */
  readonly mostThreads: number
  /** Threads that had reached a limit of `recycle`. */
  readonly recycled: number
  /** Threads that ended without being asked to. */
  readonly crashed: number
  /** Threads that did not terminate in time. They may still use memory and processor. */
  readonly lost: number
  /** Calls that were given up while they ran, by what it took to end them. */
  readonly interrupted: Readonly<Record<InterruptOutcome['stage'], number>>
  /** `false` once it has turned out that this runtime cannot terminate an execution. */
  readonly executionTerminable: boolean
  /** How long calls waited and ran, if the pool was made with `histograms`. */
  readonly durations: CallDurations | undefined
}

/** One thread of a `ThreadPool` at one moment. */
export interface ThreadStats {
  /** Node's number for the thread. */
  readonly threadId: number
  /** `leaving` is on its last call. */
  readonly state: ThreadState
  /** Calls it has, the running one included. */
  readonly calls: number
  /** Calls it has done. */
  readonly callsDone: number
  /** Milliseconds since it was started. */
  readonly ageMs: number
  /** Which part of that time its event loop was busy, from 0 to 1. */
  readonly utilization: number
  /** What its heap held when it was last looked at, which is only done for `recycle.heapBytes`. */
  readonly heapBytes: number | undefined
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
