// Where there are no events, or none can be had, the waits poll, and say so.
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { waitForFile, waitForFileGone } from '@cupola/autowait'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { stateOf } from '../../../test/state-of.ts'
import { errorOf } from './fixtures/error-of.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

expectNoLeaks()

const isLinux = process.platform === 'linux'

describe('a wait for a file', () => {
  it.runIf(isLinux)(
    'polls where the file system does not tell of changes, and says why',
    async () => {
      const reasons: string[] = []
      const onPolling = (reason: string) => reasons.push(reason)
      const path = `/proc/${process.pid}/no-such-file`

      const error = await errorOf(waitForFile(path, { onPolling, timeout: 50 }))

      expect(reasons).toEqual(['procfs does not tell of changes'])
      expect(error.message).toContain('it polled, as procfs does not tell of changes')
    },
  )

  it.runIf(isLinux)('polls when no watch can be had, and finds the file all the same', async () => {
    const script = fileURLToPath(new URL('./fixtures/without-watches.ts', import.meta.url))
    const args = [...process.execArgv, script, temporaryFolder()]

    const { stdout } = await promisify(execFile)(process.execPath, args)

    expect(JSON.parse(stdout)).toEqual({
      reason: expect.stringMatching(/^watching failed, Error: EMFILE/),
      seenBy: 'poll',
    })
  })

  it('does not watch when it is told to poll', async () => {
    const cwd = temporaryFolder()
    const clock = new VirtualClock()
    const before = process.getActiveResourcesInfo().filter((name) => name === 'FSEventWrap')
    const waiting = waitForFile('a', { cwd, clock, mode: 'poll' })
    while (clock.pending === 0) await stateOf(waiting)
    expect(process.getActiveResourcesInfo().filter((name) => name === 'FSEventWrap')).toEqual(
      before,
    )

    writeFileSync(join(cwd, 'a'), '')
    await clock.advance(250)

    const [file] = await waiting
    expect(file.seenBy).toBe('poll')
  })

  it('looks every 250 ms at the latest when it polls, if nothing else is said', async () => {
    expect(await longestPause({ mode: 'poll' })).toBe(250)
  })

  it('looks every 2000 ms at the latest when it watches, if nothing else is said', async () => {
    expect(await longestPause({})).toBe(2000)
  })

  it('looks as often as it is told', async () => {
    expect(await longestPause({ intervalMs: 40 })).toBe(40)
  })

  it('notices at the next look what no event told of', async () => {
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, 'a'))
    const clock = new VirtualClock()
    const waiting = waitForFileGone('a', { cwd, clock, mode: 'poll', timeout: 10_000 })
    while (clock.pending < 2) await stateOf(waiting)

    const error = errorOf(waiting)
    await clock.advance(10_000)

    expect((await error).message).toContain('is there; it polled, as it was told to')
  })
})

/** The pause that the pauses of a wait grow to. */
async function longestPause(options: object): Promise<number> {
  const clock = new VirtualClock()
  const controller = new AbortController()
  const waiting = waitForFile('a', {
    cwd: temporaryFolder(),
    clock,
    signal: controller.signal,
    ...options,
  })
  let longestMs = 0
  for (let looks = 0; looks < 30; looks++) {
    while (clock.pending === 0) await stateOf(waiting)
    longestMs = Math.max(longestMs, clock.nextDueMs)
    await clock.advance(clock.nextDueMs)
  }
  controller.abort()
  await errorOf(waiting)
  return longestMs
}
