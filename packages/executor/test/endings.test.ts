import { ClosedError } from '@cupola/core'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/calls.ts'
import { reasonOf } from '../../../test/reason-of.ts'
import { stateOf } from '../../../test/state-of.ts'
import { gate, setUp } from './fixtures/set-up.ts'

describe('Executor.close()', () => {
  it('finishes what was accepted, be it delayed, refuses more, and gives the same promise', async () => {
    const { clock, executor } = setUp()
    const ran: string[] = []
    executor.queueExec(() => ran.push('queued'))
    executor.delayExec(5000, () => ran.push('delayed'))
    const repeating = executor.every(1000, () => ran.push('again'))

    const closing = executor.close()
    expect(executor.close()).toBe(closing)
    expect(() => executor.queueExec(() => {})).toThrow(ClosedError)
    expect(() => executor.every(1, () => {})).toThrow(ClosedError)
    expect(repeating.state).toBe('done')
    await clock.advance(4999)
    await expect(stateOf(closing)).resolves.toBe('pending')
    await clock.advance(1)

    await closing
    expect(ran).toEqual(['queued', 'delayed'])
    expect(clock.pending).toBe(0)
  })

  it('waits for the run of a repeating task that is under way', async () => {
    const { clock, executor } = setUp()
    const { fn, open } = gate()
    const repeating = executor.every(10, fn)
    await clock.advance(10)

    const closing = executor.close()
    await expect(stateOf(closing)).resolves.toBe('pending')
    open('last')

    await closing
    await expect(repeating.result).resolves.toBe('last')
  })
})

describe('Executor.tryClose()', () => {
  it('tells whether all had ended in time, and goes on closing', async () => {
    const { clock, executor } = setUp()
    const task = executor.delayExec(100, () => 'ran')
    const trying = executor.tryClose({ timeout: 50 })
    await clock.advance(50)
    await expect(trying).resolves.toBe(false)

    const again = executor.tryClose({ timeout: 50 })
    await clock.advance(50)

    await expect(again).resolves.toBe(true)
    expect(task.state).toBe('done')
  })

  it('closes nothing with a signal that has aborted', async () => {
    const { executor } = setUp()

    await expect(executor.tryClose({ signal: AbortSignal.abort('no') })).rejects.toBe('no')

    expect(executor.closed).toBe(false)
  })
})

describe('Executor.terminate()', () => {
  it('cancels everything, and reports what did not run', async () => {
    const { clock, executor } = setUp({ queueConcurrency: 1 })
    const { fn, open } = gate()
    const running = executor.queueExec(fn)
    const rest = [
      executor.queueExec(fn, { urgency: 'low' }),
      executor.queueExec(fn, { key: 1, urgency: 'low' }),
      executor.queueExec(fn, { key: 1 }),
      executor.delayExec(20, fn),
      executor.delayExec(10, fn),
      executor.every(10, fn),
    ]
    await eventLoopTurn()

    const report = await executor.terminate('power cut')

    expect(report.interrupted).toBe(1)
    expect(report.unbegun).toHaveLength(rest.length)
    for (const task of rest) expect(report.unbegun).toContain(task)
    for (const task of [running, ...rest]) await expect(task.result).rejects.toBe('power cut')
    expect(clock.pending).toBe(0)
    await expect(stateOf(executor.close())).resolves.toBe('pending')
    open('at last')
    await executor.close()
    expect(executor.stats()).toMatchObject({ open: 0, running: 0 })
  })

  it('gives a ClosedError for a reason, and finds nothing the second time', async () => {
    const { executor } = setUp()
    const task = executor.delayExec(5, () => {})

    await executor.terminate()

    await expect(task.result).rejects.toBeInstanceOf(ClosedError)
    await expect(executor.terminate()).resolves.toEqual({
      unbegun: [],
      resting: [],
      interrupted: 0,
    })
  })

  it('hands back what never began, the next first, whatever it is', async () => {
    const { clock, executor } = setUp({ delayConcurrency: 1, queueConcurrency: 1 })
    const { fn } = gate()
    executor.delayExec(0, fn)
    const begun = executor.every(7, fn, { overlap: 'queue' })
    await clock.advance(0)
    const unbegun = [executor.at(-1, fn)]
    await clock.advance(0)
    const late = executor.delayExec(1_000_000, fn)
    unbegun.push(executor.every(5, fn), executor.at(10, fn), late)

    const report = await executor.terminate()

    expect(report.unbegun).toEqual([unbegun[0], unbegun[1], begun, unbegun[2], late])
    for (const [place, task] of [unbegun[0], unbegun[1], begun, unbegun[2], late].entries()) {
      expect(report.unbegun[place]).toBe(task)
    }
  })

  it('hands back apart what had failed and was to be tried again', async () => {
    const { clock, executor } = setUp()
    const fail = () => Promise.reject(new Error('no'))
    const retries = { times: 3, delayMs: 1000 }
    const tasks = [executor.at(0, fail, { retries }), executor.queueExec(fail, { retries })]
    await clock.advance(1)

    const report = await executor.terminate()

    expect(report).toMatchObject({ unbegun: [], interrupted: 0 })
    expect(new Set(report.resting)).toEqual(new Set(tasks))
  })

  it('counts the functions that run, whatever has become of their tasks', async () => {
    const { executor } = setUp()
    const { fn } = gate()
    executor.queueExec(fn)
    const cancelled = executor.queueExec(fn)
    await eventLoopTurn()
    cancelled.cancel()

    await expect(executor.terminate()).resolves.toMatchObject({ unbegun: [], interrupted: 2 })
  })

  it('leaves no timer, whatever runs on', async () => {
    const { clock, executor } = setUp()
    executor.queueExec(gate().fn, { runTimeout: 6000 })
    void executor.close()
    await eventLoopTurn()

    await executor.terminate()

    expect(clock.pending).toBe(0)
  })

  it('rejects each result that somebody asks for, before or after', async () => {
    const { executor } = setUp()
    const asked = executor.delayExec(5, () => {})
    const early = reasonOf(asked.result)
    const unasked = executor.delayExec(5, () => {})

    await executor.terminate('over')

    await expect(early).resolves.toBe('over')
    await expect(unasked.result).rejects.toBe('over')
  })
})

describe('Executor.on()', () => {
  it('tells when the last task is over', async () => {
    const { executor } = setUp()
    const idle: unknown[] = []
    executor.on('idle', (event) => idle.push(event))
    executor.queueExec(() => {})
    executor.delayExec(1, () => {}).cancel()

    await eventLoopTurn()

    expect(idle).toEqual([{ done: 1, failed: 0, cancelled: 1 }])
  })

  it('refuses an event that there is not, and options that are none', () => {
    const { executor } = setUp()

    // @ts-expect-error -- a caller without a compiler
    expect(() => executor.on('faliure', () => {})).toThrow(TypeError)
    // @ts-expect-error -- a caller without a compiler
    expect(() => executor.on('idle', () => {}, null)).toThrow('Cannot use options')
  })
})
