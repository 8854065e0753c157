/**
 * For those who write a primitive: how to wait, to listen and to check arguments the way every
 * package of the toolkit does. Programs that only use the primitives need none of it.
 *
 * @module
 */
export { onAbort } from './abort.ts'
export {
  type AtomicFileSystem,
  type AtomicWriteOptions,
  renameStubbornly,
  syncDirectory,
  writeFileAtomic,
} from './atomic-file.ts'
export {
  kindOf,
  requireArray,
  requireBigInt,
  requireBoolean,
  requireClock,
  requireDuration,
  requireFunction,
  requireInteger,
  requireObject,
  requireOneOf,
  requireSignal,
  requireString,
  wordOf,
} from './checks.ts'
export { closesWithin } from './closes-within.ts'
export { Deferred } from './deferred.ts'
export { Emitter } from './emitter.ts'
export { fulfillsWithin } from './fulfills-within.ts'
export { LinkedList, type LinkedNode } from './linked-list.ts'
export { onThreadInterrupted } from './thread-interruptions.ts'
export {
  checkWaitOptions,
  firstWilling,
  NOT_YET,
  wait,
  type Waitable,
  type Waiter,
} from './wait.ts'
