import { requireString } from '@cupola/core/authoring'
import { Cron, type CronOptions } from 'croner'
import type { Schedule } from './schedules.ts'
import { ZoneOffsets } from './zone-offsets.ts'

/** croner takes some 20 µs to find the next: nobody shall wait for a day of seconds to be counted. */
const MOST_COUNTED = 1000

/**
 * A cron rule, in a time zone. What it means is croner's; that it always goes forward is ours, and so
 * is that no day is left out. croner 11.0.1 does so where the end of a day does not exist, as in Nuuk
 * in March: it looks for the time it has moved to in the rule of the next day.
 */
export class CronRule implements Schedule {
  readonly isCalendar = true
  readonly countsFromEnd = false
  readonly isEndless = true
  readonly #cron: Cron
  /** The same without a zone, and the zone: for a rule of one time of the day. */
  readonly #daily: { readonly cron: Cron; readonly offsets: ZoneOffsets } | undefined

  /**
   * @param rule - Five fields, or six with seconds first; or a nickname such as `@daily`.
   * @param timeZone - An IANA name; the machine's own zone if left out.
   * @throws TypeError If the rule is no such text, or the zone is unknown.
   * @throws RangeError If a field of the rule is out of its range, or no moment after `now` fits it.
   */
  constructor(rule: string, timeZone: string | undefined, now: number) {
    requireString('rule', rule)
    if (timeZone !== undefined) requireTimeZone(timeZone)
    this.#cron = parse(rule, timeZone)
    if (ONE_TIME_OF_DAY.test(rule.trim())) {
      this.#daily = { cron: parse(rule, 'UTC'), offsets: new ZoneOffsets(timeZone) }
    }
    if (this.after(now) === undefined) {
      throw new RangeError(`Cannot use rule: no moment to come fits "${rule}"`)
    }
  }

  after(moment: number): number | undefined {
    const next = this.#cron.nextRun(new Date(moment))?.getTime()
    // Never seen; but a rule that stood still would run without end.
    if (next !== undefined && next <= moment) return this.after(moment + 1000)
    const instead = this.#insteadOfNone(moment)
    return instead === undefined ? next : Math.min(instead, next ?? Infinity)
  }

  count(first: number, last: number): number {
    let count = 0
    let each: number | undefined = first
    while (each !== undefined && each <= last && count < MOST_COUNTED) {
      count++
      each = this.after(each)
    }
    return count
  }

  movedTo(): Schedule {
    return this
  }

  /** The first valid moment after the time of day to come, if that one does not exist. */
  #insteadOfNone(moment: number): number | undefined {
    if (this.#daily === undefined) return undefined
    const { cron, offsets } = this.#daily
    const local = cron.nextRun(new Date(moment + offsets.at(moment)))?.getTime()
    return local === undefined ? undefined : offsets.endOfGap(local)
  }
}

/** Numbers for minute and hour, and for seconds if they are there; or a nickname of such a rule. */
const ONE_TIME_OF_DAY = /^(\d+ +\d+( +\d+)?( +\S+){3}|@(yearly|annually|monthly|weekly|daily))$/i

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
