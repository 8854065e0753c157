// Answers to croner's suites of patterns, zones and impossible patterns, and to node-cron's clock
// change fuzz test: what they expect, written anew, seen through `Executor.cron()`.
import { VirtualClock } from '@cupola/core/testing'
import { Executor, type Missed, nextRuns } from '@cupola/executor'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

/** The next moments of a rule after a date: without waiting for them, which would take years. */
function moments(rule: string, timeZone: string, from: string, count: number) {
  const clock = new VirtualClock({ wall: Date.parse(from) })
  const executor = new Executor({ clock })
  return Array.from({ length: count }, () => {
    const task = executor.cron(rule, () => {}, { timeZone })
    const next = task.nextRun?.getTime() ?? 0
    task.cancel()
    clock.setWall(next)
    return new Date(next).toISOString().slice(0, 16)
  })
}

const NEW_YORK = 'America/New_York'

describe('Executor.cron() where clocks go forward', () => {
  it.each([
    [
      'runs at the first valid moment for a time that does not exist',
      '30 2 * * *',
      NEW_YORK,
      '2026-03-07T12:00Z',
      ['2026-03-08T07:00', '2026-03-09T06:30'],
    ],
    [
      'goes on every quarter of an hour, without a gap',
      '*/15 * * * *',
      NEW_YORK,
      '2026-03-08T06:40Z',
      ['2026-03-08T06:45', '2026-03-08T07:00', '2026-03-08T07:15'],
    ],
    [
      'runs every hour, in absolute time',
      '0 * * * *',
      NEW_YORK,
      '2026-03-08T05:30Z',
      ['2026-03-08T06:00', '2026-03-08T07:00', '2026-03-08T08:00'],
    ],
    [
      'keeps the time of day afterwards',
      '0 9 * * *',
      NEW_YORK,
      '2026-03-07T12:00Z',
      ['2026-03-07T14:00', '2026-03-08T13:00', '2026-03-09T13:00'],
    ],
    [
      'goes by half an hour on Lord Howe Island',
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T00:00Z',
      ['2026-10-03T15:30', '2026-10-04T15:15'],
    ],
    [
      'leaves out no day whose end does not exist',
      '30 23 * * *',
      'America/Nuuk',
      '2026-03-28T12:00Z',
      ['2026-03-29T01:00', '2026-03-30T00:30'],
    ],
    [
      'knows no midnight where clocks change then',
      '0 0 * * *',
      'America/Sao_Paulo',
      '2018-11-03T12:00Z',
      ['2018-11-04T03:00', '2018-11-05T02:00'],
    ],
  ])('%s', (_, rule, timeZone, from, expected) => {
    expect(moments(rule, timeZone, from, expected.length)).toEqual(expected)
  })
})

describe('Executor.cron() where clocks go back', () => {
  it.each([
    [
      'runs once for one time of the day',
      '30 1 * * *',
      NEW_YORK,
      '2026-10-31T12:00Z',
      ['2026-11-01T05:30', '2026-11-02T06:30'],
    ],
    [
      'runs each time for what is every so often',
      '*/30 * * * *',
      NEW_YORK,
      '2026-11-01T05:10Z',
      ['2026-11-01T05:30', '2026-11-01T06:00', '2026-11-01T06:30', '2026-11-01T07:00'],
    ],
    [
      'runs every hour, in absolute time',
      '0 * * * *',
      NEW_YORK,
      '2026-11-01T04:30Z',
      ['2026-11-01T05:00', '2026-11-01T06:00', '2026-11-01T07:00'],
    ],
    [
      'runs each time for several times of the day',
      '15,45 1 * * *',
      NEW_YORK,
      '2026-10-31T12:00Z',
      [
        '2026-11-01T05:15',
        '2026-11-01T05:45',
        '2026-11-01T06:15',
        '2026-11-01T06:45',
        '2026-11-02T06:15',
      ],
    ],
    [
      'goes by half an hour on Lord Howe Island',
      '45 1 * * *',
      'Australia/Lord_Howe',
      '2026-04-04T00:00Z',
      ['2026-04-04T14:45', '2026-04-05T15:15'],
    ],
  ])('%s', (_, rule, timeZone, from, expected) => {
    expect(moments(rule, timeZone, from, expected.length)).toEqual(expected)
  })
})

