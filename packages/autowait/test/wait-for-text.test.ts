import {
  appendFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { waitForText } from '@cupola/autowait'
import { BrokenError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { stateOf } from '../../../test/state-of.ts'
import { until } from '../../../test/until.ts'
import { descriptors } from './fixtures/descriptors.ts'
import { errorOf } from './fixtures/error-of.ts'
import { nextLook, runUntilSettled } from './fixtures/run-until.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

const leaks = expectNoLeaks()

function log(content?: string): string {
  const path = join(temporaryFolder(), 'log')
  if (content !== undefined) writeFileSync(path, content)
  return path
}

describe('waitForText()', () => {
  it('gives the line, where it begins, and what the expression found in it', async () => {
    const path = log('über\nport 4711 open\n')

    const match = await waitForText(path, /port (?<port>\d+) (open|shut)( now)?/, { timeout: 0 })

    expect(match).toEqual({
      line: 'port 4711 open',
      offset: 6,
      text: 'port 4711 open',
      captures: ['4711', 'open', ''],
      groups: { port: '4711' },
      seenBy: 'first-look',
    })
  })

  it('finds a text as it is, and what a function accepts', async () => {
    const path = log('a.b\naxb\n')

    await expect(waitForText(path, '.b')).resolves.toMatchObject({ line: 'a.b', text: '.b' })
    await expect(waitForText(path, (line) => line[1] === 'x')).resolves.toMatchObject({
      line: 'axb',
    })
  })

  it('waits for a file that is not there, nor its folder', async () => {
    const path = log()
    const waiting = waitForText(path, 'ready')
    await stateOf(waiting)

    writeFileSync(path, 'ready\n')

    expect(await waiting).toMatchObject({ line: 'ready' })
  })

  it('finds a line that was written in two parts', async () => {
    const path = log('rea')
    const waiting = waitForText(path, /ready$/)
    expect(await stateOf(waiting)).toBe('pending')

    appendFileSync(path, 'dy\n')

    expect(await waiting).toMatchObject({ line: 'ready', offset: 0 })
  })

  it('counts matching lines, and gives the last', async () => {
    const path = log('ok 1\nno\nok 2\n')
    const waiting = waitForText(path, /^ok/, { count: 3 })
    expect(await stateOf(waiting)).toBe('pending')

    appendFileSync(path, 'ok 3\nok 4\n')

    expect(await waiting).toMatchObject({ line: 'ok 3' })
  })

  it('looks only at what comes from now on, if told so', async () => {
    const path = log('ready 1\n')
    const seen: string[] = []
    const pattern = (line: string) => seen.push(line) > 0
    const clock = new VirtualClock()
    const waiting = waitForText(path, pattern, { from: 'end', clock, mode: 'poll' })
    while (clock.pending === 0) await stateOf(waiting)

    appendFileSync(path, 'ready 2\n')
    await clock.advance(clock.nextDueMs)

    expect(await waiting).toMatchObject({ line: 'ready 2', offset: 8 })
    expect(seen).toEqual(['ready 2'])
  })

  it('leaves a global expression as it was, and begins anew with each line', async () => {
    const expression = /a/g
    expression.lastIndex = 5

    const match = await waitForText(log('xxxa\na\n'), expression, { count: 2 })

    expect(match.line).toBe('a')
    expect(expression.lastIndex).toBe(5)
  })

  it('takes a last line without an end for a line when nothing was added for a second', async () => {
    const clock = new VirtualClock()
    const path = log('ready')
    const waiting = waitForText(path, 'ready', { clock, mode: 'poll' })

    await runUntilSettled(clock, waiting)

    expect(await waiting).toMatchObject({ line: 'ready' })
    expect(clock.now()).toBeGreaterThanOrEqual(1000)
    expect(clock.now()).toBeLessThan(1250)
  })

  it('does not count such a line again when its end comes', async () => {
    const clock = new VirtualClock()
    const path = log('ready')
    const seen: string[] = []
    const pattern = (line: string) => seen.push(line) > 0
    const options = { clock, mode: 'poll', count: 2, unfinishedMs: 20 } as const
    const waiting = waitForText(path, pattern, options)
    while (seen.length === 0) await nextLook(clock, waiting)

    appendFileSync(path, ' indeed\nready again\n')
    await runUntilSettled(clock, waiting)

    expect(await waiting).toMatchObject({ line: 'ready again' })
    expect(seen).toEqual(['ready', 'ready again'])
  })

  it('asks a function once about a last line without an end, until something is added', async () => {
    const clock = new VirtualClock()
    const path = log('half')
    const seen: string[] = []
    const pattern = (line: string) => seen.push(line) > 5
    const options = { clock, mode: 'poll', unfinishedMs: 20 } as const
    const waiting = waitForText(path, pattern, options)
    while (seen.length === 0) await nextLook(clock, waiting)
    for (let looks = 0; looks < 10; looks++) await nextLook(clock, waiting)

    appendFileSync(path, ' of it')
    for (let looks = 0; looks < 10; looks++) await nextLook(clock, waiting)
    appendFileSync(path, '\n1\n2\n3\n')
    await runUntilSettled(clock, waiting)

    expect(seen).toEqual(['half', 'half of it', 'half of it', '1', '2', '3'])
  })

  it('looks as often as ever while a last line has no end', async () => {
    const clock = new VirtualClock()
    const path = log('partial')
    const options = { clock, mode: 'poll', unfinishedMs: 5000 } as const
    const waiting = waitForText(path, 'ready', options)
    await nextLook(clock, waiting)

    appendFileSync(path, '\nready\n')
    await runUntilSettled(clock, waiting)

    expect(clock.now()).toBeLessThan(300)
  })

  it('takes the last line of a file that was rotated away, though it has no end', async () => {
    const path = log('one\nready')
    const clock = new VirtualClock()
    const waiting = waitForText(path, /^ready$/, { clock, mode: 'poll' })
    await nextLook(clock, waiting)

    renameSync(path, `${path}.1`)
    writeFileSync(path, 'new\n')
    await runUntilSettled(clock, waiting)

    expect(await waiting).toMatchObject({ line: 'ready', offset: 4 })
  })

  it('never takes such a line, if told so', async () => {
    const clock = new VirtualClock()
    const path = log('ready')
    const options = { clock, mode: 'poll', unfinishedMs: Infinity, timeout: 1e6 } as const
    const waiting = errorOf(waitForText(path, 'ready', options))

    await clock.advance(1e6)

    expect((await waiting).message).toContain('no line')
  })

  it('ends at the match, however much is behind it', async () => {
    const path = log(`ready\n${'ordinary line\n'.repeat(200_000)}`)
    let asked = 0
    const pattern = (line: string) => ++asked > 0 && line === 'ready'

    await waitForText(path, pattern, { timeout: 0 })

    expect(asked).toBe(1)
  })

  it('can be aborted in the middle of a large file', async () => {
    const path = log('ordinary line\n'.repeat(500_000))
    const controller = new AbortController()
    let asked = 0
    const pattern = () => {
      if (++asked === 10) controller.abort('enough')
      return false
    }

    const waiting = waitForText(path, pattern, { signal: leaks.watch(controller.signal) })

    await expect(waiting).rejects.toBe('enough')
    expect(asked).toBeLessThan(100_000)
    expect(descriptors(path)).toBe(0)
  })

  it('gives up in the middle of a file that grows for ever, and says where it was', async () => {
    const path = log('one\n')
    const clock = new VirtualClock()
    let asked = 0
    const pattern = () => {
      if (asked++ % 10_000 === 0) appendFileSync(path, 'ordinary line\n'.repeat(20_000))
      return false
    }
    const waiting = errorOf(waitForText(path, pattern, { clock, timeout: 1000 }))
    await until(() => asked >= 20_000)

    await clock.advance(2000)

    expect((await waiting).message).toContain('as the last line "ordinary line"')
    expect(descriptors(path)).toBe(0)
  })

  it.runIf(process.platform !== 'win32')(
    'goes on while the system does not let it read, and says so',
    async () => {
      const path = log()
      symlinkSync(path, path)
      const clock = new VirtualClock()
      const early = errorOf(waitForText(path, 'ready', { timeout: 0 }))
      const waiting = waitForText(path, 'ready', { clock, mode: 'poll' })
      await nextLook(clock, waiting)

      rmSync(path)
      writeFileSync(path, 'ready\n')
      await runUntilSettled(clock, waiting)

      expect(await waiting).toMatchObject({ line: 'ready' })
      expect((await early).cause).toMatchObject({ code: 'ELOOP' })
    },
  )

  it.runIf(process.platform === 'linux')(
    'reads a file that is another at each read once at each look',
    async () => {
      let asked = 0
      const pattern = () => ++asked > 1e6

      await errorOf(waitForText('/proc/self/stat', pattern, { timeout: 0 }))

      expect(asked).toBe(1)
    },
  )

  it('finds what comes after the file was rotated and emptied', async () => {
    const path = log('ok 1\n')
    const seen: string[] = []
    const pattern = (line: string) => seen.push(line) > 0
    const waiting = waitForText(path, pattern, { count: 3 })
    while (seen.length < 1) await stateOf(waiting)
    renameSync(path, `${path}.1`)
    writeFileSync(path, 'ok 2\n')
    while (seen.length < 2) await stateOf(waiting)

    truncateSync(path, 0)
    appendFileSync(path, 'ok 3\n')

    await waiting
    expect(seen).toEqual(['ok 1', 'ok 2', 'ok 3'])
  })

  it('says in the TimeoutError how many matches there were, and what the last line is', async () => {
    const path = log(`ok\n${'x'.repeat(100)}\n`)

    const error = await errorOf(waitForText(path, /^ok/, { count: 2, timeout: 0 }))

    expect(error.message).toBe(
      `Cannot wait for /^ok/ in "${path}" (last seen: 1 of 2 matches, ` +
        `as the last line "${'x'.repeat(80)}…"): waited 0 ms`,
    )
  })

  it('rejects with what a function throws, and leaves no descriptor', async () => {
    const path = log('one\n')
    const pattern = () => {
      throw new RangeError('mine')
    }

    await expect(waitForText(path, pattern)).rejects.toEqual(new RangeError('mine'))

    expect(descriptors(path)).toBe(0)
  })

  it('rejects when it is no file', async () => {
    await expect(waitForText(temporaryFolder(), 'a')).rejects.toBeInstanceOf(BrokenError)
  })

  it('rejects with the abort reason, and leaves nothing', async () => {
    const controller = new AbortController()
    const path = log('one\n')
    const waiting = waitForText(path, 'two', { signal: leaks.watch(controller.signal) })
    while (descriptors(path) === 0) await stateOf(waiting)

    controller.abort('enough')

    await expect(waiting).rejects.toBe('enough')
    expect(descriptors(path)).toBe(0)
  })

  it('rejects a function that answers with a promise', async () => {
    const pattern = (async () => false) as never

    await expect(waitForText(log('one\n'), pattern)).rejects.toThrow('it answered with a promise')
  })

  it.each([[undefined], [''], ['a\0b'], [5]])('rejects %j as a path', async (path) => {
    await expect(waitForText(path as string, 'a')).rejects.toThrow(TypeError)
  })

  it.each([
    ['no pattern', undefined, {}, TypeError],
    ['an empty pattern', '', {}, TypeError],
    ['a count of nothing', 'a', { count: 0 }, RangeError],
    ['a negative offset', 'a', { from: -1 }, RangeError],
    ['a negative patience', 'a', { unfinishedMs: -1 }, RangeError],
  ])('rejects %s', async (_, pattern, options, kind) => {
    await expect(waitForText('log', pattern as string, options as never)).rejects.toThrow(kind)
  })
})
