/** What a sender says with each beat. */
export interface Beat<Meta = unknown> {
  readonly key: string
  /** The sender's session: higher for each start of it. */
  readonly epoch: number
  /** The number of the beat in its session, from 1 up. */
  readonly sequence: number
  /** How often it means to beat. */
  readonly periodMs?: number | undefined
  /** How long its main loop has not turned. */
  readonly blockedMs?: number | undefined
  /** What else it has to say. `undefined` leaves what it said before. */
  readonly meta?: Meta | undefined
}

/**
 * What became of a {@link Beat}: `registered`, it began a session; `ok`; `recovered`, the device had
 * been lost. Or why it was refused: `unknown`, nobody is to be registered by a beat; `stale`, its session
 * has been followed by another; `replayed`, its number is none that is still to come; `full`, there are
 * too many devices.
 */
export type BeatOutcome =
  | 'full'
  | 'ok'
  | 'recovered'
  | 'registered'
  | 'replayed'
  | 'stale'
  | 'unknown'
