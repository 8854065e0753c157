/**
 * Where a device is in its life. Every state leads to forgotten, by `forget()`.
 *
 *   alive ◀──turns──▶ busy        its thread beats, its main loop does not turn
 *     │                 │
 *     └────silence──────┴──▶ suspect ──silence──▶ lost ──taken, cleaned──▶ forgotten
 *     ▲                         │                  │
 *     └──────────beat───────────┴───────beat───────┘
 */
export type DeviceState = 'alive' | 'busy' | 'suspect' | 'lost'

/** A device as it was at the moment of asking. */
export interface Device<Meta = unknown> {
  readonly key: string
  /** What its last beat, or whoever activated it, said of it. */
  readonly meta: Meta | undefined
  /** The session it is in: a number that is higher for a later one. */
  readonly epoch: number
  readonly state: DeviceState
  /** Milliseconds since its last beat. */
  readonly silentMs: number
  /** How suspicious its silence is, on the scale of the detector. */
  readonly suspicion: number
  /** How long it may be silent, as the detector sees it now. */
  readonly lostAfterMs: number
  /** How long its main loop had not turned when it last beat. */
  readonly blockedMs: number
}

/**
 * One life of a device, from its activation to the next of the same key. A beat of a session that has
 * been followed by another is refused.
 */
export interface Session<Meta = unknown> {
  readonly key: string
  readonly epoch: number
  /** The same as the monitor's `refresh(session, meta)`. */
  refresh(meta?: Meta): RefreshOutcome
}

/**
 * What became of a beat: `ok`; `recovered`, the device had been lost; `unknown`, there is no such
 * device; `stale`, its session has been followed by another.
 */
export type RefreshOutcome = 'ok' | 'recovered' | 'stale' | 'unknown'
