import { isMainThread } from 'node:worker_threads'
import { requireBoolean, requireDuration, requireObject } from '@cupola/core/authoring'

/** How a thread waits that blocks. */
export interface SyncWaitOptions {
  /**
   * Gives up with a `TimeoutError` after so many milliseconds. `0` succeeds now or not at all;
   * `Infinity` is no limit.
   *
   * @defaultValue Infinity
   */
  readonly timeout?: number | undefined
  /**
   * Blocks the main thread too, with all its timers, sockets and signals, where this is refused
   * otherwise. For programs whose main thread has nothing else to do.
   *
   * @defaultValue false
   */
  readonly allowOnMainThread?: boolean | undefined
}

/**
 * Checks how to block, and whether the thread may.
 *
 * @param action - What is waited for; completes "Cannot …".
 * @returns The time-out.
 * @throws TypeError If an option has the wrong type, or this is the main thread.
 * @throws RangeError If `timeout` is negative or `NaN`.
 */
export function requireBlocking(action: string, options: SyncWaitOptions): number {
  requireObject('options', options)
  const { timeout = Infinity, allowOnMainThread = false } = options
  requireDuration('timeout', timeout)
  requireBoolean('allowOnMainThread', allowOnMainThread)
  if (isMainThread && !allowOnMainThread) {
    throw new TypeError(
      `Cannot ${action} by blocking the main thread: expected a worker thread, or allowOnMainThread`,
    )
  }
  return timeout
}
