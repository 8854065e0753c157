import type { Judge } from './detector.ts'
import type { DeviceTerms } from './device-terms.ts'
import type { SlotLists } from './slot-lists.ts'

/**
 * Devices of one limit, which makes them easy to watch: whoever beats goes to the back, so that only
 * the front can be overdue. A device whose judge learns has a lane of its own.
 */
export class Lane {
  readonly terms: DeviceTerms
  readonly judge: Judge
  /** Whether it has one device only. */
  readonly isPrivate: boolean
  /** Those that are alive or busy, the longest silent first. */
  readonly alive: number
  /** Those that are suspect, the longest silent first. */
  readonly suspects: number
  /** Not before this moment can any device be overdue; it may be earlier than it would have to be. */
  due: number = Infinity
  /** Its place in the heap of lanes, -1 outside. Only the heap writes it. */
  index = -1
  /** Whether its only device has left it for good. */
  isAbandoned = false
  #suspectAfterMs = 0
  #lostAfterMs = 0

  constructor(terms: DeviceTerms, judge: Judge, isPrivate: boolean, lists: SlotLists) {
    this.terms = terms
    this.judge = judge
    this.isPrivate = isPrivate
    this.alive = lists.newList()
    this.suspects = lists.newList()
    this.readLimits()
  }

  get suspectAfterMs(): number {
    return this.#suspectAfterMs
  }

  get lostAfterMs(): number {
    return this.#lostAfterMs
  }

  /** Asks the judge again, whose limits have changed. */
  readLimits(): void {
    this.#suspectAfterMs = this.judge.suspectAfterMs
    this.#lostAfterMs = this.judge.lostAfterMs
  }
}
