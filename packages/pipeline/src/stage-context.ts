/** What each function of a pipeline gets beside its item. */
export interface StageContext {
  /**
   * Aborts when the run ends before its time: with the failure that ended it, with the reason of
   * the caller's own signal, or with an `AbortError` when an iteration was left. The run waits for
   * all functions it has begun, so one that takes long should heed it.
   */
  readonly signal: AbortSignal
}
