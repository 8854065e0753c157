import type { BrokenError } from '@cupola/core'
import type { InterruptOutcome } from '@cupola/interruptible-worker'

/** Events of a `ThreadPool`. Observations only: nothing depends on a listener. */
export interface ThreadPoolEvents {
  /** A thread has loaded the worker module. */
  readonly threadStart: { readonly threadId: number }
  /** A thread has ended. `error` says why, if it was not asked to. */
  readonly threadExit: { readonly threadId: number; readonly error: BrokenError | undefined }
  /** A call that had begun was given up, and this is what it took to end it. */
  readonly interrupt: { readonly threadId: number; readonly name: string } & InterruptOutcome
  /** The last open call has settled. */
  readonly idle: { readonly completed: number }
}
