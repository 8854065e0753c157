import type { BrokenError } from '@cupola/core'
import type { InterruptOutcome } from './interruption.ts'

/** Events of an `InterruptibleWorker`. Observations only: nothing depends on a listener. */
export interface InterruptibleWorkerEvents {
  /** A thread has loaded the worker module. */
  readonly threadStart: { readonly threadId: number }
  /** The thread has ended, or is given up. `error` says why, if it was not asked to. */
  readonly threadExit: { readonly threadId: number; readonly error: BrokenError | undefined }
  /** A running call was to be ended, and this is what it took. */
  readonly interrupt: { readonly threadId: number; readonly name: string } & InterruptOutcome
}
