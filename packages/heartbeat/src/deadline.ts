import { requireObject } from '@cupola/core/authoring'
import type { Detector, Judge, Terms } from './detector.ts'
import { requirePositive, requireShare } from './require-positive.ts'

/** When a fixed limit raises suspicion. */
export interface DeadlineOptions {
  /**
   * After which part of the limit a device is suspect.
   *
   * @defaultValue 0.5
   */
  readonly suspectShare?: number | undefined
}

/** How a device's missed beats are counted. */
export interface MissedBeatsOptions extends DeadlineOptions {
  /**
   * Milliseconds between two beats of a device that does not say itself.
   *
   * @defaultValue the monitor's limit, divided by the number of beats
   */
  readonly periodMs?: number | undefined
}

/**
 * A device is lost when it has been silent for the limit, `lostAfterMs`. Suspicion is the part of the
 * limit that has passed: 1 at the limit.
 *
 * @throws TypeError If an option has the wrong type.
 * @throws RangeError If `suspectShare` is not above 0 and up to 1.
 */
export function deadline(options: DeadlineOptions = {}): Detector {
  requireObject('options', options)
  const { suspectShare = 0.5 } = options
  requireShare('suspectShare', suspectShare)
  return { judge: (terms) => new FixedLimit(() => terms.lostAfterMs, 1, suspectShare) }
}

/**
 * A device is lost when it has missed so many beats in a row. Suspicion is how many it has missed.
 *
 * Who beats every second and is lost after three is lost after 3 seconds, who beats once an hour after
 * three hours, whatever `lostAfterMs` is: a sender says how often it beats.
 *
 * @param count - How many beats, from 1 up.
 * @throws TypeError If an argument has the wrong type.
 * @throws RangeError If a number is out of its range.
 */
export function missedBeats(count: number, options: MissedBeatsOptions = {}): Detector {
  requirePositive('count', count)
  requireObject('options', options)
  const { suspectShare = 0.5, periodMs } = options
  requireShare('suspectShare', suspectShare)
  if (periodMs !== undefined) requirePositive('periodMs', periodMs)
  const periodOf = (terms: Terms): number => terms.periodMs ?? periodMs ?? terms.lostAfterMs / count
  return { judge: (terms) => new FixedLimit(() => count * periodOf(terms), count, suspectShare) }
}

/** The same silence means the same for everybody. */
class FixedLimit implements Judge {
  readonly #limit: () => number
  readonly #suspicionAtLimit: number
  readonly #suspectShare: number

  constructor(limit: () => number, suspicionAtLimit: number, suspectShare: number) {
    this.#limit = limit
    this.#suspicionAtLimit = suspicionAtLimit
    this.#suspectShare = suspectShare
  }

  get lostAfterMs(): number {
    return this.#limit()
  }

  get suspectAfterMs(): number {
    return this.#limit() * this.#suspectShare
  }

  suspicion(silentMs: number): number {
    return (silentMs / this.#limit()) * this.#suspicionAtLimit
  }
}
