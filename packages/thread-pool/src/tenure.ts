/** What a crew remembers of a thread until its body has ended. */
export interface Tenure {
  /** How many were started before it. */
  readonly order: number
  /** When it was started, by the pool's clock. */
  readonly startedAt: number
  /** What its heap held when it was last asked, and when that was. */
  heapBytes: number | undefined
  measuredAt: number
}
