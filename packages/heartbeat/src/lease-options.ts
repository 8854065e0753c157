import { type Clock, systemClock } from '@cupola/core'
import {
  requireClock,
  requireDuration,
  requireFunction,
  requireObject,
} from '@cupola/core/authoring'
import { requirePositive } from './require-positive.ts'

/** How a lease is held. */
export interface HolderLeaseOptions<Token> {
  /** How long the store grants it, in milliseconds. */
  readonly ttlMs: number
  /**
   * How much earlier than the store the holder takes it to be over: for clocks that do not run equally
   * fast, and for what is on its way to the resource.
   *
   * @defaultValue a tenth of `ttlMs`
   */
  readonly marginMs?: number | undefined
  /**
   * How often it is prolonged, and how long one try may take.
   *
   * @defaultValue a third of `ttlMs`
   */
  readonly renewEveryMs?: number | undefined
  /**
   * Gives it back, when it is closed while it is held, or granted when nobody waits for it any more.
   *
   * @defaultValue it runs out
   */
  readonly release?: ((token: Token) => Promise<void>) | undefined
  /**
   * Whose time counts.
   *
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock | undefined
  /**
   * Milliseconds of a clock that also runs while the machine sleeps.
   *
   * @defaultValue the machine's uptime; with a `clock` of your own, that clock
   */
  readonly uptimeMs?: (() => number) | undefined
}

/** The same, complete and checked. */
export interface LeaseSettings<Token> {
  readonly ttlMs: number
  readonly marginMs: number
  readonly renewEveryMs: number
  readonly release: ((token: Token) => Promise<void>) | undefined
  readonly clock: Clock
  readonly uptimeMs: (() => number) | undefined
}

/**
 * @throws TypeError If an option has the wrong type.
 * @throws RangeError If a number is out of its range.
 */
export function leaseSettingsOf<Token>(options: HolderLeaseOptions<Token>): LeaseSettings<Token> {
  requireObject('options', options)
  const { ttlMs, release, clock = systemClock, uptimeMs } = options
  requirePositive('ttlMs', ttlMs)
  const { marginMs = ttlMs / 10, renewEveryMs = ttlMs / 3 } = options
  requireDuration('marginMs', marginMs)
  requirePositive('renewEveryMs', renewEveryMs)
  if (release !== undefined) requireFunction('release', release)
  if (uptimeMs !== undefined) requireFunction('uptimeMs', uptimeMs)
  requireClock('clock', clock)
  if (marginMs + renewEveryMs >= ttlMs) {
    throw new RangeError(
      `Cannot use ttlMs: got ${ttlMs}, expected more than marginMs and renewEveryMs together`,
    )
  }
  return { ttlMs, marginMs, renewEveryMs, release, clock, uptimeMs }
}
