import type { Transferable } from 'node:worker_threads'

/** Two copies of this package may meet in one thread, so the mark is not a class but a symbol. */
const MOVED = Symbol.for('@cupola/interruptible-worker/moved')

/** A value some of whose parts are moved out of the thread instead of copied. */
interface Moved {
  readonly [MOVED]: readonly Transferable[]
  readonly value: unknown
}

/** Marks parts of a value to be moved when it leaves the thread. */
export function moved(value: unknown, transfer: readonly Transferable[]): unknown {
  return { [MOVED]: transfer, value } satisfies Moved
}

/** What the values want to have moved. */
export function movedBuffers(values: readonly unknown[]): Transferable[] {
  let buffers: Transferable[] | undefined
  for (const value of values) if (isMoved(value)) (buffers ??= []).push(...value[MOVED])
  return buffers ?? []
}

/** The value itself, if it is marked. */
export function unmoved(value: unknown): unknown {
  return isMoved(value) ? value.value : value
}

function isMoved(value: unknown): value is Moved {
  return typeof value === 'object' && value !== null && MOVED in value
}
