import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { waitForFile, waitForFileGone } from '@cupola/autowait'
import { TimeoutError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { stateOf } from '../../../test/state-of.ts'
import { errorOf } from './fixtures/error-of.ts'
import { nextLook, runUntilSettled } from './fixtures/run-until.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'

const leaks = expectNoLeaks()
const isPosix = process.platform !== 'win32'

describe('waitForFile()', () => {
  it('gives a file that is there, without watching', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'a'), 'abc')

    const [file, ...others] = await waitForFile('a', { cwd, timeout: 0 })

    expect(file).toMatchObject({ path: join(cwd, 'a'), seenBy: 'first-look' })
    expect(file.stats.size).toBe(3)
    expect(others).toEqual([])
  })

  it('gives up at once with timeout 0', async () => {
    const error = await errorOf(waitForFile('a', { cwd: temporaryFolder(), timeout: 0 }))

    expect(error).toBeInstanceOf(TimeoutError)
    expect(error.message).toMatch(/^Cannot wait for ".*a" \(last seen: ENOENT.*\): waited 0 ms$/)
    expect(error.cause).toMatchObject({ code: 'ENOENT' })
  })

  it('notices a file that comes, with the folders that it is in', async () => {
    const cwd = temporaryFolder()
    const waiting = waitForFile('a/b/c', { cwd })
    await stateOf(waiting)

    mkdirSync(join(cwd, 'a/b'), { recursive: true })
    writeFileSync(join(cwd, 'a/b/c'), '')

    const [file] = await waiting
    expect(file.path).toBe(join(cwd, 'a/b/c'))
  })

  it('notices a file in a folder that was deleted and made again', async () => {
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, 'a'))
    const waiting = waitForFile('a/b', { cwd })
    await stateOf(waiting)

    rmSync(join(cwd, 'a'), { recursive: true })
    mkdirSync(join(cwd, 'a'))
    writeFileSync(join(cwd, 'a/b'), '')

    expect(await waiting).toHaveLength(1)
  })

  it('gives all matches of a glob, by path, at any depth', async () => {
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, 'x/y'), { recursive: true })
    for (const name of ['b.csv', 'x/a.csv', 'x/y/c.csv', 'x/d.txt'])
      writeFileSync(join(cwd, name), '')

    const files = await waitForFile('**/*.csv', { cwd })

    expect(files.map(({ path }) => path)).toEqual(
      ['b.csv', 'x/a.csv', 'x/y/c.csv'].map((name) => join(cwd, name)),
    )
  })

  it('notices a match of a glob in a folder that comes later', async () => {
    const cwd = temporaryFolder()
    const waiting = waitForFile('*/in/*.{csv,tsv}', { cwd })
    await stateOf(waiting)

    mkdirSync(join(cwd, 'some/in'), { recursive: true })
    writeFileSync(join(cwd, 'some/in/no.txt'), '')
    writeFileSync(join(cwd, 'some/in/yes.tsv'), '')

    const [file] = await waiting
    expect(basename(file.path)).toBe('yes.tsv')
  })

  it('takes a URL for a path, whatever characters it has', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, '[a]*.txt'), '')

    const [file] = await waitForFile(pathToFileURL(join(cwd, '[a]*.txt')), { timeout: 0 })

    expect(basename(file.path)).toBe('[a]*.txt')
  })

  it('follows links, and takes one that leads nowhere for nothing', async () => {
    const cwd = temporaryFolder()
    symlinkSync(join(cwd, 'target'), join(cwd, 'link'))
    await errorOf(waitForFile('link', { cwd, timeout: 0 }))
    const waiting = waitForFile('link', { cwd })
    await stateOf(waiting)

    writeFileSync(join(cwd, 'target'), '')

    expect(await waiting).toHaveLength(1)
  })

  it('waits until a predicate accepts, which it asks again when the file changes', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'a'), 'ab')
    const sizes: number[] = []
    const until = ({ stats }: { readonly stats: { readonly size: number } }) => {
      sizes.push(stats.size)
      return stats.size > 3
    }
    const waiting = waitForFile('a', { cwd, until })
    while (sizes.length === 0) await stateOf(waiting)

    writeFileSync(join(cwd, 'a'), 'abcd')

    const [file] = await waiting
    expect(file.stats.size).toBe(4)
    expect(sizes[0]).toBe(2)
  })

  it.runIf(isPosix).each(['{a,b}', 'a+(b).txt', '@(x).txt', 'a\\b', 'a[1].txt', '!x', 'd[1]/f'])(
    'finds %s under that very name, though it means something else as a glob',
    async (name) => {
      const cwd = temporaryFolder()
      mkdirSync(dirname(join(cwd, name)), { recursive: true })
      const gone = waitForFileGone(name, { cwd, timeout: 0 })
      const waiting = waitForFile(name, { cwd })
      await gone

      writeFileSync(join(cwd, name), '')

      const [file] = await waiting
      expect(file.path).toBe(join(cwd, name))
      await expect(waitForFileGone(name, { cwd, timeout: 0 })).rejects.toThrow('is there')
    },
  )

  it('takes a text for a path, if told so', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'a.txt'), '')

    await waitForFile('*.txt', { cwd, timeout: 0 })
    await expect(waitForFile('*.txt', { cwd, literal: true, timeout: 0 })).rejects.toBeInstanceOf(
      TimeoutError,
    )
  })

  it('goes on in the folder that was the current one when it began', async () => {
    const cwd = relative(process.cwd(), temporaryFolder())
    const before = process.cwd()
    const waiting = waitForFile('*.late', { cwd })
    process.chdir('/')
    onTestFinished(() => process.chdir(before))
    expect(await stateOf(waiting)).toBe('pending')

    writeFileSync(join(resolve(before, cwd), 'a.late'), '')

    expect(await waiting).toHaveLength(1)
  })

  it('rejects with what the predicate throws', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'a'), '')
    const until = () => Promise.reject(new RangeError('mine'))

    await expect(waitForFile('a', { cwd, until })).rejects.toEqual(new RangeError('mine'))
  })

  it('waits until a stable file has stayed the same for stableMs', async () => {
    const cwd = temporaryFolder()
    const clock = new VirtualClock()
    writeFileSync(join(cwd, 'a'), 'a')
    const options = { cwd, clock, until: 'stable', stableMs: 300, mode: 'poll' } as const
    const waiting = waitForFile('a', options)
    while (clock.now() < 200) await nextLook(clock, waiting)

    const changed = clock.now()
    writeFileSync(join(cwd, 'a'), 'ab')
    await runUntilSettled(clock, waiting)

    const [file] = await waiting
    expect(file.stats.size).toBe(2)
    expect(clock.now() - changed).toBeGreaterThanOrEqual(300)
  })

  it('counts anew for a stable file that vanishes and comes back', async () => {
    const cwd = temporaryFolder()
    const clock = new VirtualClock()
    const path = join(cwd, 'a')
    writeFileSync(path, 'a')
    const options = { cwd, clock, until: 'stable', stableMs: 300, mode: 'poll' } as const
    const waiting = waitForFile('a', options)
    while (clock.now() < 100) await nextLook(clock, waiting)

    renameSync(path, `${path}.away`)
    while (clock.now() < 500) await nextLook(clock, waiting)
    const back = clock.now()
    renameSync(`${path}.away`, path)
    await runUntilSettled(clock, waiting)

    expect(await waiting).toHaveLength(1)
    expect(clock.now() - back).toBeGreaterThanOrEqual(300)
  })

  it.runIf(process.platform === 'linux')(
    'waits until a process that writes a file has closed it',
    async () => {
      const cwd = temporaryFolder()
      const descriptor = openSync(join(cwd, 'a'), 'w')
      const waiting = waitForFile('a', { cwd, until: 'closed' })
      const early = errorOf(waitForFile('a', { cwd, until: 'closed', timeout: 0 }))
      expect((await early).message).toContain('a process has it open for writing')

      writeSync(descriptor, 'abc')
      expect(await stateOf(waiting)).toBe('pending')
      closeSync(descriptor)

      const [file] = await waiting
      expect(file.stats.size).toBe(3)
    },
  )

  it.runIf(process.platform === 'linux')(
    'takes a file for open that is being written under another name',
    async () => {
      const cwd = temporaryFolder()
      const descriptor = openSync(join(cwd, 'a.tmp'), 'w')
      linkSync(join(cwd, 'a.tmp'), join(cwd, 'a.dat'))
      symlinkSync(join(cwd, 'a.tmp'), join(cwd, 'b.dat'))

      const error = await errorOf(waitForFile('*.dat', { cwd, until: 'closed', timeout: 0 }))

      expect(error.message).toContain('a process has it open for writing')
      closeSync(descriptor)
      expect(await waitForFile('*.dat', { cwd, until: 'closed', timeout: 0 })).toHaveLength(2)
    },
  )

  it.runIf(process.platform === 'linux')(
    'looks who has it open no more often than intervalMs',
    async () => {
      const cwd = temporaryFolder()
      const clock = new VirtualClock()
      const descriptor = openSync(join(cwd, 'a'), 'w')
      const options = { cwd, clock, until: 'closed', mode: 'poll', intervalMs: 1000 } as const
      const waiting = waitForFile('a', options)
      await nextLook(clock, waiting)

      closeSync(descriptor)
      await runUntilSettled(clock, waiting)

      expect(clock.now()).toBeGreaterThanOrEqual(1000)
      expect(clock.now()).toBeLessThan(1100)
    },
  )

  it.runIf(process.platform === 'linux')(
    'does not mind that a file is open for reading',
    async () => {
      const cwd = temporaryFolder()
      writeFileSync(join(cwd, 'a'), '')
      const descriptor = openSync(join(cwd, 'a'), 'r')

      expect(await waitForFile('a', { cwd, until: 'closed', timeout: 0 })).toHaveLength(1)

      closeSync(descriptor)
    },
  )

  it('rejects with the abort reason, and leaves nothing', async () => {
    const controller = new AbortController()
    const signal = leaks.watch(controller.signal)
    const waiting = waitForFile('a', { cwd: temporaryFolder(), signal })
    await stateOf(waiting)

    controller.abort('enough')

    await expect(waiting).rejects.toBe('enough')
  })

  it('begins at the current folder, if nothing else is said', async () => {
    const [file] = await waitForFile('package.json', { timeout: 0 })

    expect(file.path).toBe(join(process.cwd(), 'package.json'))
  })

  it.each([
    ['no path', undefined, {}, TypeError],
    ['an empty path', '', {}, TypeError],
    ['a path with a NUL', 'a\0b', {}, TypeError],
    ['a cwd that is no path', 'a', { cwd: 5 }, TypeError],
    ['an onPolling that is no function', 'a', { onPolling: 5 }, TypeError],
    ['an unknown until', 'a', { until: 'done' }, TypeError],
    ['an unknown mode', 'a', { mode: 'watch' }, TypeError],
    ['a negative stableMs', 'a', { stableMs: -1 }, RangeError],
    ['a pause of nothing', 'a', { intervalMs: 0 }, RangeError],
  ])('rejects %s', async (_, path, options, kind) => {
    await expect(waitForFile(path as string, options as never)).rejects.toThrow(kind)
  })
})

