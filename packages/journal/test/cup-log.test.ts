import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importCupLog, readCupLog } from '@cupola/journal'
import { errorOf, reasonOf } from '../../../test/reason-of.ts'
import { MemoryFileSystem } from './memory-file-system.ts'
import { contentOf, openOn } from './script.ts'

/** A record as CUP lays it out. */
function cupRecord(id: number, mode: number, text: string): Buffer {
  const record = Buffer.alloc(24 + text.length)
  record.writeUInt32LE(20 + text.length, 0)
  record.writeBigUInt64LE(BigInt(id), 4)
  record.writeUInt16LE(7, 20)
  record.writeUInt16LE(mode, 22)
  record.write(text, 24)
  return record
}

const DONE = Buffer.concat([cupRecord(0, 0, 'one'), cupRecord(1, 1, 'two')])
const WRITING = Buffer.concat([cupRecord(2, 3, 'three'), cupRecord(3, 0, 'four')])

function diskWith(done: Buffer, writing: Buffer): MemoryFileSystem {
  return new MemoryFileSystem([
    ['/cup/0/writing.2', writing],
    ['/cup/0/done.0', done],
    ['/cup/0/done.log.swp', Buffer.from('of somebody else')],
    ['/cup/logfile.list', Buffer.from('done.0\n')],
  ])
}

async function readAll(disk: MemoryFileSystem, skipDamaged = false): Promise<string[]> {
  const texts: string[] = []
  for await (const { id, type, mode, payload } of readCupLog('/cup', {
    fileSystem: disk,
    skipDamaged,
  })) {
    texts.push(`${id} ${type} ${mode} ${Buffer.from(payload).toString()}`)
  }
  return texts
}

const ALL = ['0 7 add one', '1 7 set two', '2 7 delete three', '3 7 add four']

describe('readCupLog()', () => {
  it('gives all records, in the order of their files', async () => {
    expect(await readAll(diskWith(DONE, WRITING))).toEqual(ALL)
  })

  it('leaves out a last record that was cut short', async () => {
    expect(await readAll(diskWith(DONE, WRITING.subarray(0, -1)))).toEqual(ALL.slice(0, 3))
    expect(await readAll(diskWith(DONE, Buffer.alloc(0)))).toEqual(ALL.slice(0, 2))
  })

  it('does not take the zeros of a repair for records', async () => {
    const zeros = diskWith(DONE, Buffer.alloc(100))

    expect(await reasonOf(readAll(zeros))).toMatchObject({ code: 'ERR_BROKEN' })
    expect(await readAll(zeros, true)).toEqual(ALL.slice(0, 2))
  })

  it('refuses a finished file that was cut short, unless told to skip', async () => {
    const short = diskWith(DONE.subarray(0, -1), WRITING)

    expect(await reasonOf(readAll(short))).toMatchObject({ code: 'ERR_BROKEN' })
    expect(await readAll(short, true)).toEqual([ALL[0], ...ALL.slice(2)])
  })
})

describe('readCupLog() of files that are not what CUP has written', () => {
  const refused = (path: string, at: number): string =>
    `Cannot read what CUP has written: "/cup/0/${path}" is damaged at byte ${at}`

  /** The second record says that it is so long. */
  function withLength(bytes: Buffer, length: number): Buffer {
    const spoilt = Buffer.from(bytes)
    spoilt.writeUInt32LE(length, 24 + bytes.readUInt32LE(0) - 20)
    return spoilt
  }
  const three = Buffer.concat([WRITING, cupRecord(4, 0, 'five')])

  it.each([
    ['that ends a finished file', withLength(DONE, 0xff_ff_ff_ff), WRITING, 'done.0', 27],
    ['with others behind it', DONE, withLength(three, 0xff_ff_ff_ff), 'writing.2', 29],
    ['a little too large, with others behind it', DONE, withLength(three, 100), 'writing.2', 29],
    ['shorter than a record can be', DONE, withLength(three, 19), 'writing.2', 29],
  ])('refuses a length %s', async (_, done, writing, path, at) => {
    expect((await errorOf(readAll(diskWith(done, writing)))).message).toBe(refused(path, at))
  })

  it('is the whole of it, or what was there before the cut, at any byte of the last file', async () => {
    for (let length = 0; length <= WRITING.length; length++) {
      const texts = await readAll(diskWith(DONE, WRITING.subarray(0, length)))
      expect(texts).toEqual(ALL.slice(0, 2 + (length >= 29 ? 1 : 0) + (length >= 57 ? 1 : 0)))
    }
  })

  it('lets files of other names be, and takes ids of 128 bits', async () => {
    const large = Buffer.from(cupRecord(0, 1, 'large'))
    large.fill(0xff, 4, 20)
    const disk = new MemoryFileSystem([
      ['/cup/0/done.', DONE],
      ['/cup/0/done.-1', DONE],
      ['/cup/0/done.1e3', DONE],
      ['/cup/0/done.0.bak', DONE],
      ['/cup/0/undone.0', DONE],
      ['/cup/0/nodot', DONE],
      [`/cup/0/done.${2n ** 128n - 1n}`, large],
      ['/cup/0/writing.00', DONE],
    ])

    expect(await readAll(disk)).toEqual([...ALL.slice(0, 2), `${2n ** 128n - 1n} 7 set large`])
  })

  it.each([
    ['a folder that is missing', async () => {}, 'ENOENT'],
    ['a folder that is a loop of links', (path: string) => symlink('0', join(path, '0')), 'ELOOP'],
    [
      'a file that is a loop of links',
      async (path: string) => {
        await mkdir(join(path, '0'))
        await symlink('done.1', join(path, '0/done.0'))
        await symlink('done.0', join(path, '0/done.1'))
      },
      'ELOOP',
    ],
    [
      'a file that is a folder',
      (path: string) => mkdir(join(path, '0/done.0'), { recursive: true }),
      'ERR_BROKEN',
    ],
  ])('rejects with an error that says what is so: %s', async (_, make, code) => {
    const directory = await mkdtemp(join(tmpdir(), 'cupola-cup-'))
    await make(directory)

    expect(await reasonOf(readCupLog(directory).next())).toMatchObject({ code })

    await rm(directory, { recursive: true })
  })
})

describe('importCupLog()', () => {
  it('appends all records', async () => {
    const journal = await openOn(new MemoryFileSystem())

    expect(await importCupLog('/cup', journal, { fileSystem: diskWith(DONE, WRITING) })).toBe(4)

    expect([...(await contentOf(journal)).values()]).toEqual(['one', 'two', 'three', 'four'])
  })
})
