const SECOND_MS = 1000
/** More than any zone is from UTC, and less than there is between any two of its changes. */
const DAY_MS = 24 * 3_600_000

/** How far the local time of a zone is ahead of UTC, in milliseconds. */
export class ZoneOffsets {
  readonly #format: Intl.DateTimeFormat

  /** @param timeZone - An IANA name; the machine's own zone if left out. */
  constructor(timeZone: string | undefined) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  /** The offset at a moment. */
  at(moment: number): number {
    const parts = new Map<string, number>()
    for (const { type, value } of this.#format.formatToParts(moment)) parts.set(type, Number(value))
    const part = (type: string): number => parts.get(type) ?? 0
    const local = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    )
    return local - Math.floor(moment / SECOND_MS) * SECOND_MS
  }

  /**
   * The moment at which clocks go forward past a local time, so that it does not exist; `undefined` if
   * it does. A whole day that was left out, as in Apia in 2011, is no day at all.
   *
   * @param local - In milliseconds since 1970, as if the zone were UTC.
   */
  endOfGap(local: number): number | undefined {
    const before = this.at(local - DAY_MS)
    const after = this.at(local + DAY_MS)
    if (after <= before || after - before >= DAY_MS) return undefined
    // By the offset before, that is too late; by the one after, too early.
    let [early, late] = [local - after, local - before]
    if (this.at(early) === after || this.at(late) === before) return undefined
    while (late - early > SECOND_MS) {
      const middle = early + Math.floor((late - early) / 2 / SECOND_MS) * SECOND_MS
      if (this.at(middle) === after) late = middle
      else early = middle
    }
    return late
  }
}
