import { requireInteger, requireObject } from '@cupola/core/authoring'
import { CronRule } from './cron-rule.ts'
import { momentOf } from './moment-of.ts'

/** Of which zone, and from when on, {@link nextRuns} tells. */
export interface NextRunsOptions {
  /**
   * The IANA name of the time zone that the rule is written in.
   *
   * @defaultValue the machine's own
   */
  readonly timeZone?: string | undefined
  /**
   * Only moments after this one count; a number is milliseconds since 1970 UTC.
   *
   * @defaultValue now
   */
  readonly after?: Date | number | undefined
}

/**
 * The moments at which `Executor.cron()` runs by a rule, for those who show a rule to somebody, or
 * check one that somebody wrote.
 *
 * @param rule - As for `Executor.cron()`.
 * @param count - How many, from 0 up. There are fewer if there are no more to come.
 * @param options - In which zone, and from when on.
 * @throws TypeError If an argument has the wrong type, the rule cannot be read, or there is no such zone.
 * @throws RangeError If a field or a number is out of its range, or no moment to come fits the rule.
 *
 * @example Where clocks go forward
 * ```ts
 * import { nextRuns } from '@cupola/executor'
 *
 * const options = { timeZone: 'Europe/Berlin', after: Date.UTC(2026, 2, 28, 12) }
 * const dates = nextRuns('30 2 * * *', 2, options)
 * dates.map((date) => date.toISOString()) // => ['2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z']
 * ```
 */
export function nextRuns(rule: string, count: number, options: NextRunsOptions = {}): Date[] {
  requireObject('options', options)
  requireInteger('count', count, 0, Number.MAX_SAFE_INTEGER)
  const { timeZone, after = Date.now() } = options
  const moment = momentOf('after', after)
  const schedule = new CronRule(rule, timeZone, moment)
  const dates: Date[] = []
  let each = schedule.after(moment)
  for (; each !== undefined && dates.length < count; each = schedule.after(each)) {
    dates.push(new Date(each))
  }
  return dates
}
