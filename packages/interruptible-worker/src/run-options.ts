import type { Transferable } from 'node:worker_threads'
import { checkWaitOptions, requireArray } from '@cupola/core/authoring'

/** How one call is made. */
export interface RunOptions {
  /**
   * Gives the call up when it aborts, rejecting with `signal.reason` unchanged.
   *
   * @defaultValue never
   */
  readonly signal?: AbortSignal | undefined
  /**
   * Gives the call up with a `TimeoutError` when it has run for so many milliseconds; the time it
   * waits for its turn does not count. `0` fails at once, without running anything.
   *
   * @defaultValue Infinity
   */
  readonly timeout?: number | undefined
  /**
   * Parts of the arguments that are moved to the thread instead of copied, as for `postMessage`.
   * They are gone from here when the call is sent, even if it is given up or fails.
   *
   * @defaultValue none
   */
  readonly transfer?: readonly Transferable[] | undefined
}

/**
 * Checks what every call has, for those who call without a compiler.
 *
 * @throws TypeError or RangeError If an argument is not what it should be.
 */
export function checkRun(name: string, args: readonly unknown[], options: RunOptions): void {
  if (typeof name !== 'string')
    throw new TypeError(`Cannot call: got ${typeof name}, expected the name of a function`)
  if (!Array.isArray(args))
    throw new TypeError(`Cannot call "${name}": got ${typeof args}, expected an array of arguments`)
  checkWaitOptions(options)
  if (options.transfer !== undefined) requireArray('transfer', options.transfer)
}
