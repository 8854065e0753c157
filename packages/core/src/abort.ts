import { addAbortListener } from 'node:events'

const NOTHING: Disposable = { [Symbol.dispose]() {} }

/**
 * Runs `listener` once if `signal` aborts, until the result is disposed.
 *
 * A listener left on a long-lived signal is the commonest leak in async JavaScript, so the only way
 * to subscribe hands back the way to unsubscribe.
 *
 * @param signal - Signal to watch. `undefined` never aborts.
 * @param listener - Called with the abort reason, synchronously.
 * @returns Removes the listener when disposed. Disposing twice is harmless.
 * @throws `signal.reason`, if the signal has already aborted.
 *
 * @example Listen and stop listening
 * ```ts
 * import { onAbort } from '@cupola/core/authoring'
 *
 * const controller = new AbortController()
 * let heard: unknown
 * onAbort(controller.signal, (reason) => (heard = reason))
 * controller.abort('enough')
 * heard // => 'enough'
 * ```
 */
export function onAbort(
  signal: AbortSignal | undefined,
  listener: (reason: unknown) => void,
): Disposable {
  if (signal === undefined) return NOTHING
  signal.throwIfAborted()
  return addAbortListener(signal, () => listener(signal.reason))
}
