import type { Clock } from './clock.ts'
import { fulfillsWithin } from './fulfills-within.ts'
import { checkWaitOptions, type WaitOptions } from './wait.ts'

/**
 * What a `tryClose()` does: begins to close, and tells whether that ends in time. If not, it goes on.
 *
 * Cancellation: aborting ends the waiting, not the closing. A signal that has aborted already
 * closes nothing, and neither do options that are none.
 *
 * @param closable - What is to be closed.
 * @param options - How long to wait, and what else ends the waiting.
 * @param clock - Whose milliseconds count.
 * @returns `true` once `close()` has fulfilled, `false` if `options.timeout` milliseconds pass first.
 * @throws What `close()` rejects with.
 * @throws TypeError If an option has the wrong type.
 * @throws RangeError If `options.timeout` is negative or `NaN`.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 *
 * @example Close, but not for ever
 * ```ts
 * import { closesWithin } from '@cupola/core/authoring'
 *
 * const door = { close: () => new Promise<void>(() => {}) }
 * await closesWithin(door, { timeout: 1 }) // => false
 * ```
 */
export async function closesWithin(
  closable: { close(): Promise<unknown> },
  options: WaitOptions = {},
  clock?: Clock,
): Promise<boolean> {
  checkWaitOptions(options)
  if (options.signal?.aborted) throw options.signal.reason
  return await fulfillsWithin(closable.close(), options, clock)
}
