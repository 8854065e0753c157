import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Journal, verifyJournal } from '@cupola/journal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'
import { contentOf } from './script.ts'

expectNoLeaks()

let directory = ''

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cupola-journal-'))
})

afterEach(async () => {
  await rm(directory, { recursive: true })
})

describe('a journal in a real directory', () => {
  it('is there when it is opened again, and its directory is made', async () => {
    const path = join(directory, 'a/b')
    const journal = await Journal.open(path, { segmentBytes: 100 })
    for (const text of ['one', 'two', 'three']) await journal.append({ payload: Buffer.from(text) })
    await journal.close()

    const again = await Journal.open(path, { recovery: 'strict' })

    expect([...(await contentOf(again)).values()]).toEqual(['one', 'two', 'three'])
    expect(again.removed).toEqual([])
    await again.close()
  })

  it('leaves nothing but records, when it is closed', async () => {
    const journal = await Journal.open(directory)
    await journal.append({ payload: Buffer.from('one') })
    await journal.close()

    expect(await readdir(directory)).toEqual(['00000000000000000001.log'])
    expect((await stat(join(directory, '00000000000000000001.log'))).size).toBe(40 + 20 + 3)
  })

  it('keeps what it cuts off', async () => {
    await (await Journal.open(directory)).close()
    const path = join(directory, '00000000000000000001.log')
    await writeFile(path, Buffer.concat([await readFile(path), Buffer.from('remains of a write')]))

    const journal = await Journal.open(directory)

    const [removed] = journal.removed
    expect(removed?.bytes).toBe(18)
    expect(await readFile(removed?.savedAs ?? '', 'utf8')).toBe('remains of a write')
    await journal.close()
  })
})

describe('something else by the name of a segment', () => {
  const MAKERS = {
    'a pipe': (path: string) => execFileSync('mkfifo', [path]),
    'a directory': (path: string) => mkdirSync(path),
  }

  for (const [what, make] of Object.entries(MAKERS)) {
    it(`is refused, and does not hold anybody up: ${what}`, async () => {
      const path = join(directory, '00000000000000000001.log')
      make(path)
      const message = `Cannot open "${path}": it is not a file`

      expect(await errorOf(Journal.open(directory))).toMatchObject({ code: 'ERR_BROKEN', message })
      expect((await errorOf(verifyJournal(directory))).message).toBe(message)
      expect(await readdir(directory)).toEqual(['00000000000000000001.log'])
    })
  }
})

describe('a journal whose directory vanishes', () => {
  it('says so when it begins a segment, and takes nobody else the lock that is there by then', async () => {
    const path = join(directory, 'journal')
    const journal = await Journal.open(path, { segmentBytes: 1 })
    await journal.append({ payload: Buffer.from('one') })
    await rm(path, { recursive: true })

    const error = await reasonOf(journal.append({ payload: Buffer.from('two') }))

    expect(error).toMatchObject({ code: 'ERR_BROKEN', cause: { code: 'ENOENT' } })
    const another = await Journal.open(path)
    const lock = await readFile(join(path, 'lock'), 'utf8')
    await writeFile(join(path, 'lock'), `${lock} `)
    await journal.close()
    expect(await readFile(join(path, 'lock'), 'utf8')).toBe(`${lock} `)
    await writeFile(join(path, 'lock'), lock)
    await another.close()
    expect(await readdir(path)).not.toContain('lock')
  })

  it('says so when it is to be read', async () => {
    const path = join(directory, 'journal')
    const journal = await Journal.open(path, { segmentBytes: 1 })
    await journal.append({ payload: Buffer.from('one') })
    await rm(path, { recursive: true })

    expect(await reasonOf(journal.read().next())).toMatchObject({ code: 'ENOENT' })
    await journal.close()
  })
})

