import type { BrokenError } from '@cupola/core'
import type { InterruptOutcome } from '@cupola/interruptible-worker'
import type { OutputStream } from '@cupola/interruptible-worker/authoring'
import type { RecycleReason } from './recycling.ts'

/** Events of a `ThreadPool`. Observations only: nothing depends on a listener. */
export interface ThreadPoolEvents {
  /** A thread has loaded the worker module. */
  readonly threadStart: { readonly threadId: number }
  /** A thread has ended. `error` says why, if it was not asked to. */
  readonly threadExit: { readonly threadId: number; readonly error: BrokenError | undefined }
  /** A call that had begun was given up, and this is what it took to end it. */
  readonly interrupt: { readonly threadId: number; readonly name: string } & InterruptOutcome
  /** A thread has reached a limit of `recycle` and goes after its last call. */
  readonly recycle: { readonly threadId: number; readonly reason: RecycleReason }
  /** No thread is left and none is started any more: calls fail, until `resize()` is called. */
  readonly broken: { readonly error: BrokenError }
  /**
   * A thread wrote text to a stream that is not passed on to the process's, because `workerOptions`
   * say `stdout: true` or `stderr: true`. The text need not end with a line.
   */
  readonly output: {
    readonly threadId: number
    readonly stream: OutputStream
    readonly text: string
  }
  /** The last open call has settled. */
  readonly idle: { readonly completed: number }
}
