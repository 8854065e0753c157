// Answers to toad-scheduler's job suites as well, as far as they say what a schedule has to do: long
// intervals, runs that outlast their period, an immediate first run, stopping from within.
import { Deferred } from '@cupola/core/authoring'
import { VirtualClock } from '@cupola/core/testing'
import { Executor, type Task } from '@cupola/executor'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/calls.ts'
import { BusyClock } from './fixtures/set-up.ts'

function setUp() {
  const clock = new VirtualClock()
  const executor = new Executor({ clock })
  const begun: number[] = []
  return { clock, executor, begun, note: () => begun.push(clock.now()) }
}

describe('Executor.every()', () => {
  it('does not drift, however late its runs are', async () => {
    const clock = new BusyClock()
    const executor = new Executor({ clock })
    const begun: number[] = []
    executor.every(1000, () => begun.push(clock.now()))

    await clock.advance(999)
    clock.block(300)
    await clock.advance(5000)

    expect(begun).toEqual([1300, 2000, 3000, 4000, 5000, 6000])
  })

  it('runs after a first delay, at once if that is 0, and then in periods from there', async () => {
    const { clock, executor, begun, note } = setUp()
    executor.every(1000, note, { firstDelayMs: 0 })
    executor.every(1000, note, { firstDelayMs: 250 })

    await clock.advance(2300)

    expect(begun).toEqual([0, 250, 1000, 1250, 2000, 2250])
  })

  it('counts from the end of a run, if it is told to', async () => {
    const { clock, executor, begun } = setUp()
    let run = new Deferred<void>()
    executor.every(
      100,
      () => {
        begun.push(clock.now())
        return run.promise
      },
      { countFrom: 'end' },
    )
    await clock.advance(1000)
    expect(begun).toEqual([100])

    run.resolve()
    await eventLoopTurn()
    run = new Deferred()
    await clock.advance(150)

    expect(begun).toEqual([100, 1100])
  })

  it('goes on after a run that fails, unless it is told to stop', async () => {
    const { clock, executor } = setUp()
    const fail = () => Promise.reject(new Error('once more'))
    const goesOn = executor.every(10, fail)
    const stops = executor.every(10, fail, { onError: 'stop' })

    await clock.advance(55)

    expect([goesOn.state, stops.state]).toEqual(['delayed', 'failed'])
    await expect(stops.result).rejects.toThrow('once more')
    expect(executor.stats().failed).toBe(6)
  })

  it('is done after so many runs, with what the last returned', async () => {
    const { clock, executor } = setUp()
    let count = 0
    const task = executor.every(10, () => ++count, { maxRuns: 3 })

    await clock.advance(1000)

    await expect(task.result).resolves.toBe(3)
    expect([task.state, task.nextRun, clock.pending]).toEqual(['done', undefined, 0])
  })

  it('can be cancelled by its own run', async () => {
    const { clock, executor, begun, note } = setUp()
    const task = executor.every(10, () => {
      note()
      task.cancel('seen enough')
    })

    await clock.advance(100)

    expect(begun).toEqual([10])
    await expect(task.result).rejects.toBe('seen enough')
    expect(executor.stats()).toMatchObject({ open: 0, repeating: 0 })
  })

  it('aborts the signal of the run under way when it is cancelled', async () => {
    const { clock, executor } = setUp()
    const run = new Deferred<void>()
    let reason: unknown
    const task = executor.every(10, ({ signal }) => {
      signal.addEventListener('abort', () => (reason = signal.reason))
      return run.promise
    })
    await clock.advance(10)

    task.cancel('why')
    expect(reason).toBe('why')
    expect(executor.stats()).toMatchObject({ running: 1, open: 1 })

    run.resolve()
    await eventLoopTurn()
    expect(executor.stats()).toMatchObject({ running: 0, open: 0 })
  })

  it('tries a run again that fails, before the next', async () => {
    const { clock, executor } = setUp()
    const begun: string[] = []
    executor.every(
      100,
      ({ attempt }) => {
        begun.push(`${clock.now()} ${attempt}`)
        if (attempt === 1) throw new Error('again')
      },
      { retries: { times: 1, delayMs: 20 } },
    )

    await clock.advance(250)

    expect(begun).toEqual(['100 1', '120 2', '200 1', '220 2'])
  })

  it('counts its periods from where it is rescheduled to', async () => {
    const { clock, executor, begun, note } = setUp()
    const task = executor.every(100, note)
    await clock.advance(150)

    expect(task.reschedule(10)).toBe(true)
    await clock.advance(200)

    expect(begun).toEqual([100, 160, 260])
  })

  it('takes a period of years', async () => {
    const { clock, executor, begun, note } = setUp()
    executor.every(2 ** 32, note)

    await clock.advance(2 ** 33)

    expect(begun).toEqual([2 ** 32, 2 ** 33])
  })

  it.each([
    [0, {}, RangeError],
    [Infinity, {}, RangeError],
    [Number.NaN, {}, RangeError],
    [1, { countFrom: 'middle' }, TypeError],
    [1, { overlap: 'maybe' }, TypeError],
    [1, { missed: 'all' }, TypeError],
    [1, { missed: { upTo: -1 } }, RangeError],
    [0.5, {}, RangeError],
    [1, { missed: { afterMs: 0 } }, RangeError],
    [1, { overlap: 5 }, TypeError],
    [1, { missed: 5 }, TypeError],
    [1, { maxRuns: 0 }, RangeError],
    [1, { onError: 'panic' }, TypeError],
    [1, { firstDelayMs: -1 }, RangeError],
  ])('refuses a period of %s with %o', (periodMs, options, error) => {
    // @ts-expect-error -- a caller without a compiler
    expect(() => setUp().executor.every(periodMs, () => {}, options)).toThrow(error)
  })
})

