import { Deferred, onAbort } from '@cupola/core/authoring'

/**
 * Waits for somebody else's promise, which knows nothing of our signal, but no longer once that has
 * aborted: a stream that nobody reads and a listener that never answers must not hold a run.
 *
 * @throws `signal.reason`, as it is, if the signal has aborted or does so first.
 */
export async function unlessAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const aborted = new Deferred<never>()
  if (signal.aborted) aborted.reject(signal.reason)
  const abort = signal.aborted ? undefined : onAbort(signal, aborted.reject)
  try {
    return await Promise.race([aborted.promise, promise])
  } finally {
    abort?.[Symbol.dispose]()
  }
}
