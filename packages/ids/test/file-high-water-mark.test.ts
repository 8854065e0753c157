import {
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BrokenError } from '@cupola/core'
import { FileHighWaterMark, type MarkFileSystem } from '@cupola/ids'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { errorOf } from '../../../test/reason-of.ts'
import { filesInMemory } from './fixtures/files-in-memory.ts'
import { untyped } from '../../../test/untyped.ts'

let folder = ''
let file = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cupola-mark-'))
  file = join(folder, 'mark')
})
afterEach(() => rm(folder, { recursive: true }))

const real: MarkFileSystem = { open, readdir, readFile, readlink, rename, rm, stat }

/** Says what is done to which file, in order; `fault` may change or break it. */
function traced(log: string[], fault: (call: string) => void = () => {}): MarkFileSystem {
  const tell = (call: string): void => {
    log.push(call)
    fault(call)
  }
  return {
    ...real,
    async open(path, flags, permissions) {
      const name = path === folder ? 'folder' : withoutChance(path.slice(folder.length + 1))
      tell(`open ${name}`)
      const handle = await open(path, flags, permissions)
      return {
        // Three bytes at a time: a disk need not take all.
        write: ((bytes: Uint8Array, at: number) => {
          tell(`write ${name}`)
          return handle.write(bytes, at, Math.min(3, bytes.length - at))
        }) as typeof handle.write,
        chmod: (mode) => handle.chmod(mode),
        async sync() {
          tell(`sync ${name}`)
          await handle.sync()
        },
        async close() {
          log.push(`close ${name}`)
          await handle.close()
        },
      }
    },
    async readdir(path) {
      tell('readdir')
      return await readdir(path)
    },
    async rename(from, to) {
      tell('rename')
      await rename(from, to)
    },
  }
}

/** The name of a draft has 16 digits that are never the same. */
function withoutChance(name: string): string {
  return name.replace(/^mark\.[0-9a-f]{16}\.new$/, 'mark.new')
}

/** As a generator does: what is below its mark may have been used, so its block begins there. */
async function reserveBlock(mark: FileHighWaterMark): Promise<bigint> {
  const begin = (await mark.read()) ?? 0n
  await mark.reserve(begin + 5n)
  return begin
}

/** A mark as it has always been written. */
const LINE = 'cupola high-water mark 1 123 0123456789abcdef e245a0dc\n'