describe('Executor.cron()', () => {
  it.each([
    [
      'six fields, seconds first',
      '*/20 * * * * *',
      '2026-01-01T00:00Z',
      ['2026-01-01T00:00', '2026-01-01T00:00', '2026-01-01T00:01'],
    ],
    [
      'names, ranges and steps',
      '0 9-17/4 * JAN MON-FRI',
      '2026-01-02T12:00Z',
      ['2026-01-02T13:00', '2026-01-02T17:00', '2026-01-05T09:00'],
    ],
    [
      'Sunday as 0 and as 7',
      '0 0 * * 7',
      '2026-01-01T00:00Z',
      ['2026-01-04T00:00', '2026-01-11T00:00'],
    ],
    [
      'days of month or week, as any cron',
      '0 0 13 * FRI',
      '2026-01-01T00:00Z',
      ['2026-01-02T00:00', '2026-01-09T00:00', '2026-01-13T00:00'],
    ],
    [
      'days of month and week, with a plus',
      '0 0 13 * +FRI',
      '2026-01-01T00:00Z',
      ['2026-02-13T00:00', '2026-03-13T00:00', '2026-11-13T00:00'],
    ],
    [
      'the last day of the month',
      '0 0 L * *',
      '2028-01-15T00:00Z',
      ['2028-01-31T00:00', '2028-02-29T00:00'],
    ],
    ['leap days', '0 0 29 2 *', '2026-01-01T00:00Z', ['2028-02-29T00:00', '2032-02-29T00:00']],
    ['nicknames', '@monthly', '2026-01-15T00:00Z', ['2026-02-01T00:00', '2026-03-01T00:00']],
    [
      'a time that has just been, as the next one',
      '0 12 * * *',
      '2026-01-01T12:00Z',
      ['2026-01-02T12:00'],
    ],
  ])('knows %s', (_, rule, from, expected) => {
    expect(moments(rule, 'UTC', from, expected.length)).toEqual(expected)
  })

  it.each([
    ['0 0 30 2 *', RangeError],
    ['0 0 31 4,6,9,11 *', RangeError],
    ['60 * * * *', RangeError],
    ['* 24 * * *', RangeError],
    ['0 0 0 * *', RangeError],
    ['0 0 * 13 *', RangeError],
    ['* * * * 8', RangeError],
    ['30-10 * * * *', TypeError],
    ['*/0 * * * *', TypeError],
    ['* * * *', TypeError],
    ['* * * * * * 2030', TypeError],
    ['2030-01-01T00:00:00', TypeError],
    ['every day', TypeError],
    ['', TypeError],
    [5, TypeError],
  ])('refuses %s at once', (rule, error) => {
    const executor = new Executor({ clock: new VirtualClock() })

    // @ts-expect-error -- a caller without a compiler
    expect(() => executor.cron(rule, () => {})).toThrow(error)
    expect(executor.stats().open).toBe(0)
  })

  it('refuses a zone that there is not', () => {
    const executor = new Executor({ clock: new VirtualClock() })

    expect(() => executor.cron('@daily', () => {}, { timeZone: 'Mars/Olympus' })).toThrow(TypeError)
  })

  it('says when it runs next, and goes by its rule after it was rescheduled', async () => {
    const clock = new VirtualClock({ wall: Date.UTC(2026, 0, 1, 12) })
    const executor = new Executor({ clock })
    const task = executor.cron('@hourly', () => {}, { timeZone: 'UTC' })
    expect(task.nextRun).toEqual(new Date(Date.UTC(2026, 0, 1, 13)))

    task.reschedule(600_000)
    expect(task.nextRun).toEqual(new Date(Date.UTC(2026, 0, 1, 12, 10)))
    await clock.advance(600_000)

    expect(task.nextRun).toEqual(new Date(Date.UTC(2026, 0, 1, 13)))
  })
})

const ZONES = [
  NEW_YORK,
  'America/St_Johns',
  'America/Sao_Paulo',
  'Africa/Casablanca',
  'Asia/Tehran',
  'America/Nuuk',
  'Australia/Lord_Howe',
  'Europe/Dublin',
  'Europe/Lisbon',
  'Pacific/Apia',
  'Pacific/Chatham',
]

const HOUR_MS = 3_600_000

/**
 * The moments until 2030 at which the zone's offset changes, to the second. Before April 2011 St John's
 * changed at one minute past midnight, where nothing is a quarter of an hour from anything.
 */
