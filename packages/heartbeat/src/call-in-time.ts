import { type Clock, TimeoutError } from '@cupola/core'
import { Deferred, onAbort } from '@cupola/core/authoring'

/** How long a call may take, and what ends it besides. */
export interface CallLimits {
  readonly clock: Clock
  readonly timeoutMs: number
  /** What the call is for; completes "Cannot …". */
  readonly action: string
  /**
   * Ends the call when it aborts.
   *
   * @defaultValue nothing does
   */
  readonly signal?: AbortSignal | undefined
}

/**
 * Calls somebody who may never answer. The call is over when its time is, whether whoever was called has
 * noticed or not: what settles after that is of no use to anybody.
 *
 * It does not keep the process alive.
 *
 * @param call - Gets a signal that aborts when the call is over before it has settled.
 * @throws TimeoutError If it has not settled in time.
 * @throws What `call` throws, or the reason of `signal`.
 */
export async function callInTime<Result>(
  call: (signal: AbortSignal) => Promise<Result>,
  { clock, timeoutMs, action, signal }: CallLimits,
): Promise<Result> {
  const controller = new AbortController()
  const outcome = new Deferred<Result>()
  const end = (reason: unknown): void => {
    outcome.reject(reason)
    controller.abort(reason)
  }
  const abort = onAbort(signal, end)
  const timer = clock.setTimer(() => end(new TimeoutError(action, timeoutMs)), timeoutMs)
  timer.unref()
  try {
    call(controller.signal).then(outcome.resolve, outcome.reject)
    return await outcome.promise
  } finally {
    timer.cancel()
    abort[Symbol.dispose]()
  }
}