describe('overlap', () => {
  /** What begins while the first run lasts for three and a half periods, and how many after it. */
  async function beginnings(overlap: 'skip' | 'queue' | 'parallel' | undefined) {
    const { clock, executor, begun } = setUp()
    const missed: string[] = []
    executor.on('missed', ({ reason }) => missed.push(reason))
    const run = new Deferred<void>()
    executor.every(
      100,
      () => {
        begun.push(clock.now())
        return begun.length === 1 ? run.promise : undefined
      },
      { overlap },
    )
    await clock.advance(450)
    run.resolve()
    await clock.advance(100)
    return { begun, missed }
  }

  it('skips a moment that comes while a run is under way, and tells', async () => {
    const expected = { begun: [100, 500], missed: ['overlap', 'overlap', 'overlap'] }

    await expect(beginnings('skip')).resolves.toEqual(expected)
    await expect(beginnings(undefined)).resolves.toEqual(expected)
  })

  it('queues one run for all such moments', async () => {
    await expect(beginnings('queue')).resolves.toEqual({ begun: [100, 450, 500], missed: [] })
  })

  it('runs side by side', async () => {
    await expect(beginnings('parallel')).resolves.toEqual({
      begun: [100, 200, 300, 400, 500],
      missed: [],
    })
  })
})

