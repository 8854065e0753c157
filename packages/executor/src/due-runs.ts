import type { Repetition } from './repetition.ts'
import type { Schedule } from './schedules.ts'

/**
 * Later than this and a moment is missed, unless it is told otherwise: long enough for a busy event
 * loop and a nap of the machine not to cost anybody a daily backup.
 */
const MISSED_AFTER_MS = 3_600_000

/** What there is to do when a moment of a schedule has come. */
export interface DueRuns {
  /** For how many moments a run is due, because they are not too late. */
  readonly onTime: number
  /** How many runs are due in place of moments that were missed. */
  readonly madeUp: number
  /** How many moments were missed. */
  readonly missed: number
  /** The next moment; `undefined` if there is none, or none before a run has ended. */
  readonly next: number | undefined
}

/**
 * What is due when the event loop comes to a moment at `now`. There may be millions of moments in
 * between, if the machine was suspended: so they are counted, not walked through.
 */
export function dueRuns(
  schedule: Schedule,
  { makesUp, missedAfterMs }: Repetition,
  moment: number,
  now: number,
): DueRuns {
  const next = schedule.countsFromEnd ? undefined : schedule.after(moment)
  const once = { onTime: 1, madeUp: 0, missed: 0, next }
  if (next === undefined) return once
  const afterMs = missedAfterMs ?? Math.min(MISSED_AFTER_MS, next - moment)
  if (next > now && now - moment < afterMs) return once
  const missed = schedule.count(moment, now - afterMs)
  const firstOnTime = missed === 0 ? moment : schedule.after(now - afterMs)
  const onTime = firstOnTime === undefined ? 0 : schedule.count(firstOnTime, now)
  const further = { missed, next: schedule.after(now) }
  if (missed === 0 || makesUp === 0) return { onTime, madeUp: 0, ...further }
  return { onTime: 0, madeUp: Math.min(makesUp, missed + onTime), ...further }
}
