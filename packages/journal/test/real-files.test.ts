import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Journal, writeFileAtomic } from '@cupola/journal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { reasonOf } from '../../../test/reason-of.ts'
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

describe('writeFileAtomic()', () => {
  it('replaces the content, keeps the permissions and leaves nothing else', async () => {
    const path = join(directory, 'settings.json')
    await writeFile(path, 'a long content of before', { mode: 0o640 })

    await writeFileAtomic(path, 'after ✓')

    expect(await readFile(path, 'utf8')).toBe('after ✓')
    expect((await stat(path)).mode & 0o777).toBe(0o640)
    expect(await readdir(directory)).toEqual(['settings.json'])
  })

  it('replaces a symbolic link, not the file that it leads to', async () => {
    const target = join(directory, 'target')
    const path = join(directory, 'link')
    await writeFile(target, 'kept')
    await symlink(target, path)

    await writeFileAtomic(path, 'new')

    expect(await readFile(target, 'utf8')).toBe('kept')
    expect(await readFile(path, 'utf8')).toBe('new')
  })

  it('leaves the file as it is when it fails', async () => {
    const path = join(directory, 'missing/settings.json')

    expect(await reasonOf(writeFileAtomic(path, 'new'))).toMatchObject({ code: 'ENOENT' })

    expect(await readdir(directory)).toEqual([])
  })

  it('refuses what is neither text nor bytes', async () => {
    // @ts-expect-error -- what somebody without a compiler may pass
    expect(await reasonOf(writeFileAtomic(join(directory, 'x'), 7))).toBeInstanceOf(TypeError)
  })
})
