import type { Failure, WorkerThread } from '@cupola/interruptible-worker/authoring'
import type { Tenure } from './tenure.ts'
import type { ThreadPoolStats, ThreadStats } from './thread-pool-stats.ts'

/**
 * The threads of a crew, and where each of them is in its life there.
 *
 *   enroll()             dismiss()             last call ended
 *   ────────▶ active ──────────────▶ leaving ─────────────────▶ gone
 *              │ ▲                      │                        ▲
 *              │ └──────recall()────────┘                        │
 *              └─────retire()──────▶ retired ────────────────────┘
 *
 * - active: it is starting or ready. Only these count for the limits, and only these get calls.
 * - leaving: it is on its last call, because there are too many. It may be called back.
 * - retired: it is on its last call, because it has served long enough. It may not.
 * - gone: it has no calls. Every state leads there as well, when the thread dies or is killed. Its
 *   body may take a moment longer; until that has ended, its tenure is kept.
 */
export class Roster {
  readonly #active = new Set<WorkerThread>()
  readonly #leaving = new Set<WorkerThread>()
  readonly #retired = new Set<WorkerThread>()
  readonly #tenures = new Map<WorkerThread, Tenure>()
  #started = 0
  #most = 0
  #crashed = 0
  #lost = 0

  /** How many there ever were. */
  get started(): number {
    return this.#started
  }

  /** The threads that take calls, or will when they have loaded the worker module. */
  get active(): ReadonlySet<WorkerThread> {
    return this.#active
  }

  /** The threads that take calls. */
  *ready(): Generator<WorkerThread> {
    for (const thread of this.#active) if (thread.state === 'ready') yield thread
  }

  /** Every thread that may have calls. */
  all(): WorkerThread[] {
    return [...this.#active, ...this.#leaving, ...this.#retired]
  }

  /** What is known of a thread until its body has ended. */
  tenureOf(thread: WorkerThread): Tenure | undefined {
    return this.#tenures.get(thread)
  }

  /** The first that may be called back. */
  get firstLeaving(): WorkerThread | undefined {
    const [first] = this.#leaving
    return first
  }

  /** A thread has been started. */
  enroll(thread: WorkerThread, now: number): void {
    const order = this.#started++
    this.#active.add(thread)
    this.#tenures.set(thread, { order, startedAt: now, measuredAt: now, heapBytes: undefined })
    this.#most = Math.max(this.#most, this.all().length)
    void thread.exited.then((ended) => {
      if (!ended) this.#lost++
      this.#tenures.delete(thread)
    })
  }

  /** There are too many. `false` if the thread is not active. */
  dismiss(thread: WorkerThread): boolean {
    if (!this.#active.delete(thread)) return false
    this.#leaving.add(thread)
    return true
  }

  /** There are not too many any more. */
  recall(thread: WorkerThread): void {
    this.#leaving.delete(thread)
    this.#active.add(thread)
  }

  /** The thread has served long enough. */
  retire(thread: WorkerThread): void {
    this.#active.delete(thread)
    this.#retired.add(thread)
  }

  /** The thread is gone, because of `failure` if it was not asked to. */
  remove(thread: WorkerThread, failure: Failure | undefined): void {
    if (failure !== undefined) this.#crashed++
    this.#active.delete(thread)
    this.#leaving.delete(thread)
    this.#retired.delete(thread)
  }

  /** Resolves when the bodies of all have ended or are lost. */
  async exited(): Promise<void> {
    await Promise.all([...this.#tenures.keys()].map((thread) => thread.exited))
  }

  /** Counts, in O(threads). */
  get counts(): RosterCounts {
    const threads = this.all()
    const starting = threads.filter((thread) => thread.state === 'starting').length
    const working = threads.filter((thread) => thread.inFlight > 0).length
    return {
      threads: threads.length,
      starting,
      working,
      idle: threads.length - starting - working,
      started: this.#started,
      mostThreads: this.#most,
      crashed: this.#crashed,
      lost: this.#lost,
    }
  }

  /** Every thread that may have calls, in the order they were started. */
  stats(now: number): ThreadStats[] {
    const all = [...this.#tenures].filter(([thread]) => thread.state !== 'gone')
    return all.map(([thread, { startedAt, heapBytes }]) => {
      const { threadId, state, inFlight: calls, callsDone, utilization } = thread
      const ageMs = now - startedAt
      return Object.freeze({ threadId, state, calls, callsDone, ageMs, utilization, heapBytes })
    })
  }
}

/** What a roster can count. */
export type RosterCounts = Pick<
  ThreadPoolStats,
  'threads' | 'starting' | 'working' | 'idle' | 'started' | 'mostThreads' | 'crashed' | 'lost'
>
