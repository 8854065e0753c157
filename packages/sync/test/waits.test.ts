import { systemClock } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { stateOf } from '../../../test/state-of.ts'
import { untyped } from '../../../test/untyped.ts'
import { waits } from './fixtures/waits.ts'

const { watch } = expectNoLeaks()

describe.each(waits)('%s', (_, make) => {
  it('refuses a clock that cannot tell the time when it is made', () => {
    const clock = { ...systemClock, setTimer: untyped(undefined) }

    expect(() => make(clock)).toThrow('Cannot use clock: it has no setTimer(), expected a Clock')
  })

  it('waits until it is let go', async () => {
    const { wait, waiting, open } = make()
    const waited = wait()

    expect(await stateOf(waited)).toBe('pending')
    expect(waiting()).toBe(1)

    open()
    await waited
    expect(waiting()).toBe(0)
  })

  it('that times out has left', async () => {
    const clock = new VirtualClock()
    const { wait, waiting } = make(clock)
    const waited = wait({ timeout: 2 ** 31 }).catch((error: unknown) => error)

    await clock.advance(2 ** 31)

    expect(await waited).toMatchObject({ code: 'ERR_TIMEOUT', timeout: 2 ** 31 })
    expect([waiting(), clock.pending]).toEqual([0, 0])
  })

  it('that is aborted has left, and rejects with the very reason', async () => {
    const { wait, waiting } = make()
    const controller = new AbortController()
    const reason = { gave: 'up' }
    const waited = wait({ signal: watch(controller.signal) })
    await stateOf(waited)

    controller.abort(reason)

    await expect(waited).rejects.toBe(reason)
    expect(waiting()).toBe(0)
  })

  it('lets neither a timer nor a listener behind when it is let go', async () => {
    const clock = new VirtualClock()
    const { wait, open } = make(clock)
    const controller = new AbortController()
    const waited = wait({ signal: watch(controller.signal), timeout: 1000 })
    await stateOf(waited)

    open()

    await waited
    expect(clock.pending).toBe(0)
  })

  it('goes on when it is aborted just after it was let go', async () => {
    const { wait, open } = make()
    const controller = new AbortController()
    const waited = wait({ signal: watch(controller.signal) })
    await stateOf(waited)

    open()
    controller.abort('too late')

    await expect(waited).resolves.not.toThrow()
  })

  it('never waits if the signal has aborted already', async () => {
    const { wait, waiting } = make()

    await expect(wait({ signal: AbortSignal.abort('no') })).rejects.toBe('no')

    expect(waiting()).toBe(0)
  })

  it('fails at once with timeout 0', async () => {
    const { wait, waiting } = make()

    await expect(wait({ timeout: 0 })).rejects.toMatchObject({ code: 'ERR_TIMEOUT', timeout: 0 })

    expect(waiting()).toBe(0)
  })

  it('looks at its arguments before the signal', async () => {
    const { wait } = make()
    const signal = AbortSignal.abort('no')

    await expect(wait({ signal, timeout: -1 })).rejects.toBeInstanceOf(RangeError)
    await expect(wait({ signal, timeout: Number.NaN })).rejects.toBeInstanceOf(RangeError)
    await expect(wait({ signal, timeout: '1' as never })).rejects.toBeInstanceOf(TypeError)
    await expect(wait({ signal: {} as never })).rejects.toBeInstanceOf(TypeError)
    await expect(wait(5 as never)).rejects.toBeInstanceOf(TypeError)
  })
})
