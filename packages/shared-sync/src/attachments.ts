import { BrokenError, FullError } from '@cupola/core'
import { identityOf, type SharedHandle } from './lot-buffer.ts'
import { SEAT_COUNT } from './lot-layout.ts'
import type { ParkingLot, Rule } from './parking-lot.ts'
import { leaveSeat, realSurroundings, takeSeat } from './take-seat.ts'
import type { Liveness, ThreadIdentity } from './liveness.ts'
import { SharedWords } from './words.ts'
import { WorkerExits } from './worker-exits.ts'

/** A seat in a lot, and the very memory it is in. */
export interface Attachment<Kind extends string = string> {
  readonly lot: ParkingLot
  readonly words: SharedWords
  readonly handle: SharedHandle<Kind>
}

/** What a thread has to know of its seat when nothing else of it is left. */
interface Seating {
  readonly identity: string
  readonly words: SharedWords
  readonly seat: number
  readonly shared: WeakRef<object>
}

/**
 * What this thread is attached to: a thread that attaches to one lot many times, once for each of
 * its tasks say, has one seat and one queue all the same. Weak: what is not used any more gives its
 * seat back.
 */
const attached = new Map<string, Seating>()

/** As long as somebody holds something in a lot or waits in it, its object is there as well. */
const sharedOf = new WeakMap<ParkingLot, object>()

/** Lots that nothing in this thread can reach any more: no object, no guard and nobody who waits. */
const abandoned = new FinalizationRegistry<Seating>(giveBack)

function giveBack({ identity, words, seat }: Seating): void {
  attached.delete(identity)
  leaveSeat(words, seat)
}

/** Does nothing where threads can be looked up. */
const workerExits = new WorkerExits()

/** The object by which this thread uses the lot of that handle; `undefined` if there is none yet. */
export function recall<Shared extends object>(
  Class: abstract new (...args: never) => Shared,
  handle: SharedHandle,
): Shared | undefined {
  const known = attached.get(identityOf(handle.buffer))?.shared.deref()
  return known instanceof Class ? known : undefined
}

/** From now on {@link recall} knows the object. */
export function remember(shared: object, { lot, words, handle }: Attachment): void {
  const identity = identityOf(handle.buffer)
  const seating = { identity, words, seat: lot.seat, shared: new WeakRef(shared) }
  attached.set(identity, seating)
  sharedOf.set(lot, shared)
  abandoned.register(lot, seating, seating)
}

/** The object is gone, but nobody has told us yet: a thread has one seat in a lot. */
function leaveEarlier(handle: SharedHandle): void {
  const seating = attached.get(identityOf(handle.buffer))
  if (seating === undefined || seating.shared.deref() !== undefined) return
  abandoned.unregister(seating)
  giveBack(seating)
}

/**
 * Gives this thread a seat in a lot.
 *
 * @throws {@link FullError} If as many threads as may are attached already.
 * @throws {@link BrokenError} If the thread cannot be identified, for lack of file descriptors say:
 *   nobody would find out its death.
 */
export function attachTo<Kind extends string>(
  handle: SharedHandle<Kind>,
  rule: Rule,
): Attachment<Kind> {
  leaveEarlier(handle)
  const words = new SharedWords(handle.buffer)
  const surroundings = realSurroundings()
  const identity = identityOfThread(handle.kind, surroundings.liveness)
  const liveness = { ...surroundings.liveness, self: () => identity }
  const lot = takeSeat(words, rule, { ...surroundings, liveness })
  if (identity.thread === 0) workerExits.watch(words)
  if (lot !== undefined) return { lot, words, handle }
  const seats = words.load(SEAT_COUNT) - 1
  throw new FullError(
    `attach to the ${handle.kind}`,
    `${seats} threads are attached already`,
    handle,
  )
}

function identityOfThread(kind: string, liveness: Liveness): ThreadIdentity {
  try {
    return liveness.self()
  } catch (cause) {
    const problem = `which thread this is cannot be read (${String(cause)})`
    throw new BrokenError(
      `attach to the ${kind}`,
      `${problem}, expected a file descriptor for it`,
      {
        cause,
      },
    )
  }
}
