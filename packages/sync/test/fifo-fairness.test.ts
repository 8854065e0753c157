// Answers to the generic tests of Trio and AnyIO for everything that gives a right to one after the
// other: first come, first served, with and without those who give up, and no way past the queue.
import { Mutex, Semaphore } from '@cupola/sync'
import { describe, expect, it } from 'vitest'
import { eventLoopTurn } from '../../../test/calls.ts'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { type Setting, turns, waits } from './fixtures/waits.ts'

const { watch } = expectNoLeaks()

/** So many callers, who note their number when they are served. */
function enter({ wait }: Setting, callers: number): { log: number[]; aborts: (() => void)[] } {
  const log: number[] = []
  const aborts = Array.from({ length: callers }, (_, caller) => {
    const controller = new AbortController()
    wait({ signal: watch(controller.signal) }).then(
      () => log.push(caller),
      () => {},
    )
    return () => controller.abort()
  })
  return { log, aborts }
}

describe.each(turns)('%s', (_, make) => {
  it('serves whoever comes first', async () => {
    const setting = make()
    const { log } = enter(setting, 5)

    for (let turn = 0; turn < 5; turn++) {
      setting.open()
      await eventLoopTurn()
    }

    expect(log).toEqual([0, 1, 2, 3, 4])
  })

  it('serves whoever comes first of those who have not given up', async () => {
    const setting = make()
    const { log, aborts } = enter(setting, 6)

    aborts[0]?.()
    aborts[3]?.()
    for (let turn = 0; turn < 4; turn++) {
      setting.open()
      await eventLoopTurn()
    }

    expect(log).toEqual([1, 2, 4, 5])
    expect(setting.waiting()).toBe(0)
  })

  it('serves one for each turn', async () => {
    const setting = make()
    const { log, aborts } = enter(setting, 3)

    setting.open()
    await eventLoopTurn()

    expect(log).toEqual([0])
    expect(setting.waiting()).toBe(2)
    for (const abort of aborts) abort()
  })

  it('lets nobody barge in between a release and the next in line', async () => {
    const setting = make()
    const { log } = enter(setting, 1)

    setting.open()
    const barging = setting.wait({ timeout: 0 })

    await expect(barging).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
    expect(log).toEqual([0])
  })
})

describe.each(waits)('%s', (_, make) => {
  it('lets all go in the order they came when all may go', async () => {
    const setting = make()
    const { log } = enter(setting, 5)
    await eventLoopTurn()

    for (let turn = 0; turn < 5; turn++) {
      setting.open()
      await eventLoopTurn()
    }

    expect(log).toEqual(log.toSorted((one, other) => one - other))
  })
})

describe.each([
  ['Semaphore', () => new Semaphore(1)],
  ['Mutex', () => new Mutex()],
] as const)('%s.tryAcquire()', (_, make) => {
  it('does not get past those who wait, though the right was just released', async () => {
    const primitive = make()
    const first = primitive.tryAcquire()
    const second = primitive.acquire()

    first?.release()

    expect(primitive.tryAcquire()).toBeUndefined()
    const guard = await second
    guard.release()
  })

  it('gets the right when the only one who waited has given up', async () => {
    const primitive = make()
    const first = primitive.tryAcquire()
    const controller = new AbortController()
    const second = primitive.acquire({ signal: watch(controller.signal) })

    controller.abort('enough')
    first?.release()

    await expect(second).rejects.toBe('enough')
    expect(primitive.tryAcquire()).toBeDefined()
  })
})
