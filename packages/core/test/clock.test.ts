import { systemClock } from '@cupola/core'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'
import { describeClock } from './fixtures/clock-facts.ts'
import { warningsFrom } from './fixtures/warnings.ts'

describeClock('systemClock', () => ({ clock: systemClock, until: (event) => event }))

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('systemClock.now()', () => {
  it('is the monotonic time of the process', () => {
    const [before, now, after] = [performance.now(), systemClock.now(), performance.now()]

    expect(now).toBeGreaterThanOrEqual(before)
    expect(now).toBeLessThanOrEqual(after)
  })
})

describe('systemClock.wall()', () => {
  it('is the time of day', () => {
    const [before, wall, after] = [Date.now(), systemClock.wall(), Date.now()]

    expect(wall).toBeGreaterThanOrEqual(before)
    expect(wall).toBeLessThanOrEqual(after)
  })
})

describe('systemClock.setTimer()', () => {
  it('never fires early, whatever the delays', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.double({ min: 0, max: 3, noNaN: true })), async (delays) => {
        const early = await Promise.all(delays.map((delayMs) => firesEarly(delayMs)))

        expect(early).not.toContain(true)
      }),
      { numRuns: 50 },
    ))

  it('does not warn about a delay beyond that of setTimeout', async () => {
    const warnings = await warningsFrom(() => systemClock.setTimer(() => {}, 2 ** 31).cancel())

    expect(warnings).toEqual([])
  })

  it('fires after a delay beyond that of setTimeout, no millisecond before', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const hundredDaysMs = 100 * 24 * 3600 * 1000
    const fn = vi.fn<() => void>()
    systemClock.setTimer(fn, hundredDaysMs)

    vi.advanceTimersByTime(hundredDaysMs - 1)
    expect(fn).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)

    expect(fn).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('waits on when setTimeout wakes it too soon', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const fn = vi.fn<() => void>()
    const realNow = performance.now.bind(performance)
    systemClock.setTimer(fn, 10)

    vi.spyOn(performance, 'now').mockImplementation(() => realNow() - 0.25)
    vi.advanceTimersByTime(10)
    expect(fn).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)

    expect(fn).toHaveBeenCalledOnce()
  })

  it.each([
    { calls: ['unref'], held: false },
    { calls: ['ref'], held: true },
    { calls: ['unref', 'ref'], held: true },
  ] as const)('stays as $calls left it when a stretch of its delay is over', ({ calls, held }) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const armed = vi.spyOn(globalThis, 'setTimeout')
    const timer = systemClock.setTimer(() => {}, 2 ** 32)
    for (const call of calls) timer[call]()

    vi.advanceTimersByTime(2 ** 31 - 1)

    expect(armed).toHaveBeenCalledTimes(2)
    expect(armed.mock.results.at(-1)?.value.hasRef()).toBe(held)
  })

  it('wakes once for a delay with a fraction, which setTimeout would cut off', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const armed = vi.spyOn(globalThis, 'setTimeout')
    const fn = vi.fn<() => void>()
    systemClock.setTimer(fn, 1.5)

    vi.advanceTimersByTime(2)

    expect(fn).toHaveBeenCalledOnce()
    expect(armed).toHaveBeenCalledOnce()
  })

  it('can be cancelled when a stretch of its delay is over', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const timer = systemClock.setTimer(() => expect.unreachable(), 2 ** 32)
    vi.advanceTimersByTime(2 ** 31)

    timer.cancel()

    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a process with a timer of systemClock', () => {
  it.each(['armed', 'refdAgain'])('lives until the timer has fired when it is %s', async (way) => {
    expect(await runTimerProgram(way)).toEqual({ code: 0, stdout: 'fired', stderr: '' })
  })

  it.each(['cancelled', 'infinite', 'infiniteAndRefd', 'unrefd', 'unrefdAndLong'])(
    'ends by itself, in silence, when the timer is %s',
    async (way) => {
      expect(await runTimerProgram(way)).toEqual({ code: 0, stdout: '', stderr: '' })
    },
  )

  it('ends with an uncaught exception when the function throws', async () => {
    const { code, stderr } = await runTimerProgram('throwing')

    expect(code).toBe(1)
    expect(stderr).toContain('Error: the timer failed')
  })
})

function firesEarly(delayMs: number): Promise<boolean> {
  const due = systemClock.now() + delayMs
  return new Promise((resolve) => {
    systemClock.setTimer(() => resolve(systemClock.now() < due), delayMs)
  })
}

function runTimerProgram(way: string) {
  return runProgram(new URL('fixtures/timer-program.ts', import.meta.url), way)
}
