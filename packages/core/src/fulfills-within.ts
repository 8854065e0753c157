import { onAbort } from './abort.ts'
import { type Clock, systemClock } from './clock.ts'
import { Deferred } from './deferred.ts'
import { checkWaitOptions, type WaitOptions } from './wait.ts'

/**
 * Tells whether a promise fulfills in time. What it stands for goes on in any case.
 *
 * Cancellation: aborting ends the wait alone, not what the promise stands for.
 *
 * Cost: O(1). A wait with a `timeout` holds one timer, which keeps the process alive.
 *
 * @param promise - What to wait for.
 * @param options - For how long, and what else ends the wait. `timeout: 0` is a timer of no
 *   delay: what has fulfilled already is in time.
 * @param clock - Whose milliseconds count.
 * @returns `true` once it has fulfilled, `false` if `timeout` milliseconds pass first.
 * @throws What the promise rejects with.
 * @throws TypeError If an option has the wrong type.
 * @throws RangeError If `options.timeout` is negative or `NaN`.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 *
 * @example Give something a second
 * ```ts
 * import { fulfillsWithin } from '@cupola/core/authoring'
 *
 * const never = new Promise<void>(() => {})
 * await fulfillsWithin(never, { timeout: 1 }) // => false
 * ```
 */
export async function fulfillsWithin(
  promise: Promise<unknown>,
  options: WaitOptions = {},
  clock: Clock = systemClock,
): Promise<boolean> {
  checkWaitOptions(options)
  const { signal, timeout = Infinity } = options
  const outcome = new Deferred<boolean>()
  const abort = onAbort(signal, outcome.reject)
  const timer = clock.setTimer(() => outcome.resolve(false), timeout)
  promise.then(() => outcome.resolve(true), outcome.reject)
  try {
    return await outcome.promise
  } finally {
    timer.cancel()
    abort[Symbol.dispose]()
  }
}
