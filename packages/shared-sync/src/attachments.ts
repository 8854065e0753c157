import { BrokenError, FullError } from '@cupola/core'
import type { Liveness, ThreadIdentity } from './liveness.ts'
import type { SharedHandle } from './lot-buffer.ts'
import { SEAT_COUNT } from './lot-layout.ts'
import type { ParkingLot, Rule } from './parking-lot.ts'
import { realSurroundings, takeSeat } from './take-seat.ts'
import { thisThread } from './this-thread.ts'
import { SharedWords } from './words.ts'

/** A seat in a lot, and the very memory it is in. */
export interface Attachment<Kind extends string = string> {
  readonly lot: ParkingLot
  readonly words: SharedWords
  readonly handle: SharedHandle<Kind>
}

/** The object by which this thread uses the lot of that handle; `undefined` if there is none yet. */
export function recall<Shared extends object>(
  Class: abstract new (...args: never) => Shared,
  handle: SharedHandle,
): Shared | undefined {
  const known = thisThread().seatings.recall(handle)
  return known instanceof Class ? known : undefined
}

/** From now on {@link recall} knows the object. */
export function remember(shared: object, attachment: Attachment): void {
  thisThread().seatings.remember(shared, attachment)
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
  const { seatings, workerExits } = thisThread()
  seatings.leaveEarlier(handle)
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
