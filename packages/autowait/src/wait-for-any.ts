import type { WaitOptions } from '@cupola/core'
import { beginTogether, deadlineError, isDeadline, type Wait } from './combined-waits.ts'

/**
 * Waits for the first of several things, with one deadline for all.
 *
 * The others are aborted then, and have ended when the wait settles. One that fails does not end the
 * wait while another goes on.
 *
 * @param waits - Functions that begin a wait with the options they are given; at least one.
 * @param options - What ends all of them.
 * @returns What the first wait gave.
 * @throws TypeError If an argument has the wrong type.
 * @throws RangeError If there are no waits, or `options.timeout` is negative or `NaN`.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 * @throws TimeoutError If `options.timeout` milliseconds pass first. It lists what was not met; its
 *   `cause` is an `AggregateError` of all errors, in the order of the waits.
 * @throws AggregateError If all waits have failed before.
 *
 * @example Whatever comes first
 * ```ts
 * import { waitForAny, waitForFile, waitUntil } from '@cupola/autowait'
 *
 * let failed = false
 * setTimeout(() => (failed = true), 20)
 *
 * const outcome = await waitForAny(
 *   [
 *     (options) => waitForFile('/no/such/file', options).then(() => 'done'),
 *     (options) => waitUntil(() => failed, options).then(() => 'failed'),
 *   ],
 *   { timeout: 10_000 },
 * )
 * outcome // => 'failed'
 * ```
 */
export async function waitForAny<const Waits extends readonly Wait<unknown>[]>(
  waits: Waits,
  options: WaitOptions = {},
): Promise<Awaited<ReturnType<Waits[number]>>> {
  if (waits.length === 0) throw new RangeError('Cannot wait for any of nothing: expected a wait')
  const { promises, end } = beginTogether(waits, options)
  const { signal, timeout = Infinity } = options
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the waits give
    return (await Promise.any(promises)) as Awaited<ReturnType<Waits[number]>>
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (!(error instanceof AggregateError)) throw error
    const errors: readonly unknown[] = error.errors
    if (!errors.some((each) => isDeadline(each, timeout))) throw error
    throw deadlineError(`any of ${waits.length} things`, timeout, errors)
  } finally {
    await end()
  }
}
