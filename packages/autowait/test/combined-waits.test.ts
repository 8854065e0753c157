import { getEventListeners } from 'node:events'
import { join } from 'node:path'
import { type Wait, waitForAll, waitForAny, waitForFile, waitUntil } from '@cupola/autowait'
import { TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { errorOf } from './fixtures/error-of.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

const leaks = expectNoLeaks()

/** A wait that is met at a moment of the clock, and tells how it ended otherwise. */
function metAt(clock: VirtualClock, moment: number, ends: unknown[] = []): Wait<number> {
  const isMet = () => clock.now() >= moment && moment
  return async (options) => {
    try {
      return await waitUntil(isMet, { ...options, clock })
    } catch (error) {
      ends.push(error instanceof TimeoutError ? 'timeout' : error)
      throw error
    }
  }
}

function fails(error: unknown): Wait<never> {
  return async () => {
    throw error
  }
}

describe('waitForAll()', () => {
  it('gives what each has given, in their order', async () => {
    const clock = new VirtualClock()
    const waiting = waitForAll([metAt(clock, 300), metAt(clock, 100), async () => 'at once'])

    await clock.advance(300)

    expect(await waiting).toEqual([300, 100, 'at once'])
  })

  it('has nothing to wait for in nothing', async () => {
    expect(await waitForAll([])).toEqual([])
  })

  it('has one deadline, and lists what was not met', async () => {
    const clock = new VirtualClock()
    const waits = [metAt(clock, 50), metAt(clock, 200), metAt(clock, 300)]
    const waiting = errorOf(waitForAll(waits, { timeout: 100, clock }))

    await clock.advance(100)

    const error = await waiting
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error['timeout']).toBe(100)
    expect(error.message).toMatch(
      /^Cannot wait for all of 3 things \(not met: (wait until isMet\(\) is met \(.*\)(; )?){2}\): waited 100 ms$/,
    )
    expect((error.cause as AggregateError).errors).toHaveLength(2)
  })

  it('aborts the others when one fails, and rejects with that failure', async () => {
    const clock = new VirtualClock()
    const ends: unknown[] = []
    const mine = new RangeError('mine')

    await expect(waitForAll([metAt(clock, 100, ends), fails(mine)])).rejects.toBe(mine)

    expect(ends).toEqual([expect.objectContaining({ name: 'AbortError' })])
    expect(clock.pending).toBe(0)
  })

  it('takes a timeout that one wait has of its own for its failure', async () => {
    const clock = new VirtualClock()
    const own = (options: object) => waitUntil(() => false, { ...options, clock, timeout: 20 })
    const waiting = errorOf(waitForAll([own, metAt(clock, 1000)], { timeout: 100, clock }))

    await clock.advance(20)

    expect((await waiting)['timeout']).toBe(20)
  })

  it('takes it for that even if it is of the same length, while its own has not passed', async () => {
    const clock = new VirtualClock()
    const own = fails(new TimeoutError('do something else', 100))

    const error = await errorOf(waitForAll([own, metAt(clock, 50)], { timeout: 100, clock }))

    expect(error.message).toBe('Cannot do something else: waited 100 ms')
  })

  it('rejects with the error of the wait, if there is one alone', async () => {
    const clock = new VirtualClock()
    const waiting = errorOf(waitForAll([metAt(clock, 200)], { timeout: 100, clock }))

    await clock.advance(100)

    expect((await waiting).message).toMatch(/^Cannot wait until isMet\(\) is met/)
  })

  it('rejects with the abort reason, and leaves nothing', async () => {
    const clock = new VirtualClock()
    const controller = new AbortController()
    const ends: unknown[] = []
    const { signal } = controller
    const waiting = waitForAll([metAt(clock, 100, ends), metAt(clock, 200, ends)], { signal })

    controller.abort('enough')

    await expect(waiting).rejects.toBe('enough')
    expect(ends).toEqual(['enough', 'enough'])
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('begins nothing when the signal has aborted', async () => {
    let begun = 0

    await expect(
      waitForAll([async () => ++begun], { signal: AbortSignal.abort('before') }),
    ).rejects.toBe('before')

    expect(begun).toBe(0)
  })

  it('rejects what is no wait', async () => {
    await expect(waitForAll([5 as never])).rejects.toThrow(TypeError)
    await expect(waitForAll(undefined as never)).rejects.toThrow('expected an array')
    await expect(waitForAll([], { timeout: -1 })).rejects.toThrow(RangeError)
  })
})

describe('waitForAny()', () => {
  it('gives what the first has given, and aborts the others', async () => {
    const clock = new VirtualClock()
    const ends: unknown[] = []
    const waiting = waitForAny([metAt(clock, 300, ends), metAt(clock, 100, ends)])

    await clock.advance(100)

    expect(await waiting).toBe(100)
    expect(ends).toEqual([expect.objectContaining({ name: 'AbortError' })])
    expect(clock.pending).toBe(0)
  })

  it('has closed the watchers of the others when it settles', async () => {
    const file: Wait<unknown> = (options) => waitForFile(join(temporaryFolder(), 'a'), options)
    const signal = leaks.watch(new AbortController().signal)

    await expect(waitForAny([file, async () => 'first'], { signal })).resolves.toBe('first')
  })

  it('does not mind one that fails', async () => {
    await expect(waitForAny([fails(new Error('mine')), async () => 'good'])).resolves.toBe('good')
  })

  it('lists what was not met at the deadline, failures included', async () => {
    const clock = new VirtualClock()
    const waits = [metAt(clock, 200), fails(new RangeError('mine'))]
    const waiting = errorOf(waitForAny(waits, { timeout: 100, clock }))

    await clock.advance(100)

    const error = await waiting
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error.message).toMatch(/^Cannot wait for any of 2 things \(not met: wait .*; mine\)/)
  })

  it('rejects with an AggregateError when all have failed', async () => {
    const error = await errorOf(waitForAny([fails(1), fails(2)]))

    expect(error).toBeInstanceOf(AggregateError)
    expect(error['errors']).toEqual([1, 2])
  })

  it('rejects with the abort reason', async () => {
    const clock = new VirtualClock()
    const controller = new AbortController()
    const waiting = waitForAny([metAt(clock, 100)], { signal: controller.signal })

    controller.abort('enough')

    await expect(waiting).rejects.toBe('enough')
  })

  it('rejects nothing to wait for', async () => {
    await expect(waitForAny([])).rejects.toThrow(RangeError)
    await expect(waitForAny(undefined as never)).rejects.toThrow('expected an array')
  })
})
