import { type Clock, systemClock } from '@cupola/core'
import {
  requireBoolean,
  requireClock,
  requireFunction,
  requireInteger,
  requireObject,
} from '@cupola/core/authoring'
import { LARGEST_EPOCH } from './beat.ts'
import type { Rhythm } from './beat-loop.ts'
import { requireKey } from './require-key.ts'
import { requirePositive } from './require-positive.ts'
import { requireSecret } from './require-secret.ts'
import { isPortable, requireSenderRoute, type SenderRoute } from './transports/route.ts'

/** How a `HeartbeatSender` beats, and whereto. */
export interface HeartbeatSenderOptions {
  /** Who it is. */
  readonly key: string
  /** The limit of the monitor that listens. */
  readonly lostAfterMs: number
  /** Which way its messages go. */
  readonly route: SenderRoute
  /**
   * What it says of itself with each beat: anything that JSON can hold.
   *
   * @defaultValue nothing
   */
  readonly meta?: (() => unknown) | undefined
  /**
   * What it signs its messages with, and the inbox knows.
   *
   * @defaultValue they are not signed
   */
  readonly secret?: string | Uint8Array | undefined
  /**
   * Its session, which must be higher than that of whoever had the key before: one that starts after the
   * wall clock was set back is refused as `stale`. Whoever fears that counts starts, and keeps the count.
   *
   * @defaultValue the wall clock's milliseconds
   */
  readonly epoch?: number | undefined
  /**
   * The longest time from one beat to the next, at most a third of the limit.
   *
   * @defaultValue a third of the limit
   */
  readonly periodMs?: number | undefined
  /**
   * Which part of a period chance may cut off, so that a thousand that start together do not beat
   * together.
   *
   * @defaultValue 0.2
   */
  readonly jitter?: number | undefined
  /**
   * How long one call may take, at most a period.
   *
   * @defaultValue the period
   */
  readonly timeout?: number | undefined
  /**
   * After how long without success it tells that it is silent.
   *
   * @defaultValue the limit
   */
  readonly silentAfterMs?: number | undefined
  /**
   * Whether it beats in a thread of its own, which goes on while this one is blocked, and says for how
   * long it has been.
   *
   * @defaultValue false
   */
  readonly thread?: boolean | undefined
  /**
   * Whose time counts. Not with `thread`.
   *
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock | undefined
}

/** The same, complete and checked. */
export interface SenderSettings {
  readonly key: string
  readonly route: SenderRoute
  readonly meta: (() => unknown) | undefined
  readonly secret: string | Uint8Array | undefined
  readonly epoch: number
  readonly rhythm: Rhythm
  readonly thread: boolean
  readonly clock: Clock
}

/**
 * @throws TypeError If an option has the wrong type.
 * @throws RangeError If a number is out of its range.
 */
export function senderSettingsOf(options: HeartbeatSenderOptions): SenderSettings {
  requireObject('options', options)
  const { key, route, meta, secret, thread = false, clock = systemClock } = options
  requireKey(key)
  requireSenderRoute(route)
  if (meta !== undefined) requireFunction('meta', meta)
  requireSecret(secret)
  requireClock('clock', clock)
  if (requireBoolean('thread', thread)) requireThreadable(options)
  const { epoch = Math.max(1, Math.trunc(clock.wall())) } = options
  requireInteger('epoch', epoch, 1, LARGEST_EPOCH)
  const rhythm = rhythmOf(options)
  return { key, route, meta, secret, epoch, rhythm, thread, clock }
}

function rhythmOf(options: HeartbeatSenderOptions): Rhythm {
  const { lostAfterMs, jitter = 0.2 } = options
  const { periodMs = requirePositive('lostAfterMs', lostAfterMs) / 3 } = options
  const { timeout = periodMs, silentAfterMs = lostAfterMs } = options
  requireUpTo('periodMs', periodMs, lostAfterMs / 3)
  requireUpTo('timeout', timeout, periodMs)
  requirePositive('silentAfterMs', silentAfterMs)
  if (jitter !== 0) requireUpTo('jitter', jitter, 1)
  return { periodMs, jitter, timeoutMs: timeout, silentAfterMs }
}

/** Three beats a limit: one may be lost, and one be late. */
function requireUpTo(name: string, value: number, most: number): void {
  if (requirePositive(name, value) <= most) return
  throw new RangeError(`Cannot use ${name}: got ${value}, expected at most ${most}`)
}

function requireThreadable({ route, clock }: HeartbeatSenderOptions): void {
  if (!isPortable(route)) {
    throw new TypeError('Cannot use route: a thread of its own has only tcp, udp, http and port')
  }
  if (clock !== undefined && clock !== systemClock) {
    throw new TypeError("Cannot use clock: a thread of its own has the machine's")
  }
}
