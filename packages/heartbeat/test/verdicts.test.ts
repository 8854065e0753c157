import { VirtualClock } from '@cupola/core/testing'
import { HeartbeatMonitor, type Verdict } from '@cupola/heartbeat'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { reasonOf } from '../../../test/reason-of.ts'
import { stateOf } from '../../../test/state-of.ts'

const { watch } = expectNoLeaks()

function monitorOf() {
  const clock = new VirtualClock()
  return { clock, monitor: new HeartbeatMonitor({ lostAfterMs: 1000, clock }) }
}

function lineOf({ type, device }: Verdict): string {
  return `${type} ${device.key}`
}

describe('HeartbeatMonitor.verdicts()', () => {
  it('tells what is found out, in order, until the monitor is closed', async () => {
    const { clock, monitor } = monitorOf()
    const verdicts = monitor.verdicts()
    const session = monitor.activate('a')
    await clock.advance(1000)
    session.refresh()
    monitor.forget('a')
    monitor.receive({ key: 'b', epoch: 1, sequence: 1, blockedMs: 700 })

    await monitor.close()

    const lines: string[] = []
    for await (const verdict of verdicts) lines.push(lineOf(verdict))
    expect(lines).toEqual(['suspect a', 'lost a', 'recovered a', 'forgotten a', 'busy b'])
  })

  it('lets its reader wait', async () => {
    const { clock, monitor } = monitorOf()
    const verdicts = monitor.verdicts()
    const next = verdicts.next()
    monitor.activate('a')
    expect(await stateOf(next)).toBe('pending')

    await clock.advance(500)

    expect((await next).value).toMatchObject({ type: 'suspect', device: { key: 'a' } })
    const last = verdicts.next()
    await monitor.close()
    expect(await last).toEqual({ done: true, value: undefined })
  })

  it('ends with the reason of its signal', async () => {
    const { monitor } = monitorOf()
    const controller = new AbortController()
    const verdicts = monitor.verdicts({ signal: watch(controller.signal) })
    const next = reasonOf(verdicts.next())

    controller.abort('enough')

    expect(await next).toBe('enough')
  })

  it('fails one who reads too slowly, after what was kept', async () => {
    const { clock, monitor } = monitorOf()
    const verdicts = monitor.verdicts({ capacity: 2 })
    for (const key of ['a', 'b', 'c']) monitor.activate(key)

    await clock.advance(1000)

    expect((await verdicts.next()).value).toMatchObject({ device: { key: 'a' } })
    expect((await verdicts.next()).value).toMatchObject({ device: { key: 'b' } })
    await expect(verdicts.next()).rejects.toMatchObject({ code: 'ERR_BROKEN' })
  })

  it('is over when its reader leaves', async () => {
    const { clock, monitor } = monitorOf()
    const verdicts = monitor.verdicts()
    monitor.activate('a')
    await clock.advance(1000)

    for await (const verdict of verdicts) {
      expect(lineOf(verdict)).toBe('suspect a')
      break
    }

    expect(await verdicts.next()).toEqual({ done: true, value: undefined })
  })

  it('refuses a capacity of 0', () => {
    const { monitor } = monitorOf()

    expect(() => monitor.verdicts({ capacity: 0 })).toThrow(RangeError)
  })
})