function transitions(timeZone: string): number[] {
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    timeZoneName: 'longOffset',
    hour: 'numeric',
  })
  const offsetAt = (moment: number) =>
    format.formatToParts(moment).find(({ type }) => type === 'timeZoneName')?.value
  const found: number[] = []
  for (let day = Date.UTC(2011, 3); day < Date.UTC(2030); day += 24 * HOUR_MS) {
    if (offsetAt(day) === offsetAt(day + 24 * HOUR_MS)) continue
    let [before, after] = [day, day + 24 * HOUR_MS]
    while (after - before > 1000) {
      const middle = before + Math.floor((after - before) / 2000) * 1000
      if (offsetAt(middle) === offsetAt(before)) before = middle
      else after = middle
    }
    found.push(after)
  }
  return found
}

describe('a cron rule across every change of ten zones', () => {
  it.each(ZONES)('%s: goes forward, misses no day and doubles none', (timeZone) => {
    const changes = transitions(timeZone)
    const format = new Intl.DateTimeFormat('en-CA', { timeZone })
    const anyMinute = fc.integer({ min: 0, max: 59 })
    const anyHour = fc.integer({ min: 0, max: 23 })
    fc.assert(
      fc.property(fc.constantFrom(...changes), anyMinute, anyHour, (change, minute, hour) => {
        const clock = new VirtualClock({ wall: change - 36 * HOUR_MS })
        const executor = new Executor({ clock })
        const days: string[] = []
        let last = clock.wall()
        for (let each = 0; each < 3; each++) {
          const task = executor.cron(`${minute} ${hour} * * *`, () => {}, { timeZone })
          const next = task.nextRun?.getTime() ?? 0
          task.cancel()
          expect(next).toBeGreaterThan(last)
          // What does not exist at the end of a day is made up for at midnight.
          const isMoved = next === change && hour === 23
          days.push(format.format(isMoved ? next - 1 : next))
          last = next
          clock.setWall(next)
        }
        expect(new Set(days).size).toBe(3)
        // Apia had no 30 December 2011; else three runs are two days apart, give or take a change.
        const span = (Date.parse(days[2] ?? '') - Date.parse(days[0] ?? '')) / (24 * HOUR_MS)
        expect(span).toBe(days.includes('2011-12-31') && (days[0] ?? '') < '2011-12-31' ? 3 : 2)
      }),
      { numRuns: 20 },
    )
  })

  it.each(ZONES)('%s: runs every quarter of an hour, before and after', (timeZone) => {
    fc.assert(
      fc.property(fc.constantFrom(...transitions(timeZone)), (change) => {
        const clock = new VirtualClock({ wall: change - HOUR_MS })
        const executor = new Executor({ clock })
        for (let each = 0; each < 8; each++) {
          const task = executor.cron('*/15 * * * *', () => {}, { timeZone })
          const next = task.nextRun?.getTime() ?? 0
          task.cancel()
          expect(next - clock.wall()).toBe(HOUR_MS / 4)
          clock.setWall(next)
        }
      }),
      { numRuns: 8 },
    )
  })
})