describe("a journal's lock", () => {
  it('keeps others out while it is open', async () => {
    const journal = await Journal.open(directory)

    const error = await reasonOf(Journal.open(directory))

    expect(error).toMatchObject({ code: 'ERR_BROKEN' })
    expect(String(error)).toContain(`process ${process.pid}`)
    await journal.close()
  })

  it('of this process number, but of another process, is taken over', async () => {
    const journal = await Journal.open(directory)
    const lock = join(directory, 'lock')
    const holder: object = JSON.parse(await readFile(lock, 'utf8'))
    await journal.close()
    await writeFile(lock, JSON.stringify({ ...holder, started: '1' }))

    await (await Journal.open(directory)).close()

    expect(await readdir(directory)).not.toContain('lock')
  })

  it('of a process that has ended is taken over', async () => {
    const { pid } = spawnSync(process.execPath, ['--version'])
    const journal = await Journal.open(directory)
    const lock = join(directory, 'lock')
    const holder: object = JSON.parse(await readFile(lock, 'utf8'))
    await journal.close()
    await writeFile(lock, JSON.stringify({ ...holder, pid }))

    await (await Journal.open(directory)).close()

    expect(await readdir(directory)).not.toContain('lock')
  })

  it('is as old as it may be: no clock decides', async () => {
    const journal = await Journal.open(directory)
    const lock = join(directory, 'lock')

    for (const seconds of [0, 4e9]) {
      await utimes(lock, seconds, seconds)
      expect(await reasonOf(Journal.open(directory))).toMatchObject({ code: 'ERR_BROKEN' })
    }

    await journal.close()
  })

  it('of another container is respected', async () => {
    const journal = await Journal.open(directory)
    const lock = join(directory, 'lock')
    const holder: object = JSON.parse(await readFile(lock, 'utf8'))
    await journal.close()
    await writeFile(lock, JSON.stringify({ ...holder, namespace: 'pid:[1]', pid: 2 ** 22 }))

    expect(String(await reasonOf(Journal.open(directory)))).toContain(`remove "${lock}"`)
  })

  it('of another boot is taken over, of another machine never', async () => {
    const journal = await Journal.open(directory)
    const lock = join(directory, 'lock')
    const holder: object = JSON.parse(await readFile(lock, 'utf8'))
    await journal.close()

    await writeFile(lock, JSON.stringify({ ...holder, boot: 'before' }))
    await (await Journal.open(directory)).close()

    await writeFile(lock, JSON.stringify({ ...holder, boot: 'before', host: 'elsewhere' }))
    expect(String(await reasonOf(Journal.open(directory)))).toContain(`remove "${lock}"`)
  })

  it('leaves nothing of a process that was killed while it came for it', async () => {
    const journal = await Journal.open(directory)
    const lock = join(directory, 'lock')
    const holder: object = JSON.parse(await readFile(lock, 'utf8'))
    await journal.close()
    await writeFile(`${lock}-0a1b2c3d4e5f.temp`, JSON.stringify({ ...holder, started: '1' }))
    await writeFile(`${lock}-0a1b2c3d4e60.temp`, JSON.stringify(holder))

    await (await Journal.open(directory)).close()

    expect((await readdir(directory)).filter((name) => name.startsWith('lock'))).toEqual([
      'lock-0a1b2c3d4e60.temp',
    ])
  })

  it('is let be if it is a pipe', async () => {
    const lock = join(directory, 'lock')
    execFileSync('mkfifo', [lock])

    const { message } = await errorOf(Journal.open(directory))

    expect(message).toBe(
      `Cannot open the journal for writing: somebody has it open; if that is not so, remove "${lock}"`,
    )
  })

  it('is taken, and given back, whatever else has the name of its remains', async () => {
    mkdirSync(join(directory, 'lock-0a1b2c3d4e5f.temp'))

    for (let time = 0; time < 2; time++) await (await Journal.open(directory)).close()

    expect(await readdir(directory)).not.toContain('lock')
  })

  it.each(['', 'null', '[]', '{"pid":-1}', '{"pid":"1"}', '{"pid":1}', '0'.repeat(1e5)])(
    'that says nobody is respected: %o',
    async (forged) => {
      const lock = join(directory, 'lock')
      await writeFile(lock, forged)

      expect(await reasonOf(Journal.open(directory))).toMatchObject({ code: 'ERR_BROKEN' })

      expect(await readFile(lock, 'utf8')).toBe(forged)
    },
  )

  it('is the same by whatever path, and wherever the process goes', async () => {
    const link = `${directory}-link`
    await symlink(directory, link)
    const before = process.cwd()
    try {
      process.chdir(directory)
      const journal = await Journal.open('.', { segmentBytes: 1 })
      process.chdir(before)

      expect(await reasonOf(Journal.open(link))).toMatchObject({ code: 'ERR_BROKEN' })
      for (const text of ['one', 'two']) await journal.append({ payload: Buffer.from(text) })

      expect([...(await contentOf(journal)).values()]).toEqual(['one', 'two'])
      await journal.close()
    } finally {
      process.chdir(before)
      await rm(link)
    }
  })

  it('of a dead process goes to one of many who come for it', async () => {
    const lock = join(directory, 'lock')
    const journal = await Journal.open(directory)
    const holder: object = JSON.parse(await readFile(lock, 'utf8'))
    await journal.close()
    await writeFile(lock, JSON.stringify({ ...holder, started: '1' }))

    const opened = await Promise.allSettled(
      Array.from({ length: 20 }, () => Journal.open(directory)),
    )

    const open = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(open).toHaveLength(1)
    await open[0]?.close()
  })
})
