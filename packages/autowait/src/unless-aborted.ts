import { Deferred, onAbort } from '@cupola/core/authoring'

/**
 * What a promise of somebody else gives, unless the signal aborts first: looks have to end then, and a
 * user's function or a name server may not.
 */
export async function unlessAborted<T>(
  promise: PromiseLike<T> | T,
  signal: AbortSignal,
): Promise<Awaited<T>> {
  const aborted = new Deferred<never>()
  const outcome = Promise.race([promise, aborted.promise])
  const listening = onAbort(signal, aborted.reject)
  try {
    return await outcome
  } finally {
    listening[Symbol.dispose]()
  }
}
