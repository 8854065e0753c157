/**
 * For those who write a pool or a worker of their own kind: one thread, its calls, and what they
 * come back with. Programs that only use such things need none of it.
 *
 * @module
 */
export { Breaker } from './breaker.ts'
export {
  type AffinityKey,
  Call,
  type CallKeeper,
  type CallListener,
  type CallRequest,
} from './call.ts'
export { CallLengths, LONG_MS } from './call-lengths.ts'
export { CALLS_AHEAD } from './claims.ts'
export type { InterruptOutcome } from './interruption.ts'
export { type InterruptionPlan, planInterruption } from './interruption-options.ts'
export { isPromiseLike } from './in-thread/promise-like.ts'
export { movedBuffers, unmoved } from './in-thread/moved.ts'
export { type CallOutcome, Ledger } from './ledger.ts'
export { isLifeFunction } from './life-functions.ts'
export { findNesting } from './nesting.ts'
export { recipeOf } from './recipe-of.ts'
export { checkRun } from './run-options.ts'
export type { OutputListener, OutputStream } from './thread-output.ts'
export type { Failure, ThreadEnd, ThreadOwner, ThreadRecipe } from './thread-owner.ts'
export { RemoteFailure, rethrower } from './unpack-error.ts'
export { functionsOf, type WorkerFunction } from './worker-functions.ts'
export { type ThreadState, WorkerThread } from './worker-thread.ts'
