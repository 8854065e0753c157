import { requireFunction } from '@cupola/core/authoring'
import { findHost } from './in-thread/task-host.ts'

/**
 * Lets a worker module mend its state after the execution of a call was terminated inside it, when
 * neither `catch` nor `finally` have run.
 *
 * @param listener - Called in the thread before it begins another call, with the name of the function
 *   that was terminated. What it promises is waited for, within the time that the termination may
 *   take. If it throws, the thread ends and is replaced.
 * @returns Ends the listening when disposed. Disposing twice is harmless.
 * @throws TypeError If `listener` is not a function.
 *
 * @example Forget what is half done
 * ```js
 * import { onInterrupted } from '@cupola/interruptible-worker/task'
 *
 * const cache = new Map()
 * onInterrupted(() => cache.clear())
 *
 * export function remember(key = '', value = '') {
 *   return cache.set(key, value).size
 * }
 * ```
 */
export function onInterrupted(listener: (name: string) => unknown): Disposable {
  requireFunction('listener', listener)
  const listeners = findHost()?.interruptedListeners
  // A function of its own, so that one listener can be added twice and taken away once.
  const seat = (name: string) => listener(name)
  listeners?.add(seat)
  return { [Symbol.dispose]: () => void listeners?.delete(seat) }
}
