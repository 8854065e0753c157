import { type Clock, systemClock } from '@cupola/core'
import {
  requireBoolean,
  requireClock,
  requireDuration,
  requireFunction,
  requireInteger,
  requireObject,
} from '@cupola/core/authoring'
import { deadline } from './deadline.ts'
import type { Detector } from './detector.ts'
import type { MassLossOptions } from './mass-loss-guard.ts'
import { requireAtLeast, requirePositive } from './require-positive.ts'

/** How a `HeartbeatMonitor` judges. */
export interface HeartbeatMonitorOptions {
  /** The limit of silence in milliseconds, above 0. */
  readonly lostAfterMs: number
  /**
   * Decides how much silence is too much.
   *
   * @defaultValue `deadline()`: the limit
   */
  readonly detector?: Detector | undefined
  /**
   * How often the monitor looks, which is how much later than its limit a loss is told at most. From 1 up.
   *
   * @defaultValue a tenth of the limit, from 1 ms to 1 s
   */
  readonly sweepMs?: number | undefined
  /**
   * Whether lost devices are remembered after they were taken, until `cleanupLost()`.
   *
   * @defaultValue false
   */
  readonly keepLost?: boolean | undefined
  /**
   * How many lost devices are remembered. The first to be lost are forgotten first.
   *
   * @defaultValue 100000
   */
  readonly maxLost?: number | undefined
  /**
   * How many devices beats may register, the lost included. `activate()` is not limited.
   *
   * @defaultValue 1000000
   */
  readonly maxDevices?: number | undefined
  /**
   * How long a device's main loop may stand still until it is busy.
   *
   * @defaultValue half the limit
   */
  readonly busyAfterMs?: number | undefined
  /**
   * How late a sweep may be until the monitor takes itself to have been paused, and counts everybody's
   * silence from then on.
   *
   * @defaultValue a quarter of the limit, 10 ms at least
   */
  readonly pauseToleranceMs?: number | undefined
  /**
   * When too many are silent at once to be believed; `false` believes everything.
   *
   * @defaultValue `{ share: 0.15, atLeast: 10, holdMs: 60000 }`
   */
  readonly massLoss?: MassLossOptions | false | undefined
  /**
   * Whose time counts.
   *
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock | undefined
}

/** No timer is finer. A sweep that is due again at once would leave the event loop no time for beats. */
const LEAST_SWEEP_MS = 1

/** Timers are late by some milliseconds on a machine where nothing is wrong. */
const LEAST_TOLERANCE_MS = 10

/** The same, complete and checked. What depends on the limit is a function of it. */
export interface MonitorSettings {
  readonly lostAfterMs: number
  readonly detector: Detector
  readonly sweepMs: number
  readonly keepLost: boolean
  readonly maxLost: number
  readonly maxDevices: number
  readonly busyAfterMs: (lostAfterMs: number) => number
  readonly pauseToleranceMs: (lostAfterMs: number) => number
  readonly massLoss: MassLossOptions | false
  readonly clock: Clock
}

/**
 * @throws TypeError If an option has the wrong type.
 * @throws RangeError If a number is out of its range.
 */
export function settingsOf(options: HeartbeatMonitorOptions): MonitorSettings {
  requireObject('options', options)
  const { lostAfterMs, detector = deadline(), keepLost = false, massLoss = {} } = options
  requirePositive('lostAfterMs', lostAfterMs)
  const {
    sweepMs = Math.min(1000, Math.max(LEAST_SWEEP_MS, lostAfterMs / 10)),
    clock = systemClock,
  } = options
  const { maxLost = 100_000, maxDevices = 1_000_000, busyAfterMs, pauseToleranceMs } = options
  requireObject('detector', detector)
  requireFunction('detector.judge', Reflect.get(detector, 'judge'))
  return {
    lostAfterMs,
    detector,
    sweepMs: requireAtLeast('sweepMs', sweepMs, LEAST_SWEEP_MS),
    keepLost: requireBoolean('keepLost', keepLost),
    maxLost: requireInteger('maxLost', maxLost, 1, Infinity),
    maxDevices: requireInteger('maxDevices', maxDevices, 1, Infinity),
    busyAfterMs: fixedOr('busyAfterMs', busyAfterMs, (limitMs) => limitMs / 2),
    pauseToleranceMs: fixedOr('pauseToleranceMs', pauseToleranceMs, (limitMs) =>
      Math.max(LEAST_TOLERANCE_MS, limitMs / 4),
    ),
    massLoss,
    clock: requireClock('clock', clock),
  }
}

function fixedOr(
  name: string,
  fixed: number | undefined,
  byLimit: (lostAfterMs: number) => number,
): (lostAfterMs: number) => number {
  if (fixed === undefined) return byLimit
  requireDuration(name, fixed)
  return () => fixed
}
