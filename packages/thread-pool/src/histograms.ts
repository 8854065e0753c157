import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

/** How long something took, over all calls since the pool was made. Milliseconds. */
export interface DurationSummary {
  /** How many were measured. */
  readonly count: number
  /** Their mean. */
  readonly meanMs: number
  /** Half of them took no longer. */
  readonly p50Ms: number
  /** 90 % took no longer. */
  readonly p90Ms: number
  /** 99 % took no longer. */
  readonly p99Ms: number
  /** None took longer. */
  readonly maxMs: number
}

/** Where the time of the calls goes. The two together are what the callers saw. */
export interface CallDurations {
  /**
   * From the turn in which a call was made to its answer, without the time it ran: queues, and both
   * messages.
   */
  readonly wait: DurationSummary
  /** From the beginning of the function to its end, or to the settling of its promise. */
  readonly run: DurationSummary
}

/** A histogram counts whole numbers: microseconds. */
const UNITS_PER_MS = 1000

/** Collects how long calls wait and run. */
export class Histograms {
  readonly #wait = createHistogram()
  readonly #run = createHistogram()

  /** A call is over. */
  record(waitedMs: number, tookMs: number): void {
    this.#wait.record(unitsOf(waitedMs))
    this.#run.record(unitsOf(tookMs))
  }

  /** All of it, in few numbers. */
  summarize(): CallDurations {
    return Object.freeze({ wait: summaryOf(this.#wait), run: summaryOf(this.#run) })
  }
}

/** At least one: a histogram has no place for 0. */
function unitsOf(milliseconds: number): number {
  return Math.max(Math.round(milliseconds * UNITS_PER_MS), 1)
}

function summaryOf(histogram: RecordableHistogram): DurationSummary {
  const { count } = histogram
  const at = (percentile: number) => (count === 0 ? 0 : histogram.percentile(percentile))
  return Object.freeze({
    count,
    meanMs: count === 0 ? 0 : histogram.mean / UNITS_PER_MS,
    p50Ms: at(50) / UNITS_PER_MS,
    p90Ms: at(90) / UNITS_PER_MS,
    p99Ms: at(99) / UNITS_PER_MS,
    maxMs: at(100) / UNITS_PER_MS,
  })
}
