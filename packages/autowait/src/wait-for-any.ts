import { requireArray } from '@cupola/core/authoring'
import { type CombinedWaitOptions, CombinedWaits, type Wait } from './combined-waits.ts'

/**
 * Waits for the first of several things, with one deadline for all.
 *
 * The others are aborted then, and have ended when the wait settles. One that fails does not end the
 * wait while another goes on.
 *
 * Cancellation: aborting aborts all of them. It settles when all have ended, so a wait that heeds
 * neither signal nor timeout holds it up for as long as it takes, even if another has won.
 *
 * Cost: that of the waits. The process is kept alive.
 *
 * @param waits - Functions that begin a wait with the options they are given; at least one.
 * @param options - What ends all of them.
 * @returns What the first wait gave.
 * @throws TypeError If an argument has the wrong type.
 * @throws RangeError If there are no waits, or `options.timeout` is negative or `NaN`.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 * @throws TimeoutError If `options.timeout` milliseconds pass first. It lists what was not met; its
 *   `cause` is an `AggregateError` of all errors, in the order of the waits. Of a single wait, it is the error of that.
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
  options: CombinedWaitOptions = {},
): Promise<Awaited<ReturnType<Waits[number]>>> {
  requireArray('waits', waits)
  if (waits.length === 0) throw new RangeError('Cannot wait for any of nothing: expected a wait')
  const together = new CombinedWaits(waits, options)
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the waits give
    return (await Promise.any(together.promises)) as Awaited<ReturnType<Waits[number]>>
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason
    if (!(error instanceof AggregateError)) throw error
    const errors: readonly unknown[] = error.errors
    if (!errors.some((each) => together.isDeadline(each))) throw error
    throw together.deadlineError(`any of ${waits.length} things`, errors)
  } finally {
    await together.end()
  }
}
