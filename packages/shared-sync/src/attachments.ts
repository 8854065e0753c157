import { FullError } from '@cupola/core'
import { identityOf, type SharedHandle } from './lot-buffer.ts'
import { SEAT_COUNT } from './lot-layout.ts'
import type { ParkingLot, Rule } from './parking-lot.ts'
import { leaveSeat, realSurroundings, takeSeat } from './take-seat.ts'
import { SharedWords } from './words.ts'
import { WorkerExits } from './worker-exits.ts'

/** A seat in a lot, and the very memory it is in. */
export interface Attachment<Kind extends string = string> {
  readonly lot: ParkingLot
  readonly words: SharedWords
  readonly handle: SharedHandle<Kind>
}

/**
 * What this thread is attached to: a thread that attaches to one lot many times, once for each of
 * its tasks say, has one seat and one queue all the same. Weak: what is not used any more gives its
 * seat back.
 */
const attached = new Map<string, WeakRef<object>>()

/** Lots that nothing in this thread can reach any more: no object, no guard and nobody who waits. */
const abandoned = new FinalizationRegistry<Abandoned>(({ identity, words, seat }) => {
  // Unless it was attached to anew meanwhile, with another seat.
  if (attached.get(identity)?.deref() === undefined) attached.delete(identity)
  leaveSeat(words, seat)
})

interface Abandoned {
  readonly identity: string
  readonly words: SharedWords
  readonly seat: number
}

/** Does nothing where threads can be looked up. */
const workerExits = new WorkerExits()

/** The object by which this thread uses the lot of that handle; `undefined` if there is none yet. */
export function recall<Shared extends object>(
  Class: abstract new (...args: never) => Shared,
  handle: SharedHandle,
): Shared | undefined {
  const known = attached.get(identityOf(handle.buffer))?.deref()
  return known instanceof Class ? known : undefined
}

/** From now on {@link recall} knows the object. */
export function remember(shared: object, { lot, words, handle }: Attachment): void {
  const identity = identityOf(handle.buffer)
  attached.set(identity, new WeakRef(shared))
  abandoned.register(lot, { identity, words, seat: lot.seat })
}

/**
 * Gives this thread a seat in a lot.
 *
 * @throws {@link FullError} If as many threads as may are attached already.
 */
export function attachTo<Kind extends string>(
  handle: SharedHandle<Kind>,
  rule: Rule,
): Attachment<Kind> {
  const words = new SharedWords(handle.buffer)
  const surroundings = realSurroundings()
  const lot = takeSeat(words, rule, surroundings)
  if (surroundings.liveness.self().thread === 0) workerExits.watch(words)
  if (lot !== undefined) return { lot, words, handle }
  const seats = words.load(SEAT_COUNT) - 1
  throw new FullError(
    `attach to the ${handle.kind}`,
    `${seats} threads are attached already`,
    handle,
  )
}