describe('missed', () => {
  /** When runs begin if the event loop is busy from 150 to 575, with a period of 100. */
  async function beginnings(missed: 'skip' | 'once' | { readonly upTo: number } | undefined) {
    const clock = new BusyClock()
    const executor = new Executor({ clock })
    const begun: number[] = []
    executor.every(100, () => begun.push(clock.now()), { missed })
    await clock.advance(150)
    clock.block(425)
    // The timer was set for 50 ms more: it fires at 625, as any timer does that was set before.
    await clock.advance(100)
    return begun
  }

  it('skips what was missed; the last is only late', async () => {
    await expect(beginnings('skip')).resolves.toEqual(await beginnings(undefined))
    await expect(beginnings('skip')).resolves.toEqual([100, 625])
  })

  it('runs once for all', async () => {
    await expect(beginnings('once')).resolves.toEqual([100, 625])
  })

  it('runs once for each, but not more often than it may', async () => {
    await expect(beginnings({ upTo: 99 })).resolves.toEqual([100, 625, 625, 625, 625, 625])
    await expect(beginnings({ upTo: 2 })).resolves.toEqual([100, 625, 625])
  })

  it('does not count its way through a day of milliseconds', async () => {
    const clock = new BusyClock()
    const executor = new Executor({ clock })
    let count = 0
    executor.every(1, () => count++, { missed: { upTo: 3 } })

    clock.block(86_400_000)
    await clock.advance(1)

    expect(count).toBe(3)
  })

  it('makes a daily run that is two minutes late', async () => {
    const clock = new BusyClock()
    const executor = new Executor({ clock })
    let count = 0
    executor.every(86_400_000, () => count++)

    clock.block(120_000)
    await clock.advance(86_400_000)

    expect(count).toBe(1)
  })

  it.each([
    [86_400_000, '1 late'],
    [10, '360000 late'],
  ])(
    'is what is an hour late, or has been followed by the next: of %s ms',
    async (period, told) => {
      const clock = new BusyClock()
      const executor = new Executor({ clock })
      const missed: unknown[] = []
      executor.on('missed', ({ reason, count }) => missed.push(`${count} ${reason}`))
      executor.every(period, () => {})

      clock.block(3_600_000)
      await clock.advance(period)

      expect(missed).toEqual([told])
    },
  )

  it('tells of a day of moments at once, with their number, also if none is ever missed', async () => {
    const clock = new BusyClock()
    const executor = new Executor({ clock })
    const missed: unknown[] = []
    executor.on('missed', ({ reason, count }) => missed.push({ reason, count }))
    executor.every(10, () => {}, { missed: { afterMs: Infinity } })

    clock.block(86_400_000)
    await clock.advance(10)

    expect(missed).toEqual([{ reason: 'overlap', count: 8_640_000 }])
  })

  it('makes up for what was missed during a run after that run', async () => {
    const counts = await Promise.all(
      (['once', { upTo: 1 }, { upTo: 2 }] as const).map(async (missed) => {
        const clock = new BusyClock()
        const executor = new Executor({ clock })
        const run = new Deferred<void>()
        let count = 0
        executor.every(
          1000,
          () => {
            count++
            return run.promise
          },
          { missed },
        )
        await clock.advance(1000)
        clock.block(2500)
        await clock.advance(1000)
        expect(count).toBe(1)
        run.resolve()
        await eventLoopTurn()
        return count
      }),
    )

    expect(counts).toEqual([2, 2, 3])
  })

  it.each([
    ['cancels it', (task: Task) => task.cancel(), 'cancelled'],
    ['closes', (_: Task, executor: Executor) => void executor.close(), 'done'],
    ['terminates', (_: Task, executor: Executor) => void executor.terminate(), 'cancelled'],
  ])('is over if a listener %s', async (_, end, state) => {
    const clock = new BusyClock()
    const executor = new Executor({ clock })
    let count = 0
    const task = executor.every(1000, () => count++, { missed: { afterMs: 500 } })
    task.result.catch(() => {})
    executor.on('missed', () => end(task, executor))
    clock.block(500)

    await clock.advance(1000)
    const before = count
    await clock.advance(10_000)

    expect([task.state, count - before, clock.pending]).toEqual([state, 0, 0])
    expect(executor.stats()).toMatchObject({ open: 0, repeating: 0 })
  })

  it('is where a listener reschedules it to', async () => {
    const clock = new BusyClock({ wall: Date.UTC(2026, 0, 1) })
    const executor = new Executor({ clock })
    let count = 0
    const task = executor.cron('* * * * *', () => count++, {
      timeZone: 'UTC',
      missed: { afterMs: 500 },
    })
    using _ = executor.on('missed', () => task.reschedule(86_400_000))
    await clock.advance(59_000)
    clock.block(500)

    await clock.advance(1000)
    await clock.advance(3_600_000)

    expect(count).toBe(0)
    expect(task.nextRun).toEqual(new Date(Date.UTC(2026, 0, 2, 0, 1, 0, 500)))
  })
})