describe('waitForFileGone()', () => {
  it('resolves at once when there is nothing, not even a folder', async () => {
    await waitForFileGone('a/b', { cwd: temporaryFolder(), timeout: 0 })

    await waitForFileGone('a/*/b', { cwd: temporaryFolder(), timeout: 0 })
    expect.assertions(0)
  })

  it('waits until the file is deleted', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'a'), '')
    const waiting = waitForFileGone('a', { cwd })
    expect(await stateOf(waiting)).toBe('pending')

    rmSync(join(cwd, 'a'))

    await waiting
  })

  it('waits until the last match of a glob is deleted', async () => {
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, 'x'))
    for (const name of ['x/a.lock', 'b.lock']) writeFileSync(join(cwd, name), '')
    const waiting = waitForFileGone('**/*.lock', { cwd })
    rmSync(join(cwd, 'b.lock'))
    expect(await stateOf(waiting)).toBe('pending')

    rmSync(join(cwd, 'x'), { recursive: true })

    await waiting
  })

  it.runIf(isPosix)('does not take what cannot be looked at for gone', async () => {
    const cwd = temporaryFolder()
    symlinkSync('loop.lock', join(cwd, 'loop.lock'))

    for (const name of ['loop.lock', '*.lock']) {
      const error = await errorOf(waitForFileGone(name, { cwd, timeout: 0 }))
      expect(error.cause).toMatchObject({ code: 'ELOOP' })
    }
  })

  it.runIf(process.platform === 'linux')(
    'does not take a name that is no UTF-8 for gone',
    async () => {
      const cwd = temporaryFolder()
      writeFileSync(Buffer.from(`${cwd}/a\xff.lock`, 'latin1'), '')

      const error = await errorOf(waitForFileGone('*.lock', { cwd, timeout: 0 }))

      expect(error.message).toContain('is no UTF-8')
    },
  )

  it('says what is still there', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'a.lock'), '')

    const error = await errorOf(waitForFileGone('*.lock', { cwd, timeout: 0 }))

    expect(error.message).toContain(`"${join(cwd, 'a.lock')}" is there`)
  })
})
