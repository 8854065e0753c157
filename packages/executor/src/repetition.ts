import { requireDuration, requireInteger, requireOneOf } from '@cupola/core/authoring'
import type { TaskOptions } from './task-options.ts'

/**
 * What becomes of a moment that comes while the run before it is not over: nothing, a run after that
 * one (however many such moments there are), or a run beside it.
 */
export type Overlap = 'skip' | 'queue' | 'parallel'

/**
 * What becomes of moments that were missed, because the machine was suspended, the event loop was
 * busy or the clock was set forward: nothing, one run for all of them, or what the options say. Runs
 * that are made up for wait for the one under way, whatever `overlap` says of others.
 */
export type Missed = 'skip' | 'once' | MissedOptions

/** Which moments are missed, and how many runs make up for them. */
export interface MissedOptions {
  /**
   * One run for each moment that was missed, but no more than so many, from 0 up.
   *
   * @defaultValue 0
   */
  readonly upTo?: number | undefined
  /**
   * A moment is missed when so many milliseconds have passed since; before that, a run is late, and
   * made. More than 0; with `Infinity`, none is ever missed.
   *
   * @defaultValue 3_600_000, or the time to the next moment if that is less
   */
  readonly afterMs?: number | undefined
}

/** How a task repeats, and how each of its runs is made. */
export interface RepeatOptions<
  Args extends readonly unknown[] = readonly [],
> extends TaskOptions<Args> {
  /**
   * What becomes of a moment that comes while the run before it is not over: see {@link Overlap}.
   *
   * @defaultValue 'skip'
   */
  readonly overlap?: Overlap | undefined
  /**
   * What becomes of moments that were missed: see {@link Missed}.
   *
   * @defaultValue 'skip'
   */
  readonly missed?: Missed | undefined
  /**
   * After so many runs there is no other, from 1 up.
   *
   * @defaultValue Infinity
   */
  readonly maxRuns?: number | undefined
  /**
   * Each run is later than its moment by up to so many milliseconds, by chance, so that many programs
   * with one schedule do not all run at once. Moments stay where they are: nothing drifts. Less than
   * the period.
   *
   * @defaultValue 0
   */
  readonly jitterMs?: number | undefined
  /**
   * Whether a run that fails, after all its `retries`, is the last.
   *
   * @defaultValue 'continue'
   */
  readonly onError?: 'continue' | 'stop' | undefined
}

/** How a task repeats, checked. */
export interface Repetition {
  readonly overlap: Overlap
  /** One run for each of so many missed moments. */
  readonly makesUp: number
  /** `undefined`: until the next moment, and an hour at most. */
  readonly missedAfterMs: number | undefined
  readonly maxRuns: number
  readonly jitterMs: number
  readonly stopsOnError: boolean
}

/**
 * @param periodMs - What is between two moments, if that is known.
 * @throws TypeError or RangeError If that is not what {@link RepeatOptions} says.
 */
export function repetitionOf(
  options: RepeatOptions<readonly unknown[]>,
  periodMs: number = Infinity,
): Repetition {
  const { overlap = 'skip', missed = 'skip', maxRuns = Infinity, onError = 'continue' } = options
  const { jitterMs = 0 } = options
  if (requireDuration('jitterMs', jitterMs) >= periodMs) {
    throw new RangeError(
      `Cannot use jitterMs: got ${jitterMs}, expected less than the period, which is ${periodMs}`,
    )
  }
  requireOneOf('overlap', overlap, ['skip', 'queue', 'parallel'])
  requireOneOf('onError', onError, ['continue', 'stop'])
  const { upTo = 0, afterMs } = missedOptions(missed)
  if (afterMs !== undefined && requireDuration('missed.afterMs', afterMs) === 0) {
    throw new RangeError('Cannot use missed.afterMs: got 0, expected milliseconds above 0')
  }
  return {
    overlap,
    makesUp: requireInteger('missed.upTo', upTo, 0, Number.MAX_SAFE_INTEGER),
    missedAfterMs: afterMs,
    maxRuns: requireInteger('maxRuns', maxRuns, 1, Infinity),
    jitterMs,
    stopsOnError: onError === 'stop',
  }
}

function missedOptions(missed: Missed): MissedOptions {
  if (typeof missed === 'object' && missed !== null) return missed
  requireOneOf('missed', missed, ['skip', 'once'])
  return { upTo: missed === 'once' ? 1 : 0 }
}