describe('jitterMs', () => {
  it('makes each run later by chance, and lets nothing drift', async () => {
    const chances = [0.5, 0, 0.99, 0.25]
    const clock = new VirtualClock()
    const executor = new Executor({ clock, random: () => chances.shift() ?? 0 })
    const missed: unknown[] = []
    executor.on('missed', (event) => missed.push(event))
    const begun: number[] = []
    const task = executor.every(1000, () => begun.push(clock.now()), { jitterMs: 100 })
    expect(task.nextRun).toEqual(new Date(1050))

    await clock.advance(4500)

    expect(begun).toEqual([1050, 2000, 3099, 4025])
    expect(missed).toEqual([])
  })

  it('is less than a period, of which it is no lateness', async () => {
    const clock = new BusyClock()
    const executor = new Executor({ clock, random: () => 0.9 })
    const missed: number[] = []
    executor.on('missed', ({ count }) => missed.push(count))
    expect(() => executor.every(10, () => {}, { jitterMs: 10 })).toThrow(RangeError)
    executor.every(10, () => {}, { jitterMs: 9.9, countFrom: 'end' }).cancel()
    executor.every(1000, () => {}, { jitterMs: 999, missed: { afterMs: 300 } })

    await clock.advance(1500)
    clock.block(200)
    await clock.advance(1000)
    expect(missed).toEqual([])
    await clock.advance(100)
    clock.block(400)
    await clock.advance(1000)

    expect(missed).toEqual([1])
  })

  it('is drawn from Math.random, and makes runs of a cron rule late as well', async () => {
    const clock = new VirtualClock({ wall: Date.UTC(2026, 0, 1) })
    const executor = new Executor({ clock })
    const options = { timeZone: 'UTC', jitterMs: 60_000 }
    const tasks = Array.from({ length: 20 }, () => executor.cron('@hourly', () => {}, options))
    const late = tasks.map(({ nextRun }) => (nextRun?.getTime() ?? 0) - Date.UTC(2026, 0, 1, 1))

    expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...late)).toBeLessThan(60_000)
    expect(new Set(late).size).toBeGreaterThan(1)
    await clock.advance(3_660_000)
    expect(executor.stats().done).toBe(20)
  })
})

describe('Task.nextRuns()', () => {
  it('says when it runs next, and then, as far as there are runs to come', () => {
    const clock = new VirtualClock({ wall: Date.UTC(2026, 0, 1) })
    const executor = new Executor({ clock })
    const hours = (task: Task, count: number) =>
      task.nextRuns(count).map((date) => date.toISOString().slice(11, 16))
    const minutes = 60_000

    expect(
      hours(
        executor.every(30 * minutes, () => {}),
        3,
      ),
    ).toEqual(['00:30', '01:00', '01:30'])
    expect(
      hours(
        executor.every(minutes, () => {}, { maxRuns: 2 }),
        9,
      ),
    ).toEqual(['00:01', '00:02'])
    expect(
      hours(
        executor.every(minutes, () => {}, { countFrom: 'end' }),
        9,
      ),
    ).toEqual(['00:01'])
    expect(
      hours(
        executor.cron('0 */6 * * *', () => {}, { timeZone: 'UTC' }),
        3,
      ),
    ).toEqual(['06:00', '12:00', '18:00'])
    expect(
      hours(
        executor.delayExec(minutes, () => {}),
        9,
      ),
    ).toEqual(['00:01'])
    expect(
      hours(
        executor.delayExec(minutes, () => {}),
        0,
      ),
    ).toEqual([])
    expect(
      hours(
        executor.queueExec(() => {}),
        9,
      ),
    ).toEqual([])
    expect(() => executor.queueExec(() => {}).nextRuns(-1)).toThrow(RangeError)
  })
})

describe('Task.ref() of what repeats', () => {
  it('is for those whose result somebody asked for', () => {
    const refs: boolean[] = []
    class WatchedClock extends VirtualClock {
      override setTimer(...args: Parameters<VirtualClock['setTimer']>) {
        const timer = super.setTimer(...args)
        timer.ref = () => refs.push(true)
        timer.unref = () => refs.push(false)
        return timer
      }
    }
    const executor = new Executor({ clock: new WatchedClock() })

    const task = executor.every(1000, () => {})
    expect(refs).toEqual([false])
    task.result.catch(() => {})
    expect(refs).toEqual([false, true])
    task.unref()
    task.unref()
    expect(refs).toEqual([false, true, false])
    const delayed = executor.delayExec(5000, () => {})
    expect(refs.at(-1)).toBe(true)
    delayed.unref()
    expect(refs.at(-1)).toBe(false)
    task.cancel()
  })
})
