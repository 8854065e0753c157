import { type Clock, systemClock } from '@cupola/core'
import { requireClock, requireObject } from '@cupola/core/authoring'

/** Where a primitive takes its time from. */
export interface ClockOptions {
  /**
   * The clock for timeouts.
   *
   * @defaultValue `systemClock` of `@cupola/core`
   */
  readonly clock?: Clock | undefined
}

/** Reads the clock out of the options of a constructor, which nobody may have checked. */
export function clockOf(options: ClockOptions): Clock {
  requireObject('options', options)
  const { clock = systemClock } = options
  return requireClock('clock', clock)
}
