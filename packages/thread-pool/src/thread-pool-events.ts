import type { BrokenError } from '@cupola/core'

/** Events of a `ThreadPool`. Observations only: nothing depends on a listener. */
export interface ThreadPoolEvents {
  /** A thread has loaded the worker module. */
  readonly threadStart: { readonly threadId: number }
  /** A thread has ended. `error` says why, if it was not asked to. */
  readonly threadExit: { readonly threadId: number; readonly error: BrokenError | undefined }
  /** The last open call has settled. */
  readonly idle: { readonly completed: number }
}
