import type { Attachment } from './attachments.ts'
import { identityOf, type SharedHandle } from './lot-buffer.ts'
import type { ParkingLot } from './parking-lot.ts'
import { leaveSeat } from './take-seat.ts'
import type { SharedWords } from './words.ts'

/** What a thread has to know of its seat when nothing else of it is left. */
interface Seating {
  readonly identity: string
  readonly words: SharedWords
  readonly seat: number
  readonly shared: WeakRef<object>
}

/**
 * What a thread is attached to: a thread that attaches to one lot many times, once for each of its tasks
 * say, has one seat and one queue all the same. Weak: what is not used any more gives its seat back.
 */
export class Seatings {
  readonly #seatings = new Map<string, Seating>()
  /** As long as somebody holds something in a lot or waits in it, its object is there as well. */
  readonly #sharedOf = new WeakMap<ParkingLot, object>()
  /** Lots that nothing in the thread can reach any more: no object, no guard and nobody who waits. */
  readonly #abandoned = new FinalizationRegistry<Seating>((seating) => this.#giveBack(seating))

  /** The object by which the thread uses the lot of that handle, if there is one. */
  recall({ buffer }: SharedHandle): object | undefined {
    return this.#seatings.get(identityOf(buffer))?.shared.deref()
  }

  /** From now on {@link recall} gives that object. */
  remember(shared: object, { lot, words, handle }: Attachment): void {
    const identity = identityOf(handle.buffer)
    const seating = { identity, words, seat: lot.seat, shared: new WeakRef(shared) }
    this.#seatings.set(identity, seating)
    this.#sharedOf.set(lot, shared)
    this.#abandoned.register(lot, seating, seating)
  }

  /** If the object is gone, but nobody has told us yet: a thread has one seat in a lot. */
  leaveEarlier({ buffer }: SharedHandle): void {
    const seating = this.#seatings.get(identityOf(buffer))
    if (seating === undefined || seating.shared.deref() !== undefined) return
    this.#abandoned.unregister(seating)
    this.#giveBack(seating)
  }

  #giveBack({ identity, words, seat }: Seating): void {
    this.#seatings.delete(identity)
    leaveSeat(words, seat)
  }
}
