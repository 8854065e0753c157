import { type CombinedWaitOptions, CombinedWaits, type Wait } from './combined-waits.ts'

/** What each of several waits gives, in their order. */
export type WaitResults<Waits extends readonly Wait<unknown>[]> = {
  -readonly [Index in keyof Waits]: Awaited<ReturnType<Waits[Index]>>
}

/**
 * Waits for several things at the same time, with one deadline for all.
 *
 * Each was met at some time before the end, not necessarily all at once. If one fails, the others are
 * aborted, and the wait rejects with that failure when they have ended. At the deadline each takes its
 * last look.
 *
 * Cancellation: aborting aborts all of them. It settles when all have ended, so a wait that heeds
 * neither signal nor timeout holds it up for as long as it takes.
 *
 * Cost: that of the waits. The process is kept alive.
 *
 * @param waits - Functions that begin a wait with the options they are given.
 * @param options - What ends all of them.
 * @returns What each wait gave, in their order. None at once for no waits.
 * @throws What a wait rejects with, but for the common deadline.
 * @throws TypeError If an argument has the wrong type.
 * @throws RangeError If `options.timeout` is negative or `NaN`.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 * @throws TimeoutError If `options.timeout` milliseconds pass first. It lists what was not met; its
 *   `cause` is an `AggregateError` of the errors of those. Of a single wait, it is the error of that.
 *
 * @example Wait for a file and a value
 * ```ts
 * import { tmpdir } from 'node:os'
 * import { waitForAll, waitForFile, waitUntil } from '@cupola/autowait'
 *
 * let answer = 0
 * setTimeout(() => (answer = 42), 20)
 *
 * const [[folder], value] = await waitForAll(
 *   [(options) => waitForFile(tmpdir(), options), (options) => waitUntil(() => answer, options)],
 *   { timeout: 10_000 },
 * )
 * folder.seenBy // => 'first-look'
 * value // => 42
 * ```
 */
export async function waitForAll<const Waits extends readonly Wait<unknown>[]>(
  waits: Waits,
  options: CombinedWaitOptions = {},
): Promise<WaitResults<Waits>> {
  const together = new CombinedWaits(waits, options)
  const unmet: unknown[] = []
  const results = together.promises.map(async (promise) => {
    try {
      return await promise
    } catch (error) {
      if (!together.isDeadline(error)) throw error
      unmet.push(error)
      return undefined
    }
  })
  try {
    const values = await Promise.all(results)
    if (unmet.length > 0) throw together.deadlineError(`all of ${waits.length} things`, unmet)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- one for each wait, in order
    return values as WaitResults<Waits>
  } finally {
    await together.end()
  }
}
