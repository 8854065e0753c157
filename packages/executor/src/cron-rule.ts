import { Cron, type CronOptions } from 'croner'
import type { Schedule } from './schedules.ts'

/** A cron rule, in a time zone. What it means is croner's; that it always goes forward is ours. */
export class CronRule implements Schedule {
  readonly isCalendar = true
  readonly countsFromEnd = false
  readonly isEndless = true
  readonly #cron: Cron

  /**
   * @param rule - Five fields, or six with seconds first; or a nickname such as `@daily`.
   * @param timeZone - An IANA name; the machine's own zone if left out.
   * @throws TypeError If the rule is no such text, or the zone is unknown.
   * @throws RangeError If a field of the rule is out of its range, or no moment after `now` fits it.
   */
  constructor(rule: string, timeZone: string | undefined, now: number) {
    if (typeof rule !== 'string') {
      throw new TypeError(`Cannot use rule: got ${typeof rule}, expected a string`)
    }
    if (timeZone !== undefined) requireTimeZone(timeZone)
    this.#cron = parse(rule, timeZone)
    if (this.after(now) === undefined) {
      throw new RangeError(`Cannot use rule: no moment to come fits "${rule}"`)
    }
  }

  after(moment: number): number | undefined {
    const next = this.#cron.nextRun(new Date(moment))?.getTime()
    if (next === undefined || next > moment) return next
    // Never seen; but a rule that stood still would run without end.
    return this.after(moment + 1000)
  }

  movedTo(): Schedule {
    return this
  }
}

function parse(rule: string, timeZone: string | undefined): Cron {
  const text = rule.trim()
  const cron = readRule(text, {
    ...(timeZone && { timezone: timeZone }),
    // With a seventh field there would be years, and an end.
    mode: text.startsWith('@') ? 'auto' : '5-or-6-parts',
  })
  // croner takes a date for a rule as well: `at()` is for those.
  if (cron.getOnce() === null) return cron
  throw new TypeError(`Cannot use rule "${rule}": got a date, expected a cron rule`)
}

function readRule(rule: string, options: CronOptions): Cron {
  try {
    return new Cron(rule, options)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    const BadRule = error instanceof RangeError ? RangeError : TypeError
    throw new BadRule(`Cannot use rule "${rule}": ${problem}`, { cause: error })
  }
}

function requireTimeZone(timeZone: string): void {
  try {
    Intl.DateTimeFormat('en', { timeZone })
  } catch (error) {
    throw new TypeError(`Cannot use timeZone: got ${String(timeZone)}, expected an IANA name`, {
      cause: error,
    })
  }
}
