import { VirtualClock } from '@cupola/core/testing'
import { pipeline, type RunReport } from '@cupola/pipeline'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/until.ts'
import { HeldCalls } from './fixtures/held-calls.ts'
import { failureOf } from '../../../test/failure-of.ts'

const failure = new Error('bad item')

describe('Pipeline.run()', () => {
  it('resolves with what went through each stage', async () => {
    const report = await pipeline([1, 2, 3, 4, 5])
      .map((n) => n + 1)
      .filter((n) => n !== 4)
      .batch({ size: 3 })
      .tap(() => {})
      .run()

    expect(report).toMatchObject({ read: 5, items: 2 })
    expect(report.stages).toEqual([
      { name: 'map', taken: 5, done: 5, inFlight: 0 },
      { name: 'filter', taken: 5, done: 5, inFlight: 0 },
      { name: 'batch', taken: 4, done: 4, inFlight: 0 },
      { name: 'tap', taken: 2, done: 2, inFlight: 0 },
    ])
  })

  it('resolves with a frozen report', async () => {
    const report = await pipeline([1])
      .tap(() => {})
      .run()

    expect([report, report.stages, report.stages[0]].every(Object.isFrozen)).toBe(true)
  })

  it('takes the time from the clock', async () => {
    const clock = new VirtualClock()
    const calls = new HeldCalls<number>()
    const running = pipeline([1], { clock }).map(calls.fn).run()

    await clock.advance(1234)
    await calls.release(1)

    expect(await running).toMatchObject({ elapsedMs: 1234 })
  })
})

describe('onProgress', () => {
  it('is called every 100 ms unless told otherwise, and once at the end', async () => {
    const clock = new VirtualClock()
    const calls = new HeldCalls<number>()
    const times: number[] = []
    const onProgress = ({ elapsedMs }: RunReport) => times.push(elapsedMs)
    const running = pipeline([1], { clock }).map(calls.fn).run({ onProgress })

    await clock.advance(250)
    await calls.release(1)

    await running
    expect(times).toEqual([100, 200, 250])
    expect(clock.pending).toBe(0)
  })

  it('is called every `progressIntervalMs`', async () => {
    const clock = new VirtualClock()
    const calls = new HeldCalls<number>()
    const times: number[] = []
    const onProgress = ({ elapsedMs }: RunReport) => times.push(elapsedMs)
    const running = pipeline([1], { clock })
      .map(calls.fn)
      .run({ onProgress, progressIntervalMs: 40 })

    await clock.advance(90)
    await calls.release(1)

    await running
    expect(times).toEqual([40, 80, 90])
  })

  it('is called at the end alone if the interval is infinite', async () => {
    const clock = new VirtualClock()
    const calls = new HeldCalls<number>()
    const times: number[] = []
    const onProgress = ({ elapsedMs }: RunReport) => times.push(elapsedMs)
    const running = pipeline([1], { clock })
      .map(calls.fn)
      .run({ onProgress, progressIntervalMs: Infinity })

    await clock.advance(1e9)
    await calls.release(1)

    await running
    expect(times).toEqual([1e9])
  })

  it('tells what is in flight', async () => {
    const clock = new VirtualClock()
    const calls = new HeldCalls<number>()
    const reports: RunReport[] = []
    const running = pipeline([0, 1, 2], { clock })
      .map(calls.fn, { concurrency: 2 })
      .run({ onProgress: (report) => reports.push(report) })
    await eventLoopTurn()
    await calls.release(0)

    await clock.advance(100)
    for (const n of [1, 2]) await calls.release(n)

    await running
    expect(reports.map(({ read, items }) => [read, items])).toEqual([
      [3, 1],
      [3, 3],
    ])
    expect(reports[0]?.stages).toEqual([{ name: 'map', taken: 3, done: 1, inFlight: 2 }])
  })

  it('is called once at the end of a run that fails', async () => {
    const reports: RunReport[] = []
    const fail = () => {
      throw failure
    }
    const running = pipeline([1])
      .map(fail)
      .run({ onProgress: (report) => reports.push(report) })

    await expect(running).rejects.toBe(failure)
    expect(reports.map(({ read, items }) => [read, items])).toEqual([[1, 0]])
    expect(reports[0]?.stages).toEqual([{ name: 'map', taken: 1, done: 0, inFlight: 0 }])
  })

  it('is called once when the last function of all ends the run', async () => {
    const controller = new AbortController()
    const reports: RunReport[] = []
    const running = pipeline([1])
      .batch({ size: 2 })
      .forEach(() => controller.abort('last'), {
        signal: controller.signal,
        onProgress: (report) => reports.push(report),
      })

    await expect(running).rejects.toBe('last')
    expect(reports.length).toBe(1)
  })

  it('does not keep the process alive', async () => {
    const timers = () =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    const calls = new HeldCalls<number>()

    const running = pipeline([1])
      .map(calls.fn)
      .run({ onProgress: () => {} })

    expect(timers()).toBe(before)
    await calls.release(1)
    await running
  })

  it('ends an iteration that nobody asks with what it throws', async () => {
    const clock = new VirtualClock()
    const iterator = pipeline([1, 2], { clock }).iterate({
      onProgress: () => {
        throw failure
      },
    })
    await iterator.next()

    await clock.advance(100)

    expect(clock.pending).toBe(0)
    await expect(iterator.next()).rejects.toBe(failure)
  })

  it('ends the run with what it throws', async () => {
    const clock = new VirtualClock()
    const calls = new HeldCalls<number>()
    const onProgress = ({ items }: RunReport) => {
      if (items === 0) throw failure
    }
    const running = pipeline([1, 2], { clock }).map(calls.fn).run({ onProgress })
    const caught = failureOf(running)

    await clock.advance(100)
    await calls.release(1)

    expect(await caught).toBe(failure)
    expect(calls.begun).toEqual([1])
  })

  it('is not called again once it has thrown', async () => {
    const clock = new VirtualClock()
    const calls = new HeldCalls<number>()
    let told = 0
    const onProgress = () => {
      throw new Error(`call ${++told}`)
    }
    const caught = failureOf(pipeline([1], { clock }).map(calls.fn).run({ onProgress }))

    await clock.advance(100)
    await calls.release(1)

    expect(await caught).toMatchObject({ message: 'call 1' })
    expect(told).toBe(1)
  })

  it('ends the run with what it rejects with', async () => {
    const clock = new VirtualClock()
    const calls = new HeldCalls<number>()
    const onProgress = () => Promise.reject(failure)
    const caught = failureOf(pipeline([1, 2], { clock }).map(calls.fn).run({ onProgress }))

    await clock.advance(100)
    await calls.release(1)

    expect(await caught).toBe(failure)
    expect(calls.begun).toEqual([1])
  })

  it('makes a run reject with what it rejects with at the end', async () => {
    const onProgress = () => Promise.reject(failure)

    await expect(pipeline([1]).run({ onProgress })).rejects.toBe(failure)
  })

  it('is waited for at the end', async () => {
    const reports = new HeldCalls<RunReport>()
    let over = false
    const running = pipeline([1])
      .run({ onProgress: reports.fn })
      .finally(() => (over = true))
    await eventLoopTurn()

    expect(over).toBe(false)
    for (const report of reports.begun) await reports.release(report)
    await running
  })

  it('makes a run reject with what it throws at the end', async () => {
    const onProgress = () => {
      throw failure
    }

    await expect(pipeline([1]).run({ onProgress })).rejects.toBe(failure)
  })
})
