// The waits of the manual that this package takes up, with the limits and intervals it names: ten
// seconds for each, a look every two seconds for files and every half second for the rest. What was
// seen to go wrong there is a fact here.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { waitForFile, waitForProcessExit, waitForText, waitUntil } from '@cupola/autowait'
import { TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { stateOf } from '../../../test/state-of.ts'
import { errorOf } from './fixtures/error-of.ts'
import { child, endProcessesAfterEach } from './fixtures/processes.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

expectNoLeaks()
endProcessesAfterEach()

const TEN_SECONDS = 10_000

describe('waiting for a file', () => {
  const limits = { timeout: TEN_SECONDS, intervalMs: 2000 }

  it('finds it within two seconds though no event tells', async () => {
    const { clock, cwd } = world()
    const waiting = waitForFile('report.*', { ...limits, cwd, clock, mode: 'poll' })
    await passes(clock, 5000, waiting)

    writeFileSync(join(cwd, 'report.csv'), '')
    await passes(clock, 2000, waiting)

    await expect(waiting).resolves.toHaveLength(1)
  })

  it('finds it at once when an event tells', async () => {
    const { clock, cwd } = world()
    const waiting = waitForFile('in/report.csv', { ...limits, cwd, clock })
    await passes(clock, 5000, waiting)

    mkdirSync(join(cwd, 'in'))
    writeFileSync(join(cwd, 'in/report.csv'), '')

    await waiting
    expect(clock.now()).toBe(5000)
  })

  it('looks a last time at the end', async () => {
    const { clock, cwd } = world()
    const waiting = waitForFile('report.csv', { ...limits, cwd, clock, mode: 'poll' })
    await passes(clock, 9999, waiting)

    writeFileSync(join(cwd, 'report.csv'), '')
    await passes(clock, 1, waiting)

    await expect(waiting).resolves.toHaveLength(1)
  })

  it('gives up after ten seconds, whatever the interval is', async () => {
    const { clock, cwd } = world()
    const options = { timeout: 1000, intervalMs: 2000, cwd, clock, mode: 'poll' } as const
    const waiting = errorOf(waitForFile('report.csv', options))

    await passes(clock, 1000, waiting)

    expect(await waiting).toBeInstanceOf(TimeoutError)
    expect(clock.now()).toBe(1000)
  })
})

describe('waiting for text', () => {
  it('finds a line that was written in two parts between two looks', async () => {
    const { clock, cwd } = world()
    const log = join(cwd, 'log')
    const limits = { timeout: TEN_SECONDS, intervalMs: 500, clock, mode: 'poll' } as const
    const waiting = waitForText(log, /grün \d+ fertig/, limits)
    await passes(clock, 1000, waiting)
    writeFileSync(log, 'grün 1')

    await passes(clock, 600, waiting)
    appendFileSync(log, '2 fertig\n')
    await passes(clock, 600, waiting)

    await expect(waiting).resolves.toMatchObject({ line: 'grün 12 fertig' })
  })
})

describe('waiting for a process to be gone', () => {
  it('finds out within half a second, and gives up after ten seconds', async () => {
    const { clock } = world()
    const { pid = 0 } = child(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    const limits = { timeout: TEN_SECONDS, intervalMs: 500, clock }
    const gaveUp = errorOf(waitForProcessExit(pid, limits))
    await passes(clock, TEN_SECONDS, gaveUp)
    expect((await gaveUp).message).toContain(`process ${pid} (`)

    const waiting = waitForProcessExit(pid, limits)
    await passes(clock, 5000, waiting)
    process.kill(pid)
    await waitForProcessExit(pid)
    await passes(clock, 500, waiting)

    await expect(waiting).resolves.toBeUndefined()
  })
})

describe('waiting for anything', () => {
  it('counts the time that the looks take', async () => {
    const { clock } = world()
    const slow = () => new Promise<boolean>((resolve) => clock.setTimer(() => resolve(false), 400))
    const waiting = errorOf(waitUntil(slow, { clock, timeout: 1000, intervalMs: 100 }))

    await clock.advance(2000)

    expect(await waiting).toBeInstanceOf(TimeoutError)
    expect(clock.now()).toBe(2000)
  })

  it('looks once with no time at all', async () => {
    await expect(waitUntil(() => true, { timeout: 0 })).resolves.toBe(true)
  })
})

function world(): { readonly clock: VirtualClock; readonly cwd: string } {
  return { clock: new VirtualClock(), cwd: temporaryFolder() }
}

/** Lets time pass timer by timer, so that each look has been taken when the next is due. */
async function passes(clock: VirtualClock, ms: number, waiting: Promise<unknown>): Promise<void> {
  const end = clock.now() + ms
  while (clock.now() < end) {
    // One timer is the deadline, one the pause; a look is being taken while there is no pause.
    while (clock.pending < 2 && (await stateOf(waiting)) === 'pending');
    await clock.advance(Math.min(clock.nextDueMs, end - clock.now()))
  }
}
