/** What a detector is told of a device, or of all that have nothing of their own. */
export interface Terms {
  /** The limit of silence that was set. It may be another later. */
  readonly lostAfterMs: number
  /** How often the device says that it beats, `undefined` if it does not say. */
  readonly periodMs: number | undefined
}

/** Judges silence. */
export interface Judge {
  /** After so much silence a device is suspect; not more than {@link lostAfterMs}. */
  readonly suspectAfterMs: number
  /** After so much silence a device is lost. */
  readonly lostAfterMs: number
  /** How suspicious so much silence is: never less for more, and never `NaN`. */
  suspicion(silentMs: number): number
  /**
   * Takes notice of a beat that came so long after the one before. A judge that has it is asked about
   * one device only, one without is shared.
   */
  learn?(gapMs: number): void
}

/**
 * Decides how much silence is too much. `deadline()`, `missedBeats()` and `phiAccrual()` make one;
 * another is a function that makes a {@link Judge}.
 */
export interface Detector {
  /**
   * @param terms - To be read whenever it is needed: the limit may be changed.
   */
  judge(terms: Terms): Judge
}