describe('a wall clock that is set', () => {
  const NOON = Date.UTC(2026, 5, 1, 12)
  const DAY_MS = 24 * HOUR_MS

  function setUp(rule: string, missed: Missed = 'skip') {
    const clock = new VirtualClock({ wall: NOON })
    const executor = new Executor({ clock })
    const seen: string[] = []
    const note = () => seen.push(new Date(clock.wall()).toISOString().slice(5, 16))
    const task = executor.cron(rule, note, { timeZone: 'UTC', missed })
    return { clock, executor, seen, note, task }
  }

  it('is followed by cron() within half a minute, forward', async () => {
    const { clock, seen } = setUp('0 13 * * *')

    clock.setWall(NOON + HOUR_MS - 10_000)
    await clock.advance(40_000)

    expect(seen).toEqual(['06-01T13:00'])
  })

  it.each([
    ['the last, which is only late', 'skip' as const, ['06-02T12:00']],
    ['none, if half an hour is too late', { afterMs: HOUR_MS / 2 }, []],
    ['once', 'once' as const, ['06-02T12:00']],
    ['up to 5 times', { upTo: 5 }, Array.from({ length: 5 }, () => '06-02T12:00')],
  ])('has a day of hours that was jumped over run: %s', async (_, missed, expected) => {
    const { clock, seen } = setUp('30 * * * *', missed)

    clock.setWall(NOON + DAY_MS)
    await clock.advance(30_000)

    expect(seen).toEqual(expected)
  })

  it('does not run again what has been, when it is set back by less than three hours', async () => {
    const { clock, seen } = setUp('0 13 * * *')
    await clock.advance(HOUR_MS)

    clock.setWall(clock.wall() - HOUR_MS)
    await clock.advance(2 * HOUR_MS)

    expect(seen).toEqual(['06-01T13:00'])
  })

  it('begins anew when it is set back by a day', async () => {
    const { clock, seen } = setUp('0 13 * * *')
    await clock.advance(2 * HOUR_MS)

    clock.setWall(clock.wall() - DAY_MS)
    await clock.advance(DAY_MS)

    expect(seen).toEqual(['06-01T13:00', '06-01T13:00'])
  })

  it('is never run ahead of, if it is set back just before', async () => {
    const { clock, seen, task } = setUp('0 13 * * *')
    await clock.advance(HOUR_MS - 5000)

    clock.setWall(clock.wall() - 60_000)
    await clock.advance(10_000)
    expect(seen).toEqual([])
    expect(task.nextRun).toEqual(new Date(NOON + HOUR_MS))

    await clock.advance(60_000)
    expect(seen).toEqual(['06-01T13:00'])
  })

  it('is what at() goes by, either way, once', async () => {
    const { clock, executor, seen, note } = setUp('0 0 1 1 *')
    const task = executor.at(new Date(NOON + DAY_MS), note)
    const past = executor.at(NOON - DAY_MS, () => 'at once')
    await expect(Promise.all([clock.advance(0), past.result])).resolves.toContain('at once')

    clock.setWall(NOON - DAY_MS)
    await clock.advance(DAY_MS)
    expect(task.state).toBe('delayed')
    clock.setWall(NOON + 3 * DAY_MS)
    await clock.advance(30_000)

    expect(seen).toEqual(['06-04T12:00'])
    expect(task.state).toBe('done')
  })

  it('costs no timer when nothing goes by it any more', async () => {
    const { clock, task } = setUp('0 13 * * *')

    task.cancel()

    expect(clock.pending).toBe(0)
  })

  it('leaves a moment that reschedule() has chosen, and goes by the rule after it', async () => {
    const { clock, seen, task } = setUp('0 * * * *')
    task.reschedule(DAY_MS)

    clock.setWall(NOON - 1000)
    await clock.advance(31_000)
    expect(task.nextRun).toEqual(new Date(NOON + DAY_MS))
    await clock.advance(DAY_MS)

    expect(seen).toEqual(['06-02T12:00'])
    expect(task.nextRun).toEqual(new Date(NOON + DAY_MS + HOUR_MS))
  })
})

describe('Executor.at()', () => {
  it('fails with what its function throws, and is waited for by close()', async () => {
    const clock = new VirtualClock({ wall: Date.UTC(2026, 0, 1) })
    const executor = new Executor({ clock })
    const task = executor.at(new Date(Date.UTC(2027, 0, 1)), () => {
      throw new Error('a bad start')
    })
    expect(task.nextRun).toEqual(new Date(Date.UTC(2027, 0, 1)))

    const closing = executor.close()
    await clock.advance(365 * 24 * HOUR_MS)

    await closing
    await expect(task.result).rejects.toThrow('a bad start')
  })

  it.each([
    [new Date(Number.NaN), RangeError],
    [Infinity, RangeError],
    ['tomorrow', TypeError],
  ])('refuses %s', (date, error) => {
    // @ts-expect-error -- a caller without a compiler
    expect(() => new Executor().at(date, () => {})).toThrow(error)
  })
})

describe('nextRuns()', () => {
  it('says when a rule applies, and ends where the rule does', () => {
    const options = { timeZone: 'America/Nuuk', after: Date.UTC(2026, 2, 28, 12) }
    const dates = nextRuns('30 23 * * *', 2, options)

    expect(dates.map((date) => date.toISOString().slice(0, 16))).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:30',
    ])
    expect(nextRuns('* * * * *', 0)).toEqual([])
    expect(nextRuns('* * * * *', 3)).toHaveLength(3)
  })

  it.each([
    ['60 * * * *', 1, {}, 'rule'],
    ['* * * * *', -1, {}, 'count'],
    ['* * * * *', 1, { timeZone: 'Mars' }, 'timeZone'],
    ['* * * * *', 1, { after: 'now' }, 'after'],
    ['* * * * *', 1, null, 'options'],
  ])('refuses %s, %s and %o', (rule, count, options, name) => {
    // @ts-expect-error -- a caller without a compiler
    expect(() => nextRuns(rule, count, options)).toThrow(`Cannot use ${name}`)
  })
})
