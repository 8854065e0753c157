import type { Transferable } from 'node:worker_threads'
import { requireDuration, requireFunction, requireInteger } from '@cupola/core/authoring'
import {
  type AffinityKey,
  type CallRequest,
  checkRun,
} from '@cupola/interruptible-worker/authoring'
import { ProgressListener } from './progress-listener.ts'
import { Retries, type RetryOptions } from './retries.ts'
import type { Settlement } from './settlement.ts'

/** How one call is made. */
export interface CallOptions<Result = unknown> {
  /**
   * Gives the call up when it aborts, rejecting with `signal.reason` unchanged.
   *
   * @defaultValue never
   */
  readonly signal?: AbortSignal | undefined
  /**
   * Gives the call up with a `TimeoutError` when it has run for so many milliseconds; the time it
   * waits for a thread does not count, and each attempt has as long. `0` fails at once, without
   * running anything.
   *
   * @defaultValue Infinity
   */
  readonly timeout?: number | undefined
  /**
   * Gives the call up with a `TimeoutError` when it has not settled so many milliseconds after it was
   * made, whether it waits, runs, or rests before another attempt. `0` fails at once.
   *
   * @defaultValue Infinity
   */
  readonly deadline?: number | undefined
  /**
   * Of the calls that wait, the one with the highest begins first; of two with the same, the one
   * made first. An integer from -100 to 100. See `ageingMs` of `ThreadPoolOptions`.
   *
   * @defaultValue 0
   */
  readonly priority?: number | undefined
  /**
   * Calls of one key run on one thread as long as it lives, in order, so that they find what those
   * before them have left there. A pool remembers the keys that have calls, and the 10,000 others
   * that were used last.
   *
   * @defaultValue any thread
   */
  readonly affinity?: AffinityKey | undefined
  /**
   * The call may run more than once: how many further attempts there are after its function threw,
   * and how many after its thread died. A number counts for either. It rejects with the error of the
   * last attempt. What gives a call up ends its attempts as well. Not together with `transfer`: what
   * was moved cannot be sent again.
   *
   * @defaultValue 0
   */
  readonly retries?: number | RetryOptions | undefined
  /**
   * Parts of the arguments that are moved to the thread instead of copied, as for `postMessage`.
   * They are gone from here when the call is sent, even if it is given up or fails.
   *
   * @defaultValue none
   */
  readonly transfer?: readonly Transferable[] | undefined
  /**
   * Called once when the call has settled or is refused: for those who want a callback rather than a
   * promise, whose rejection counts as handled then. Runs in the async context of whoever called;
   * what it throws becomes an uncaught exception.
   *
   * @defaultValue nobody is told
   */
  readonly onSettled?: ((settlement: Settlement<Result>) => void) | undefined
  /**
   * Called with each value that the function gives to `currentTask().progress()`, in order, and not
   * any more once the call has settled. Runs in the async context of whoever called; what it throws
   * becomes an uncaught exception.
   *
   * @defaultValue nobody is told, and the function's telling costs nothing
   */
  readonly onProgress?: ((value: unknown) => void) | undefined
}

/**
 * What a caller asks for, checked.
 *
 * @throws TypeError or RangeError If an argument is not what it should be.
 */
export function requestOf(
  name: string,
  args: readonly unknown[],
  options: CallOptions<never>,
): CallRequest {
  checkRun(name, args, options)
  const { signal, timeout = Infinity, deadline = Infinity, transfer = [] } = options
  const { priority = 0, affinity, retries, onSettled, onProgress } = options
  requireDuration('deadline', deadline)
  requireInteger('priority', priority, -MOST_PRIORITY, MOST_PRIORITY)
  if (affinity !== undefined) requireKey(affinity)
  if (onSettled !== undefined) requireFunction('onSettled', onSettled)
  return {
    name,
    args,
    transfer,
    signal,
    timeout,
    deadline,
    priority,
    affinity,
    interruptible: false,
    retries: retries === undefined ? undefined : retriesOf(retries, transfer),
    listener: onProgress === undefined ? undefined : new ProgressListener(onProgress),
  }
}

/** Each that is in use has a list of its own: more steps than anybody tells apart. */
const MOST_PRIORITY = 100

function requireKey(affinity: unknown): void {
  if (typeof affinity === 'string' || typeof affinity === 'number') return
  throw new TypeError(`Cannot use affinity: got ${typeof affinity}, expected a string or a number`)
}

function retriesOf(
  retries: number | RetryOptions,
  transfer: readonly Transferable[],
): Retries | undefined {
  const checked = Retries.from(retries)
  if (transfer.length === 0 || retries === 0) return checked
  throw new TypeError('Cannot use retries: got transfer as well, expected one of them')
}
