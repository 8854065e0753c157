import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../../../test/run-program.ts'
import { describeClock } from './fixtures/clock-facts.ts'
import { untyped } from '../../../test/untyped.ts'

describeClock('VirtualClock', () => {
  const clock = new VirtualClock()
  return {
    clock,
    async until(event) {
      await clock.advance(10)
      return event
    },
  }
})

/** A clock and a log of when its timers fired. */
function loggingClock() {
  const clock = new VirtualClock()
  const log: string[] = []
  const set = (name: string, delayMs: number) =>
    clock.setTimer(() => log.push(`${name} at ${clock.now()}`), delayMs)
  return { clock, log, set }
}

describe('VirtualClock', () => {
  it('stands still until it is moved', async () => {
    const clock = new VirtualClock()

    await new Promise((resolve) => setImmediate(resolve))

    expect([clock.now(), clock.wall(), clock.pending]).toEqual([0, 0, 0])
  })

  it('begins its wall time where the options say', () => {
    expect(new VirtualClock({ wall: 1_700_000_000_000 }).wall()).toBe(1_700_000_000_000)
    expect(new VirtualClock({ wall: undefined }).wall()).toBe(0)
  })

  it('does not keep the process alive', async () => {
    const program = new URL('fixtures/virtual-clock-program.ts', import.meta.url)

    expect(await runProgram(program)).toEqual({ code: 0, stdout: 'armed: 1', stderr: '' })
  })
})

describe('VirtualClock.advance()', () => {
  it('moves both times by as much, fractions included', async () => {
    const clock = new VirtualClock({ wall: 1000 })

    await clock.advance(1.5)
    await clock.advance(0)

    expect([clock.now(), clock.wall()]).toEqual([1.5, 1001.5])
  })

  it('fires timers in the order they are due, each at its moment', async () => {
    const { clock, log, set } = loggingClock()
    set('c', 30)
    set('a', 10)
    set('b', 20)

    await clock.advance(25)

    expect(log).toEqual(['a at 10', 'b at 20'])
    expect(clock.now()).toBe(25)
  })

  it('fires timers of one moment in the order they were set', async () => {
    const { clock, log, set } = loggingClock()
    set('a', 10)
    set('b', 10)
    await clock.advance(4)
    set('c', 6)

    await clock.advance(6)

    expect(log).toEqual(['a at 10', 'b at 10', 'c at 10'])
  })

  it('fires a timer that is due exactly at the end, and none that is due after', async () => {
    const { clock, log, set } = loggingClock()
    set('on time', 10)
    set('later', 10.001)

    await clock.advance(10)

    expect(log).toEqual(['on time at 10'])
  })

  it('fires timers that were set meanwhile', async () => {
    const { clock, log, set } = loggingClock()
    clock.setTimer(() => set('second', 5), 5)

    await clock.advance(10)

    expect(log).toEqual(['second at 10'])
  })

  it('lets what was begun before it set its timers first', async () => {
    const { clock, log, set } = loggingClock()
    void Promise.resolve().then(() => set('from a promise', 5))
    setImmediate(() => set('from an immediate', 5))

    await clock.advance(5)

    expect(log).toEqual(['from a promise at 5', 'from an immediate at 5'])
  })

  it('lets what a timer set in motion run before the next timer', async () => {
    const { clock, log, set } = loggingClock()
    clock.setTimer(() => setImmediate(() => log.push('set in motion')), 10)
    set('next', 10)

    await clock.advance(10)

    expect(log).toEqual(['set in motion', 'next at 10'])
  })

  it('rejects with what a timer throws, stands at its moment and can go on', async () => {
    const { clock, log, set } = loggingClock()
    clock.setTimer(() => {
      throw new Error('the timer failed')
    }, 10)
    set('next', 20)

    await expect(clock.advance(50)).rejects.toThrow('the timer failed')

    expect([clock.now(), clock.pending]).toEqual([10, 1])
    await clock.advance(10)
    expect(log).toEqual(['next at 20'])
  })

  it('never goes back when calls overlap: each counts from the moment it was made', async () => {
    const clock = new VirtualClock()

    await Promise.all([clock.advance(10), clock.advance(5)])

    expect(clock.now()).toBe(10)
  })

  it('fires each timer once when calls overlap', async () => {
    const { clock, log, set } = loggingClock()
    set('a', 4)
    set('b', 8)

    await Promise.all([clock.advance(10), clock.advance(5)])

    expect(log).toEqual(['a at 4', 'b at 8'])
  })

  it.each([-1, NaN, Infinity, -Infinity])('rejects %d with a RangeError', async (ms) => {
    await expect(new VirtualClock().advance(ms)).rejects.toThrow(RangeError)
  })

  it.each([undefined, null, '5'])('rejects %o with a TypeError', async (ms) => {
    await expect(new VirtualClock().advance(untyped(ms))).rejects.toThrow(TypeError)
  })
})

describe('VirtualClock.pending', () => {
  it('counts the timers that are armed', async () => {
    const { clock, set } = loggingClock()
    set('fires', 1)
    set('stays', 20)
    const cancelled = set('cancelled', 20)
    const counts = [clock.pending]

    await clock.advance(1)
    counts.push(clock.pending)
    cancelled.cancel()
    cancelled.cancel()
    counts.push(clock.pending)

    expect(counts).toEqual([3, 2, 1])
  })

  it('does not count a timer that never fires', () => {
    const { clock, set } = loggingClock()

    set('never', Infinity)
    set('never either', Infinity).cancel()

    expect(clock.pending).toBe(0)
  })
})

describe('VirtualClock.nextDueMs', () => {
  it('is the time until the next timer, Infinity when there is none', async () => {
    const { clock, set } = loggingClock()
    const due = [clock.nextDueMs]
    set('later', 30)
    const sooner = set('sooner', 10)

    await clock.advance(4)
    due.push(clock.nextDueMs)
    sooner.cancel()
    due.push(clock.nextDueMs)

    expect(due).toEqual([Infinity, 6, 26])
  })
})

describe('VirtualClock.setWall()', () => {
  it('makes the wall time jump without touching the timers', async () => {
    const { clock, log, set } = loggingClock()
    set('timer', 10)
    await clock.advance(5)

    clock.setWall(-1000)
    await clock.advance(5)

    expect(clock.wall()).toBe(-995)
    expect(log).toEqual(['timer at 10'])
  })
})
