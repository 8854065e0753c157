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
 * too many devices; `malformed`, it is none.
 */
export type BeatOutcome =
  | 'full'
  | 'malformed'
  | 'ok'
  | 'recovered'
  | 'registered'
  | 'replayed'
  | 'stale'
  | 'unknown'

/** Leaves numbers above it for the sessions that follow: after the largest integer there is no next. */
export const LARGEST_EPOCH: number = 2 ** 52

/** Whether it is a beat, but for its `meta`, which may be anything. */
export function isBeat(value: unknown): value is Beat {
  if (typeof value !== 'object' || value === null) return false
  // All that a beat has, each of which may be anything yet.
  const { key, epoch, sequence, periodMs, blockedMs }: Partial<Record<keyof Beat, unknown>> = value
  return (
    typeof key === 'string' &&
    key !== '' &&
    isCount(epoch) &&
    epoch <= LARGEST_EPOCH &&
    isCount(sequence) &&
    isOptionalDuration(periodMs, Number.MIN_VALUE) &&
    isOptionalDuration(blockedMs, 0)
  )
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
}

function isOptionalDuration(value: unknown, least: number): boolean {
  return value === undefined || (typeof value === 'number' && value >= least && value < Infinity)
}
