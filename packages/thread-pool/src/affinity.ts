import type { AffinityKey, Call, WorkerThread } from '@cupola/interruptible-worker/authoring'
import { CallQueue, type Ranking } from './call-queue.ts'

/** So many keys that have no open call are remembered; beyond that, the one not used for longest goes. */
const MOST_IDLE_KEYS = 10_000

/** A key that is known. */
interface Bond {
  /** Where its calls run. `undefined` before the first has a thread, and after that thread's death. */
  thread: WorkerThread | undefined
  /** How many calls of the key are not settled. */
  open: number
}

/**
 * Knows on which thread the calls of a key run, and keeps those that wait for that thread.
 *
 * Not a hash of the key over the threads: whenever a thread starts, that would move keys away from
 * threads that have their data.
 *
 * A key moves only when its thread is gone, or is leaving and has nothing of the key in flight.
 * All of its calls that wait move with it. So at any moment the unsettled calls of a key are on one
 * thread, and behind them in one queue: that is what keeps them in order.
 */
export class Affinity {
  readonly #ranking: Ranking
  readonly #open = new Map<AffinityKey, Bond>()
  /** From the one not used for longest to the one used last. */
  readonly #idle = new Map<AffinityKey, Bond>()
  /** The calls that wait for each thread. A thread that is leaving is in `#left` besides. */
  readonly #homes = new Map<WorkerThread, CallQueue>()
  readonly #left = new Set<WorkerThread>()
  /** Calls whose queue is not known yet. */
  readonly #unplaced: CallQueue

  constructor(ranking: Ranking) {
    this.#ranking = ranking
    this.#unplaced = new CallQueue(ranking)
  }

  /** Everything that waits: what has no thread yet, and then for each thread what waits for it. */
  get queues(): CallQueue[] {
    return [this.#unplaced, ...this.#homes.values()]
  }

  /** What waits for that thread. */
  queueOf(thread: WorkerThread): CallQueue | undefined {
    return this.#homes.get(thread)
  }

  /** A call of the key is accepted. Tell {@link settled} when it has settled. */
  accept(key: AffinityKey): void {
    const bond = this.#open.get(key) ?? this.#idle.get(key) ?? { thread: undefined, open: 0 }
    this.#idle.delete(key)
    this.#open.set(key, bond)
    bond.open++
  }

  /** A call of the key has settled. */
  settled(key: AffinityKey): void {
    const bond = this.#open.get(key)
    if (bond === undefined || --bond.open > 0) return
    this.#open.delete(key)
    this.#idle.set(key, bond)
    const [oldest] = this.#idle.keys()
    if (oldest !== undefined && this.#idle.size > MOST_IDLE_KEYS) this.#idle.delete(oldest)
  }

  /** Adds a call that waits. */
  add(call: Call): void {
    this.#unplaced.add(call)
  }

  /** Takes a call out. `false` if it is not here. */
  remove(call: Call): boolean {
    return this.queues.some((queue) => queue.remove(call))
  }

  /**
   * Sees to it that each call waits for the right thread.
   *
   * @param threads - Those that take calls now or soon.
   */
  place(threads: readonly WorkerThread[]): void {
    for (const thread of this.#homes.keys()) this.#check(thread, threads)
    for (const call of this.#unplaced) {
      const thread = this.#threadOf(call, threads)
      if (thread === undefined) return
      this.#unplaced.remove(call)
      this.#homeOf(thread).add(call)
    }
  }

  #check(thread: WorkerThread, threads: readonly WorkerThread[]): void {
    if (threads.includes(thread)) this.#left.delete(thread)
    else if (thread.state === 'gone' || !this.#left.has(thread)) this.#leave(thread)
  }

  /** Moves what need not stay with a thread that is leaving, which is everything if it is gone. */
  #leave(thread: WorkerThread): void {
    const staying = new Set(thread.calls().map((call) => call.request.affinity))
    for (const bonds of [this.#open, this.#idle]) {
      for (const [key, bond] of bonds) {
        if (bond.thread === thread && !staying.has(key)) bond.thread = undefined
      }
    }
    const home = this.#homeOf(thread)
    for (const call of home) {
      if (staying.has(call.request.affinity)) continue
      home.remove(call)
      this.#unplaced.add(call)
    }
    this.#left.add(thread)
    if (thread.state !== 'gone') return
    this.#left.delete(thread)
    this.#homes.delete(thread)
  }

  #threadOf({ request }: Call, threads: readonly WorkerThread[]): WorkerThread | undefined {
    const bond = request.affinity === undefined ? undefined : this.#open.get(request.affinity)
    if (bond?.thread !== undefined) return bond.thread
    const thread = this.#leastBusy(threads)
    if (bond !== undefined) bond.thread = thread
    return thread
  }

  #leastBusy(threads: readonly WorkerThread[]): WorkerThread | undefined {
    const load = (thread: WorkerThread) => thread.inFlight + (this.#homes.get(thread)?.size ?? 0)
    let least = threads[0]
    for (const thread of threads) if (least && load(thread) < load(least)) least = thread
    return least
  }

  #homeOf(thread: WorkerThread): CallQueue {
    let home = this.#homes.get(thread)
    if (home === undefined) this.#homes.set(thread, (home = new CallQueue(this.#ranking)))
    return home
  }
}
