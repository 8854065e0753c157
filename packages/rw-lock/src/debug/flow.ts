import { AsyncLocalStorage } from 'node:async_hooks'
import type { Hold } from './hold.ts'

/**
 * What the code that runs now has taken, or what the code that called or started it had. All locks
 * share it, for a deadlock may take two of them; it is empty unless one of them is debugged.
 */
const flow = new AsyncLocalStorage<readonly Hold[]>()

/**
 * What the flow that runs now holds. What it has asked for and not awaited yet does not count: two
 * calls that are made in one breath, for `Promise.all()` say, are two flows.
 */
export function heldByThisFlow(): readonly Hold[] {
  return (flow.getStore() ?? []).filter((hold) => hold.isHeld)
}

/** From here on, the flow that runs now will have `hold`, once it is held. */
export function addToThisFlow(hold: Hold): void {
  flow.enterWith([...heldByThisFlow(), hold])
}

/** Runs `fn` so that what it adds to its flow stays hidden from its caller. */
export function runAsOwnFlow<T>(fn: () => T): T {
  return flow.run(heldByThisFlow(), fn)
}
