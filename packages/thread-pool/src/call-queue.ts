import { LinkedList } from '@cupola/core/authoring'
import type { Call } from '@cupola/interruptible-worker/authoring'

/** The calls of one priority, in the order they were made. */
interface Lane {
  readonly priority: number
  readonly calls: LinkedList<Call>
}

/**
 * The order in which calls are begun: a call counts as if it had been made `ageingMs` earlier for
 * each priority. That is the same as to say that it gains one priority in every `ageingMs` that it
 * waits, but it does not change while it waits: nothing has to be sorted again as time passes.
 */
export class Ranking {
  readonly #ageingMs: number

  constructor(ageingMs: number) {
    this.#ageingMs = ageingMs
  }

  /** Whether `a` comes before `b`. */
  isBefore(a: Call, b: Call): boolean {
    const ahead = a.request.priority - b.request.priority
    // Not only the fast path: nothing times `Infinity` is not a number.
    if (ahead === 0) return a.place < b.place
    const headStart = b.queuedAt - (a.queuedAt - ahead * this.#ageingMs)
    return headStart === 0 ? a.place < b.place : headStart > 0
  }
}

/**
 * Calls that wait, in the order of a {@link Ranking}: a list for each priority that is in use, so
 * that only the first of each have to be compared. While there is one priority, it is one list.
 *
 * To add, to take out and to cancel a call is O(1), to find the next O(priorities in use).
 */
export class CallQueue implements Iterable<Call> {
  readonly #ranking: Ranking
  /** The priority that nearly all calls have: its lane stays when it is empty, others go. */
  readonly #usual: Lane = { priority: 0, calls: new LinkedList() }
  #lanes: Lane[] = [this.#usual]

  constructor(ranking: Ranking) {
    this.#ranking = ranking
  }

  /** How many calls there are. */
  get size(): number {
    let size = 0
    for (const { calls } of this.#lanes) size += calls.size
    return size
  }

  /** The next call. */
  get first(): Call | undefined {
    if (this.#lanes.length === 1) return this.#usual.calls.first
    for (const call of this.#merged()) return call
    return undefined
  }

  /** The only call, if there is but one, of the usual priority. */
  get lone(): Call | undefined {
    const { calls } = this.#usual
    return this.#lanes.length === 1 && calls.size === 1 ? calls.first : undefined
  }

  /** The call that was made first of all. */
  get oldest(): Call | undefined {
    return oldestOf(this.#lanes.map(({ calls }) => calls.first))
  }

  /** The call that was made last of all. */
  get newest(): Call | undefined {
    return newestOf(this.#lanes.map(({ calls }) => calls.last))
  }

  /** Adds a call where it belongs: at the end if it is new, otherwise where it was. */
  add(call: Call): void {
    const { calls } = this.#laneOf(call.request.priority)
    const { last } = calls
    if (last === undefined || last.place < call.place) calls.push(call)
    else returnTo(calls, call)
  }

  /** Takes a call out. `false` if it is not here. */
  remove(call: Call): boolean {
    if (this.#usual.calls.remove(call)) return true
    const lane = this.#lanes.find(({ calls }) => calls.remove(call))
    if (lane === undefined) return false
    if (lane.calls.size === 0) this.#lanes = this.#lanes.filter((each) => each !== lane)
    return true
  }

  /** In order. The call just handed out may be removed meanwhile, others may not. */
  [Symbol.iterator](): Iterator<Call> {
    return this.#lanes.length === 1 ? this.#usual.calls[Symbol.iterator]() : this.#merged()
  }

  *#merged(): Generator<Call> {
    const heads = this.#lanes.flatMap(({ calls }) => calls.first ?? [])
    while (heads.length > 0) {
      let best = 0
      for (let index = 1; index < heads.length; index++) {
        if (this.#isBefore(heads[index], heads[best])) best = index
      }
      const call = heads[best]
      if (call === undefined) return
      const { next } = call
      if (next === undefined) heads.splice(best, 1)
      else heads[best] = next
      yield call
    }
  }

  #isBefore(a: Call | undefined, b: Call | undefined): boolean {
    return a !== undefined && b !== undefined && this.#ranking.isBefore(a, b)
  }

  #laneOf(priority: number): Lane {
    if (priority === 0) return this.#usual
    let lane = this.#lanes.find((each) => each.priority === priority)
    if (lane === undefined) {
      lane = { priority, calls: new LinkedList() }
      this.#lanes.push(lane)
    }
    return lane
  }
}

/** The one made first. */
export function oldestOf(calls: readonly (Call | undefined)[]): Call | undefined {
  let oldest: Call | undefined
  for (const call of calls) if (call && !(oldest && oldest.place < call.place)) oldest = call
  return oldest
}

/** The one made last. */
export function newestOf(calls: readonly (Call | undefined)[]): Call | undefined {
  let newest: Call | undefined
  for (const call of calls) if (call && !(newest && newest.place > call.place)) newest = call
  return newest
}

/**
 * Puts a call back that a thread did not begin. Calls leave the queue from the front, so those that
 * were made before it and are back already are all that it has to pass.
 */
function returnTo(calls: LinkedList<Call>, call: Call): void {
  const older: Call[] = []
  while (calls.first !== undefined && calls.first.place < call.place) {
    older.push(calls.first)
    calls.shift()
  }
  calls.unshift(call)
  for (const each of older.reverse()) calls.unshift(each)
}
