/** How far a run is, or was when it ended. A frozen snapshot. */
export interface RunReport {
  /** Items read from the source. */
  readonly read: number
  /** Items that reached the end of the pipeline. */
  readonly items: number
  /** Milliseconds since the run began. */
  readonly elapsedMs: number
  /** One entry per stage, from the source down. */
  readonly stages: readonly StageReport[]
}

/** How far one stage is. `taken` is `done` and `inFlight` together, but for calls that failed. */
export interface StageReport {
  /** `map`, `filter`, `tap`, `batch`, `forEach`, or `via` and the function's name: `via hash`. */
  readonly name: string
  /** Items it took from the stage above. */
  readonly taken: number
  /** Items it is through with, handed on or dropped. */
  readonly done: number
  /** Items it is at work on: calls that have not settled, items of the batch being filled. */
  readonly inFlight: number
}
