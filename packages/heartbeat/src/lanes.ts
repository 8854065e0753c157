import type { Detector } from './detector.ts'
import { DeviceTerms } from './device-terms.ts'
import { Lane } from './lane.ts'
import { LaneHeap } from './lane-heap.ts'
import type { SlotLists } from './slot-lists.ts'

/** The lanes of a monitor: which device belongs into which, and which has to be looked at. */
export class Lanes {
  readonly #detector: Detector
  readonly #lists: SlotLists
  readonly #heap = new LaneHeap()
  /** By the terms that all devices in a lane have. Only judges that do not learn are shared. */
  readonly #shared = new Map<string, Lane>()
  readonly #common: { lostAfterMs: number }

  constructor(detector: Detector, lostAfterMs: number, lists: SlotLists) {
    this.#detector = detector
    this.#lists = lists
    this.#common = { lostAfterMs }
  }

  get lostAfterMs(): number {
    return this.#common.lostAfterMs
  }

  /** Changes the limit of all that have none of their own. Follow with {@link rescheduleAll}. */
  setLostAfter(lostAfterMs: number): void {
    this.#common.lostAfterMs = lostAfterMs
    for (const lane of this.#shared.values()) lane.readLimits()
    for (const lane of this.#heap.lanes) lane.readLimits()
  }

  termsOf(ownLostAfterMs: number | undefined, periodMs: number | undefined): DeviceTerms {
    return new DeviceTerms(this.#common, ownLostAfterMs, periodMs)
  }

  /** The lane for a device that beats now. */
  laneFor(terms: DeviceTerms): Lane {
    const shared = this.#shared.get(terms.key)
    if (shared !== undefined) return shared
    const judge = this.#detector.judge(terms)
    const lane = new Lane(terms, judge, judge.learn !== undefined, this.#lists)
    if (!lane.isPrivate) this.#shared.set(terms.key, lane)
    return lane
  }

  /**
   * A lane for one device that last beat some time ago: in a shared one, where each has to stand by its
   * last beat, its place would have to be searched.
   */
  privateLaneFor(terms: DeviceTerms): Lane {
    return new Lane(terms, this.#detector.judge(terms), true, this.#lists)
  }

  /** Sees to it that a lane is looked at by then. O(1) if it will be. */
  lookBy(lane: Lane, due: number): void {
    if (due < lane.due) this.#heap.set(lane, due)
  }

  /** Takes the lanes that have to be looked at. Each is to be given back to {@link reschedule}. */
  takeDue(now: number): Lane[] {
    const due: Lane[] = []
    for (let lane = this.#heap.first; lane !== undefined; lane = this.#heap.first) {
      if (lane.due > now) break
      this.#heap.set(lane, Infinity)
      due.push(lane)
    }
    return due
  }

  /** @param dueOf - When somebody in a lane is overdue; `Infinity` for an empty one. */
  reschedule(lanes: readonly Lane[], dueOf: (lane: Lane) => number): void {
    for (const lane of lanes) {
      lane.readLimits()
      const due = dueOf(lane)
      this.#heap.set(lane, due)
      if (due === Infinity && (lane.isAbandoned || !lane.isPrivate)) this.#drop(lane)
    }
  }

  rescheduleAll(dueOf: (lane: Lane) => number): void {
    this.reschedule([...this.#heap.lanes], dueOf)
  }

  /**
   * Gives up a private lane whose device has left. It is dropped when it is looked at next, which may
   * be what somebody is doing at this moment.
   */
  abandon(lane: Lane): void {
    lane.isAbandoned = true
    this.lookBy(lane, -Infinity)
  }

  #drop(lane: Lane): void {
    if (this.#shared.get(lane.terms.key) === lane) this.#shared.delete(lane.terms.key)
    this.#lists.give(lane.alive)
    this.#lists.give(lane.suspects)
  }
}
