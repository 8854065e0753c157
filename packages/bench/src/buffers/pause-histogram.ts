import type { Pauses } from './cell.ts'

/** Each bucket is 4.4 % wider than the one before. */
const BUCKETS_PER_DOUBLING = 16
/** From a nanosecond to 17 minutes. */
const DOUBLINGS = 40

/** Durations in buckets, so that writing one down allocates nothing and disturbs nothing. */
export class PauseHistogram {
  readonly counts: Float64Array = new Float64Array(BUCKETS_PER_DOUBLING * DOUBLINGS)
  /** The longest, exactly. */
  worstMs = 0

  add(ms: number): void {
    if (ms > this.worstMs) this.worstMs = ms
    const bucket = Math.max(0, Math.floor(Math.log2(ms * 1e6) * BUCKETS_PER_DOUBLING))
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
  }

  /** Forgets all. */
  clear(): void {
    this.counts.fill(0)
    this.worstMs = 0
  }

  /** Adds what another thread has seen. */
  merge({ counts, worstMs }: Pick<PauseHistogram, 'counts' | 'worstMs'>): void {
    for (const [bucket, count] of counts.entries()) {
      this.counts[bucket] = (this.counts[bucket] ?? 0) + count
    }
    this.worstMs = Math.max(this.worstMs, worstMs)
  }

  /** In microseconds; all but the worst are the upper ends of their buckets. */
  pausesUs(): Pauses {
    return {
      p50: this.#quantileUs(0.5),
      p90: this.#quantileUs(0.9),
      p99: this.#quantileUs(0.99),
      p999: this.#quantileUs(0.999),
      worst: this.worstMs * 1000,
    }
  }

  #quantileUs(share: number): number {
    const all = this.counts.reduce((sum, count) => sum + count, 0)
    let below = 0
    for (const [bucket, count] of this.counts.entries()) {
      below += count
      if (below >= share * all && count > 0) {
        return Math.min(2 ** ((bucket + 1) / BUCKETS_PER_DOUBLING) / 1000, this.worstMs * 1000)
      }
    }
    return 0
  }
}
