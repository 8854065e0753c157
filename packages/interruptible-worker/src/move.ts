import type { Transferable } from 'node:worker_threads'
import { moved } from './in-thread/moved.ts'

/**
 * Marks what a function of a worker module returns, so that parts of it are moved to whoever called
 * instead of copied.
 *
 * @param value - What to return. Return what you get, not `value`, and nothing around it.
 * @param transfer - Parts of it, as for `postMessage`. They are gone from the thread afterwards.
 * @returns What to return.
 *
 * @example A picture that is not copied
 * ```js
 * import { move } from '@cupola/interruptible-worker/task'
 *
 * export function gray(width = 1, height = 1) {
 *   const pixels = new Uint8Array(width * height).fill(127)
 *   return move(pixels, [pixels.buffer])
 * }
 * ```
 */
export function move<Value>(value: Value, transfer: readonly Transferable[]): Value {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the caller will get
  return moved(value, transfer) as Value
}