describe('FileHighWaterMark', () => {
  it('has no mark where there is no file', async () => {
    expect(await new FileHighWaterMark(file).read()).toBeUndefined()
  })

  it('gives back what was reserved last, to anybody', async () => {
    const mark = new FileHighWaterMark(file)

    await mark.reserve(5n)
    await mark.reserve(2n ** 90n)

    expect(await new FileHighWaterMark(file).read()).toBe(2n ** 90n)
    expect(await readdir(folder)).toEqual(['mark'])
  })

  it('never goes back, whoever stored the mark', async () => {
    await new FileHighWaterMark(file).reserve(100n)

    await new FileHighWaterMark(file).reserve(7n)

    expect(await new FileHighWaterMark(file).read()).toBe(100n)
  })

  it.each([
    ['raised it', '6'],
    ['began anew', undefined],
  ])('is refused where somebody else has %s, and so goes on behind them', async (_, other) => {
    const mark = new FileHighWaterMark(file)
    await mark.read()
    await mark.reserve(5n)

    await rm(file)
    if (other !== undefined) await new FileHighWaterMark(file).reserve(BigInt(other))

    for (const upTo of [5n, 6n, 7n]) {
      expect(await errorOf(mark.reserve(upTo))).toEqual(
        new BrokenError(
          'store the high-water mark',
          `somebody else uses ${file}, which has ${other ?? 0} instead of 5`,
        ),
      )
    }
    expect(await new FileHighWaterMark(file).read()).toBe(other && BigInt(other))
  })

  it('lets one of two that began with the same mark go on', async () => {
    const [one, other] = [new FileHighWaterMark(file), new FileHighWaterMark(file)]
    await Promise.all([one.read(), other.read()])
    await one.reserve(5n)

    await expect(other.reserve(5n)).rejects.toThrow('somebody else uses')
    await one.reserve(9n)

    expect(await one.read()).toBe(9n)
  })

  it('never takes a mark for its own that somebody else has stored as high', async () => {
    let broken = true
    const fileSystem = traced([], (call) => {
      if (broken && call === 'rename') throw new Error('no space left')
    })
    const mark = new FileHighWaterMark(file, { fileSystem })
    await expect(mark.reserve(5n)).rejects.toThrow('cannot be written')
    broken = false

    await new FileHighWaterMark(file).reserve(5n)

    await expect(mark.reserve(5n)).rejects.toEqual(
      new BrokenError(
        'store the high-water mark',
        `somebody else uses ${file}, which has 5 instead of 0`,
      ),
    )
  })

  it('does not go back behind what it may have stored', async () => {
    let broken = true
    const fileSystem = traced([], (call) => {
      if (broken && call === 'sync folder') throw new Error('no space left')
    })
    const mark = new FileHighWaterMark(file, { fileSystem })
    await expect(mark.reserve(9n)).rejects.toThrow('cannot be written')
    broken = false

    await mark.reserve(5n)

    expect(await mark.read()).toBe(9n)
  })

  it.each([
    ['that is there', [1n, 2n, 3n]],
    ['that is not there yet', [undefined, 2n, 3n]],
  ])('leaves a symbolic link as it is, and keeps the mark in the file %s', async (_, marks) => {
    const volume = join(folder, 'volume')
    await mkdir(volume)
    if (marks[0] !== undefined) await new FileHighWaterMark(join(volume, 'mark')).reserve(marks[0])
    await symlink('mark', join(volume, 'link'))
    await symlink(join('volume', 'link'), file)

    const one = new FileHighWaterMark(file)
    const seen = [await one.read()]
    await one.reserve(2n)
    const other = new FileHighWaterMark(join(volume, 'mark'))
    seen.push(await other.read())
    await new FileHighWaterMark(file).reserve(3n)
    seen.push(await other.read())

    expect(seen).toEqual(marks)
    expect((await lstat(file)).isSymbolicLink()).toBe(true)
    expect((await readdir(volume)).sort()).toEqual(['link', 'mark'])
  })

  it('says so where links lead around in a circle', async () => {
    await symlink('mark', file)

    const error = await errorOf(new FileHighWaterMark(file).read())

    expect(error).toEqual(new BrokenError('read the high-water mark', `${file} cannot be read`))
    expect(error.cause).toMatchObject({ code: 'ELOOP' })
  })

  it('takes away what others left who were killed, and nothing else', async () => {
    const left = ['mark.0123456789abcdef.new', 'mark.aaaaaaaaaaaaaaaa.new']
    const own = ['mark.new', 'mark.0123.new', 'mark.bak', 'other.0123456789abcdef.new', 'xmark.new']
    for (const name of [...left, ...own]) await writeFile(join(folder, name), '')

    await new FileHighWaterMark(file).reserve(1n)

    expect((await readdir(folder)).sort()).toEqual(['mark', ...own].sort())
  })

  it('says so when another one takes its draft away', async () => {
    const fileSystem = traced([])
    const other = new FileHighWaterMark(file)
    const mark = new FileHighWaterMark(file, {
      fileSystem: {
        ...fileSystem,
        async rename(from, to) {
          await rm(from)
          await rename(from, to)
        },
      },
    })

    const error = await errorOf(mark.reserve(5n))

    expect(error).toEqual(
      new BrokenError(
        'store the high-water mark',
        `somebody else raises the one in ${file} at the same moment`,
      ),
    )
    expect(error.cause).toMatchObject({ code: 'ENOENT' })
    await other.reserve(5n)
    expect(await readdir(folder)).toEqual(['mark'])
  })

  it('gives no block twice, whoever reserves one at the same moment in whatever order', async () => {
    let refusals = 0
    const several = fc.integer({ min: 2, max: 3 })
    const property = fc.asyncProperty(fc.scheduler(), several, async (scheduler, many) => {
      const fileSystem = filesInMemory((call) => scheduler.schedule(Promise.resolve(), call))
      const reserving = Array.from({ length: many }, () => {
        return reserveBlock(new FileHighWaterMark(file, { fileSystem }))
      })

      const blocks = await scheduler.waitFor(Promise.allSettled(reserving))

      const begins = blocks.flatMap((block) => (block.status === 'fulfilled' ? block.value : []))
      const reasons = blocks.flatMap((block) => (block.status === 'rejected' ? block.reason : []))
      expect(begins).toEqual([...new Set(begins)])
      expect(reasons.filter((reason) => !String(reason).includes('somebody else'))).toEqual([])
      refusals += many - begins.length
    })
    await fc.assert(property, { numRuns: 2000 })
    expect(refusals).toBeGreaterThan(100)
    expect(refusals).toBeLessThan(4000)
  })

  it('stores marks in turn, when several are asked for at once', async () => {
    const mark = new FileHighWaterMark(file)

    await Promise.all([1n, 5n, 3n, 9n, 4n].map((upTo) => mark.reserve(upTo)))

    expect(await mark.read()).toBe(9n)
  })

  it('flushes the file before it renames it, and the folder after', async () => {
    const log: string[] = []
    const mark = new FileHighWaterMark(file, { fileSystem: traced(log) })

    await mark.reserve(1n)

    expect(log.filter((call) => call !== 'write mark.new')).toEqual([
      'open mark.new',
      'sync mark.new',
      'close mark.new',
      'readdir',
      'rename',
      'open folder',
      'sync folder',
      'close folder',
    ])
    expect(log.indexOf('sync mark.new')).toBeGreaterThan(log.lastIndexOf('write mark.new'))
  })

  it('writes all of it, also where the disk takes it in parts', async () => {
    await new FileHighWaterMark(file, { fileSystem: traced([]) }).reserve(12_345n)

    expect(await new FileHighWaterMark(file).read()).toBe(12_345n)
  })

  it.each([
    'open mark.new',
    'write mark.new',
    'sync mark.new',
    'readdir',
    'rename',
    'open folder',
    'sync folder',
  ])('rejects when it fails at "%s", closes what is open, and can be asked again', async (step) => {
    await new FileHighWaterMark(file).reserve(1n)
    const log: string[] = []
    const cause = new Error('no space left')
    let failing = true
    const fileSystem = traced(log, (call) => {
      if (failing && call === step) throw cause
    })
    const mark = new FileHighWaterMark(file, { fileSystem })

    const error = await errorOf(mark.reserve(2n))

    expect(error).toEqual(new BrokenError('store the high-water mark', `${file} cannot be written`))
    expect(error.cause).toBe(cause)
    expect([1n, 2n]).toContain(await mark.read())
    failing = false
    await mark.reserve(2n)
    expect(await mark.read()).toBe(2n)
    const count = (verb: string): number => log.filter((call) => call.startsWith(verb)).length
    expect(count('close')).toBe(count('open') - (step.startsWith('open') ? 1 : 0))
  })

  it('knows what it may have stored itself, although it failed', async () => {
    let broken = ''
    const fileSystem = traced([], (call) => {
      if (call === broken) throw new Error('no space left')
    })
    const mark = new FileHighWaterMark(file, { fileSystem })
    await mark.reserve(1n)
    for (const [upTo, step] of [
      [2n, 'sync folder'],
      [3n, 'open mark.new'],
    ] as const) {
      broken = step
      await expect(mark.reserve(upTo)).rejects.toThrow('cannot be written')
    }
    broken = ''

    await mark.reserve(4n)

    expect(await mark.read()).toBe(4n)
  })

  it('rejects where the disk takes nothing at all', async () => {
    const fileSystem: MarkFileSystem = {
      ...real,
      open: () =>
        Promise.resolve(
          untyped({ write: () => ({ bytesWritten: 0 }), sync() {}, async close() {} }),
        ),
    }

    const error = await errorOf(new FileHighWaterMark(file, { fileSystem }).reserve(1n))

    expect(error.cause).toEqual(new Error('Nothing was written'))
  })

  it.each([
    ['nothing', ''],
    ['another file', 'hello\n'],
    ['a mark that was changed', LINE.replace('123', '124')],
    ['a mark that was cut', LINE.slice(0, -2)],
    ['two marks', LINE.repeat(2)],
    ['a mark below 0', LINE.replace('123', '-123')],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0, 0])],
  ])('says so if there is %s in the file', async (_, content) => {
    await writeFile(file, content)

    const problem = new BrokenError('read the high-water mark', `${file} has no mark in it`)
    await expect(new FileHighWaterMark(file).read()).rejects.toEqual(problem)
    await expect(new FileHighWaterMark(file).reserve(1n)).rejects.toEqual(problem)
    expect(await readFile(file)).toEqual(Buffer.from(content))
    expect(await readdir(folder)).toEqual(['mark'])
  })

  it('reads the file as it has always been written', async () => {
    await writeFile(file, LINE)

    expect(await new FileHighWaterMark(file).read()).toBe(123n)
  })

  it('says so if a later version has written the file, and leaves it alone', async () => {
    const content = 'cupola high-water mark 2 123 something new\n'
    await writeFile(file, content)

    const problem = new BrokenError(
      'read the high-water mark',
      `${file} has a mark of version 2, expected 1`,
    )
    await expect(new FileHighWaterMark(file).read()).rejects.toEqual(problem)
    await expect(new FileHighWaterMark(file).reserve(1n)).rejects.toEqual(problem)
    expect(await readFile(file, 'latin1')).toBe(content)
  })

  it('says why the file cannot be read', async () => {
    const error = await errorOf(new FileHighWaterMark(folder).read())

    expect(error).toEqual(new BrokenError('read the high-water mark', `${folder} cannot be read`))
    expect(error.cause).toMatchObject({ code: 'EISDIR' })
  })

  it.each([
    [5, TypeError, 'Cannot use upTo: got number, expected a bigint'],
    [undefined, TypeError, 'Cannot use upTo: got undefined, expected a bigint'],
    [-1n, RangeError, 'Cannot use upTo: got -1, expected a bigint from 0 up'],
  ])('cannot reserve up to %o', async (upTo, kind, message) => {
    const error = await errorOf(new FileHighWaterMark(file).reserve(untyped(upTo)))

    expect(error).toEqual(new kind(message))
  })

  it.each([
    [null, 'null'],
    [5, 'number'],
    [[], 'array'],
  ])('is not made with the file system %o', (fileSystem, got) => {
    expect(() => new FileHighWaterMark(file, { fileSystem: untyped(fileSystem) })).toThrow(
      new TypeError(`Cannot use fileSystem: got ${got}, expected an object`),
    )
  })

  it.each(['open', 'readdir', 'readFile', 'readlink', 'rename', 'rm', 'stat'])(
    'is not made with a file system without %s()',
    (name) => {
      const fileSystem = untyped({ ...real, [name]: 5 })

      expect(() => new FileHighWaterMark(file, { fileSystem })).toThrow(
        new TypeError(`Cannot use fileSystem: it has no ${name}(), expected a MarkFileSystem`),
      )
    },
  )

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [new URL('file:///mark'), 'object'],
  ])('is not made with the path %o', (path, got) => {
    expect(() => new FileHighWaterMark(untyped(path))).toThrow(
      new TypeError(`Cannot use path: got ${got}, expected a string`),
    )
  })

  it.each([
    [null, 'null'],
    [real.open, 'function'],
  ])('is not made with the options %o', (options, got) => {
    expect(() => new FileHighWaterMark(file, untyped(options))).toThrow(
      new TypeError(`Cannot use options: got ${got}, expected an object`),
    )
  })
})
