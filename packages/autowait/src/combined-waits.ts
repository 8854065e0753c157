import { TimeoutError, type WaitOptions } from '@cupola/core'
import { checkWaitOptions, onAbort, requireFunction } from '@cupola/core/authoring'

/**
 * A wait that is yet to begin: takes the `timeout` and the `signal` that it shares with others, and
 * has to heed both, as every wait of the toolkit does.
 */
export type Wait<T> = (options: WaitOptions) => PromiseLike<T>

/** Waits that have begun together, to be ended together. */
export interface CombinedWaits {
  /** In the order of the waits. */
  readonly promises: readonly Promise<unknown>[]
  /** Aborts those that go on, and resolves when all have ended. */
  readonly end: () => Promise<void>
}

/** Begins waits that share a deadline and a signal. */
export function beginTogether(
  waits: readonly Wait<unknown>[],
  options: WaitOptions,
): CombinedWaits {
  checkWaitOptions(options)
  for (const wait of waits) requireFunction('wait', wait)
  const { signal, timeout } = options
  if (signal?.aborted) throw signal.reason
  const controller = new AbortController()
  const abort = onAbort(signal, (reason) => controller.abort(reason))
  const shared = { signal: controller.signal, timeout }
  const promises = waits.map(async (wait) => await wait(shared))
  return {
    promises,
    end: async () => {
      abort[Symbol.dispose]()
      controller.abort()
      await Promise.allSettled(promises)
    },
  }
}

/** Whether an error says that the deadline has passed which all waits share. */
export function isDeadline(error: unknown, timeout: number | undefined): error is TimeoutError {
  return error instanceof TimeoutError && error.timeout === timeout
}

/** The error of waits that have met their deadline. */
export function deadlineError(
  what: string,
  timeout: number,
  unmet: readonly unknown[],
): TimeoutError {
  const messages = unmet.map((error) => (error instanceof Error ? error.message : String(error)))
  const cause = new AggregateError(unmet, messages.join('; '))
  return new TimeoutError(`wait for ${what} (not met: ${messages.join('; ')})`, timeout, { cause })
}
