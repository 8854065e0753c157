import type { Transferable } from 'node:worker_threads'
import { moved } from './in-thread/moved.ts'

/**
 * Marks what a function of a worker module returns, so that parts of it are moved to whoever called
 * instead of copied.
 *
 * @param value - What to return. Return what you get, not `value`, and nothing around it.
 * @param transfer - Parts of it, as for `postMessage`. They are gone from the thread afterwards.
 * @returns What to return.
 * @throws TypeError If `transfer` is not an array.
 *
 * @defaultValue `transfer` is the value itself, or of a view its buffer
 *
 * @example A picture that is not copied
 * ```js
 * import { move } from '@cupola/interruptible-worker/task'
 *
 * export function gray(width = 1, height = 1) {
 *   return move(new Uint8Array(width * height).fill(127))
 * }
 * ```
 */
export function move<Value>(
  value: Value,
  transfer: readonly Transferable[] = movableOf(value),
): Value {
  if (!Array.isArray(transfer))
    throw new TypeError('Cannot move: expected an array of what to move')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the caller will get
  return moved(value, transfer) as Value
}

function movableOf(value: unknown): Transferable[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- if it is none, the call fails with a `DataCloneError`
  return [ArrayBuffer.isView(value) ? value.buffer : value] as Transferable[]
}
