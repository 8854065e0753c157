/** One contestant at one workload: what a process of its own measures. */
export interface Cell {
  readonly contestant: string
  readonly sizeBytes: number
  /** How many buffers are alive at a time, in each thread. */
  readonly alive: number
  readonly lives: Lives
  readonly threads: number
  readonly timing: Timing
}

/**
 * How many allocations a buffer lives. `equal`: each new one takes the place of the oldest, so as many
 * as are alive. `mixed`: seven of eight make way for the very next one, and the eighth lives eight times
 * as long as it would among equals, as with requests of which a few are slow.
 */
export type Lives = 'equal' | 'mixed'

/** How long to measure. */
export interface Timing {
  readonly warmUpMs: number
  /** Once for the rate and once more for the pauses. */
  readonly measureMs: number
}

/** What one process measured. */
export interface CellRound {
  readonly operationsPerSecond: number
  /** Of single operations. */
  readonly pausesUs: Pauses
  /** Milliseconds of garbage collection in a second of the loop. */
  readonly gcMsPerSecond: number
  readonly peakMiB: number
  /** When all buffers were given back and garbage is collected. */
  readonly finalMiB: number
  readonly memory: readonly (readonly [ms: number, mib: number])[]
}

/** How long operations took: so many of a hundred took no longer. */
export interface Pauses {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly worst: number
}
