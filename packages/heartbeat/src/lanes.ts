import type { Detector } from './detector.ts'
import { DeviceTerms } from './device-terms.ts'
import { Lane } from './lane.ts'
import { LaneHeap } from './lane-heap.ts'
import type { SlotLists } from './slot-lists.ts'

/** The lanes of a monitor: which device belongs into which, and which has to be looked at. */
export class Lanes {
  readonly #detector: Detector
  readonly #lists: SlotLists
  /** All that are not dropped, those too that are never due: another limit may change that. */
  readonly #heap = new LaneHeap()
  /** By the terms that all devices in a lane have. Only judges that do not learn are shared. */
  readonly #shared = new Map<string, Lane>()
  readonly #common: { lostAfterMs: number }
  /** How many sweeps are under way: whoever is told of one may begin another. */
  #looks = 0

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
    const lane = this.#add(new Lane(terms, judge, judge.learn !== undefined, this.#lists))
    if (!lane.isPrivate) this.#shared.set(terms.key, lane)
    return lane
  }

  /**
   * A lane for one device that last beat some time ago: in a shared one, where each has to stand by its
   * last beat, its place would have to be searched.
   */
  privateLaneFor(terms: DeviceTerms): Lane {
    return this.#add(new Lane(terms, this.#detector.judge(terms), true, this.#lists))
  }

  /** Sees to it that a lane is looked at by then. O(1) if it will be. */
  lookBy(lane: Lane, due: number): void {
    if (due < lane.due) this.#heap.set(lane, due)
  }

  /** Takes the lanes that have to be looked at. They are to be given back to {@link endLook}. */
  beginLook(now: number): Lane[] {
    this.#looks++
    const due: Lane[] = []
    for (let lane = this.#heap.first; lane !== undefined; lane = this.#heap.first) {
      if (lane.due > now) break
      this.#heap.set(lane, Infinity)
      due.push(lane)
    }
    return due
  }

  /** @param dueOf - When somebody in a lane is overdue; `Infinity` if nobody ever is. */
  endLook(lanes: readonly Lane[], dueOf: (lane: Lane) => number): void {
    this.#looks--
    this.#reschedule(lanes, dueOf)
  }

  rescheduleAll(dueOf: (lane: Lane) => number): void {
    this.#reschedule([...this.#heap.lanes], dueOf)
  }

  /**
   * Takes notice that a device has left a lane for good. If that was the last one, the lane is dropped
   * when it is looked at next: somebody may be doing so at this moment.
   */
  leave(lane: Lane): void {
    if (lane.isPrivate) lane.isAbandoned = true
    if (!lane.isDropped && this.#isIdle(lane)) this.lookBy(lane, -Infinity)
  }

  #add(lane: Lane): Lane {
    this.#heap.add(lane)
    return lane
  }

  #reschedule(lanes: readonly Lane[], dueOf: (lane: Lane) => number): void {
    for (const lane of lanes) {
      lane.readLimits()
      if (!this.#isIdle(lane)) this.#heap.set(lane, dueOf(lane))
      else if (this.#looks > 0) this.#heap.set(lane, -Infinity)
      else this.#drop(lane)
    }
  }

  /** Not whether nobody is ever overdue: a limit may be endless. */
  #isIdle({ isPrivate, isAbandoned, alive, suspects }: Lane): boolean {
    if (isPrivate) return isAbandoned
    return this.#lists.first(alive) === alive && this.#lists.first(suspects) === suspects
  }

  #drop(lane: Lane): void {
    lane.isDropped = true
    this.#heap.remove(lane)
    if (this.#shared.get(lane.terms.key) === lane) this.#shared.delete(lane.terms.key)
    this.#lists.give(lane.alive)
    this.#lists.give(lane.suspects)
  }
}
