import { requireDuration, requireInteger } from '@cupola/core/authoring'
import type { TaskOptions } from './task-options.ts'

/**
 * What becomes of a moment that comes while the run before it is not over: nothing, a run after that
 * one (however many such moments there are), or a run beside it.
 */
export type Overlap = 'skip' | 'queue' | 'parallel'

/**
 * What becomes of moments that were missed, because the machine was suspended, the event loop was
 * busy or the clock was set forward: nothing, one run for all of them, or one for each, but no more
 * than so many.
 */
export type Missed = 'skip' | 'once' | { readonly upTo: number }

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
   * A moment is missed when so many milliseconds have passed since; before that, a run is late, and
   * made. More than 0.
   *
   * @defaultValue 60_000, or the time to the next moment if that is less
   */
  readonly missedAfterMs?: number | undefined
  /**
   * After so many runs there is no other, from 1 up.
   *
   * @defaultValue Infinity
   */
  readonly maxRuns?: number | undefined
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
  /** `undefined`: until the next moment, and a minute at most. */
  readonly missedAfterMs: number | undefined
  readonly maxRuns: number
  readonly stopsOnError: boolean
}

/** @throws TypeError or RangeError If that is not what {@link RepeatOptions} says. */
export function repetitionOf(options: RepeatOptions<readonly unknown[]>): Repetition {
  const { overlap = 'skip', missed = 'skip', missedAfterMs, maxRuns = Infinity } = options
  const { onError = 'continue' } = options
  requireOneOf('overlap', overlap, ['skip', 'queue', 'parallel'])
  requireOneOf('onError', onError, ['continue', 'stop'])
  if (missedAfterMs !== undefined && requireDuration('missedAfterMs', missedAfterMs) === 0) {
    throw new RangeError('Cannot use missedAfterMs: got 0, expected milliseconds above 0')
  }
  return {
    overlap,
    makesUp: madeUp(missed),
    missedAfterMs,
    maxRuns: requireInteger('maxRuns', maxRuns, 1, Infinity),
    stopsOnError: onError === 'stop',
  }
}

function madeUp(missed: Missed): number {
  if (typeof missed === 'object' && missed !== null) {
    return requireInteger('missed.upTo', missed.upTo, 0, Number.MAX_SAFE_INTEGER)
  }
  requireOneOf('missed', missed, ['skip', 'once'])
  return missed === 'once' ? 1 : 0
}

/**
 * Checks an option that is one of a few words.
 *
 * @throws RangeError If it is none of them.
 */
export function requireOneOf(name: string, value: unknown, known: readonly string[]): void {
  if (known.some((each) => each === value)) return
  const words = known.map((each) => `'${each}'`).join(', ')
  throw new RangeError(`Cannot use ${name}: got ${String(value)}, expected one of ${words}`)
}
