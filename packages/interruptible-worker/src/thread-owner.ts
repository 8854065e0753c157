import type { WorkerOptions } from 'node:worker_threads'
import type { Call } from './call.ts'
import type { CallLengths } from './call-lengths.ts'
import type { InterruptOutcome } from './interruption.ts'
import type { OutputListener } from './thread-output.ts'
import type { ErrorClass } from './unpack-error.ts'
import type { WorkerThread } from './worker-thread.ts'

/** What a thread is made from. */
export interface ThreadRecipe {
  readonly moduleUrl: URL
  readonly workerOptions: WorkerOptions
  readonly errorClasses: readonly ErrorClass[]
  /** What all threads of this recipe learn about how long calls take. */
  readonly lengths: CallLengths
  /** So many calls a thread may do; `undefined` is no limit. */
  readonly mostCalls?: number | undefined
  /** Told how many milliseconds each call has run; `undefined` and nobody measures. */
  readonly onTook?: ((call: Call, tookMs: number) => void) | undefined
  /**
   * Told what a thread writes to the streams that are not passed on to the process's, because
   * `workerOptions` say `stdout: true` or `stderr: true`.
   */
  readonly onOutput?: OutputListener | undefined
}

/** Whom a thread tells what happens to it. */
export interface ThreadOwner {
  /** It has loaded the worker module and takes calls. */
  onReady(thread: WorkerThread): void
  /** It begins a call whose time is to be measured. */
  onBegin(call: Call): void
  /** It has answered calls: there is room. */
  onAnswers(thread: WorkerThread): void
  /** A call was interrupted, and this is what came of it. */
  onInterrupted(thread: WorkerThread, call: Call, outcome: InterruptOutcome): void
  /** The execution inside it cannot be terminated: this runtime has no inspector to do it with. */
  onNoInspector(): void
  /** It is gone. */
  onGone(thread: WorkerThread, end: ThreadEnd): void
}

/** What went wrong, for as many errors as it takes to tell everybody. */
export interface Failure {
  /** A clause that completes the message of a `BrokenError`. */
  readonly problem: string
  readonly cause: unknown
}

/** How a thread went. */
export interface ThreadEnd {
  /** The calls that it had not begun, in order. */
  readonly unbegun: readonly Call[]
  /** Why, if it was not asked to. */
  readonly failure: Failure | undefined
  /** Whether it had loaded the worker module. */
  readonly loaded: boolean
  /** Whether it ever began a call. */
  readonly hasBegun: boolean
}
