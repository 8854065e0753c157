import type { Clock, Timer } from '@cupola/core'
import { requireDuration, requireInteger, requireObject } from '@cupola/core/authoring'
import type { WorkerThread } from '@cupola/interruptible-worker/authoring'
import type { Tenure } from './tenure.ts'

/**
 * When a thread is replaced by a new one, whatever comes first. It ends after the call it is running.
 *
 * A thread goes up to a fifth before its limit of calls or age, each a little differently, so that
 * those started together do not all go together; and while there is more than one to replace, the
 * next has to wait until the last one's successor has loaded the module.
 */
export interface RecycleOptions {
  /**
   * When it has done so many calls, from 1 up. It never begins one more.
   *
   * @defaultValue Infinity
   */
  readonly calls?: number | undefined
  /**
   * When it was started so many milliseconds ago.
   *
   * @defaultValue Infinity
   */
  readonly ageMs?: number | undefined
  /**
   * When its JavaScript heap holds so many bytes between two calls, garbage included. It is looked
   * at about once a second while there are calls. What one call may allocate is limited by the
   * `resourceLimits` of `workerOptions`.
   *
   * @defaultValue Infinity
   */
  readonly heapBytes?: number | undefined
}

/** Which limit of {@link RecycleOptions} a thread has reached. */
export type RecycleReason = 'calls' | 'age' | 'heap'

/** How often the heap of a thread is looked at. */
const MEASURE_EVERY_MS = 1000

/** By what part of its limit a thread may go early. */
const EARLY = 0.2

/** What is left over of the golden ratio: its multiples, modulo 1, fill the line evenly. */
const GOLDEN = (Math.sqrt(5) - 1) / 2

/** Knows which threads have served long enough. */
export class Recycling {
  /** No thread may do more. */
  readonly calls: number
  readonly #ageMs: number
  readonly #heapBytes: number
  readonly #clock: Clock
  #timer: Timer | undefined

  constructor(
    { calls = Infinity, ageMs = Infinity, heapBytes = Infinity }: RecycleOptions,
    clock: Clock,
  ) {
    this.calls = requireInteger('recycle.calls', calls, 1, Infinity)
    this.#ageMs = requireDuration('recycle.ageMs', ageMs)
    this.#heapBytes = requireInteger('recycle.heapBytes', heapBytes, 1, Infinity)
    this.#clock = clock
  }

  /** @throws TypeError or RangeError If that is not what {@link RecycleOptions} says. */
  static from(options: RecycleOptions | undefined, clock: Clock): Recycling | undefined {
    if (options === undefined) return undefined
    requireObject('recycle', options)
    return new Recycling(options, clock)
  }

  /** Which limit the thread has reached, or nearly, if it has. */
  reasonFor(thread: WorkerThread, tenure: Tenure): RecycleReason | undefined {
    if (thread.callsDone >= Math.ceil(this.calls * (1 - earlyPart(tenure)))) return 'calls'
    if (this.#leftMs(tenure) <= 0) return 'age'
    if ((tenure.heapBytes ?? 0) >= this.#heapBytes) return 'heap'
    return undefined
  }

  /** Whether the thread may do no further call. */
  isSpent(thread: WorkerThread): boolean {
    return thread.callsDone >= this.calls
  }

  /** Looks at the heap of a thread that has done calls, unless it has just been looked at. */
  measure(thread: WorkerThread, tenure: Tenure, onMeasured: () => void): void {
    if (this.#heapBytes === Infinity) return
    const now = this.#clock.now()
    if (now - tenure.measuredAt < MEASURE_EVERY_MS) return
    tenure.measuredAt = now
    void thread.measureHeap().then((heapBytes) => {
      tenure.heapBytes = heapBytes
      onMeasured()
    })
  }

  /**
   * Calls `onDue` when the next of them may have reached its age. One timer for all: one that is
   * started later comes of age later, and one that has gone is found out when the timer fires.
   */
  watchAges(tenures: Iterable<Tenure>, onDue: () => void): void {
    if (this.#ageMs === Infinity || this.#timer !== undefined) return
    const waits = [...tenures].map((tenure) => this.#leftMs(tenure)).filter((leftMs) => leftMs > 0)
    if (waits.length === 0) return
    const due = () => {
      this.#timer = undefined
      onDue()
    }
    this.#timer = this.#clock.setTimer(due, Math.min(...waits))
    this.#timer.unref()
  }

  /** Leaves no timer. */
  close(): void {
    this.#timer?.cancel()
  }

  #leftMs(tenure: Tenure): number {
    return tenure.startedAt + this.#ageMs * (1 - earlyPart(tenure)) - this.#clock.now()
  }
}

/** Not at random: what happens once happens again. */
function earlyPart({ order }: Tenure): number {
  return EARLY * (((order + 1) * GOLDEN) % 1)
}
