import { requireDuration, requireObject } from '@cupola/core/authoring'

/**
 * How running code is ended: what is tried, and for how long before the next thing is.
 *
 * The code's `signal` aborts at once. Its checkpoints raise from `signalMs` on. When it has not
 * ended `checkpointMs` later, its execution is terminated. When that has not worked after
 * `executionMs`, or cannot, the thread is terminated. If it has not ended after `threadMs`, it is
 * counted as lost.
 */
export interface InterruptionOptions {
  /**
   * Milliseconds between the abort of the task's signal and the first checkpoint that raises.
   *
   * @defaultValue 0
   */
  readonly signalMs?: number | undefined
  /**
   * Milliseconds that the code has, from then on, to end by itself.
   *
   * @defaultValue 50
   */
  readonly checkpointMs?: number | undefined
  /**
   * Milliseconds that the termination of its execution may take, before the thread is given up.
   *
   * @defaultValue 500
   */
  readonly executionMs?: number | undefined
  /**
   * Milliseconds that the termination of the thread may take, before it is counted as lost.
   *
   * @defaultValue 1000
   */
  readonly threadMs?: number | undefined
  /**
   * Milliseconds that an uninterruptible section may hold all this up. Then the thread is given up
   * nevertheless.
   *
   * @defaultValue 5000
   */
  readonly maskedMs?: number | undefined
  /**
   * Whether to replace the thread rather than to terminate the execution inside it: for code whose
   * half-done work would be worse than the loss of the thread.
   *
   * @defaultValue false
   */
  readonly replaceThread?: boolean | undefined
}

/** {@link InterruptionOptions} with every one given. */
export type InterruptionPlan = {
  readonly [Name in keyof InterruptionOptions]-?: NonNullable<InterruptionOptions[Name]>
}

/**
 * Fills in what is not given.
 *
 * @throws TypeError If an option has the wrong type.
 * @throws RangeError If a duration is negative or `NaN`.
 */
export function planInterruption(
  options: InterruptionOptions,
  defaults: Partial<InterruptionPlan> = {},
): InterruptionPlan {
  requireObject('interruption', options)
  const {
    signalMs = defaults.signalMs ?? 0,
    checkpointMs = defaults.checkpointMs ?? 50,
    executionMs = defaults.executionMs ?? 500,
    threadMs = defaults.threadMs ?? 1000,
    maskedMs = defaults.maskedMs ?? 5000,
    replaceThread = defaults.replaceThread ?? false,
  } = options
  const durations = { signalMs, checkpointMs, executionMs, threadMs, maskedMs }
  for (const [name, value] of Object.entries(durations)) requireDuration(name, value)
  return { ...durations, replaceThread }
}
