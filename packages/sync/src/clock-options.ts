import type { Clock } from '@cupola/core'

/** Where a primitive takes its time from. */
export interface ClockOptions {
  /**
   * Whose milliseconds a `timeout` counts.
   *
   * @defaultValue `systemClock` of `@cupola/core`
   */
  readonly clock?: Clock | undefined
}
