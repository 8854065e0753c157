import { addAbortListener } from 'node:events'
import { Audience } from './audience.ts'
import { requireSignal } from './checks.ts'

const NOTHING: Disposable = { [Symbol.dispose]() {} }

/**
 * Runs `listener` once if `signal` aborts, until the result is disposed.
 *
 * A listener left on a long-lived signal is the commonest leak in async JavaScript, so the only way
 * to subscribe hands back the way to unsubscribe.
 *
 * Cost: O(1), however many listen to the same signal, which carries one listener for them all.
 *
 * @param signal - Signal to watch. `undefined` never aborts.
 * @param listener - Called with the abort reason, synchronously. What it throws becomes an uncaught
 *   exception and disturbs no other listener.
 * @returns Removes the listener when disposed. Disposing twice is harmless.
 * @throws TypeError If `signal` is not an `AbortSignal`.
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
  requireSignal('signal', signal)
  if (signal.aborted) throw signal.reason
  let watch = watches.get(signal)
  if (watch === undefined) watches.set(signal, (watch = new SignalWatch(signal)))
  return watch.add(listener)
}

/**
 * The signals that somebody listens to now. The tempting `addAbortListener` for each listener walks
 * the others on that signal to come and again to go, which is quadratic for many waits on one
 * signal, and Node 20 warns of a leak from the eleventh on. Weak, and filled only while somebody
 * listens: it holds nothing that the signal would not hold itself.
 */
const watches = new WeakMap<AbortSignal, SignalWatch>()

/** The one listener on a signal, for as long as it has somebody to tell. */
class SignalWatch {
  readonly #audience = new Audience<unknown>()
  readonly #signal: AbortSignal
  readonly #listening: Disposable

  constructor(signal: AbortSignal) {
    this.#signal = signal
    this.#listening = addAbortListener(signal, () => this.#fire())
  }

  add(listener: (reason: unknown) => void): Disposable {
    const seat = this.#audience.add(listener)
    return {
      [Symbol.dispose]: () => {
        seat[Symbol.dispose]()
        if (this.#audience.size === 0) this.#end()
      },
    }
  }

  #fire(): void {
    this.#end()
    this.#audience.tell(this.#signal.reason)
  }

  #end(): void {
    this.#listening[Symbol.dispose]()
    // Of two that are disposed of, the first may have made room for a new watch.
    if (watches.get(this.#signal) === this) watches.delete(this.#signal)
  }
}
