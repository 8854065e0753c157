import { describe, expect, it } from 'vitest'
import { importCupLog, readCupLog } from '@cupola/journal'
import { reasonOf } from '../../../test/reason-of.ts'
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

describe('importCupLog()', () => {
  it('appends all records', async () => {
    const journal = await openOn(new MemoryFileSystem())

    expect(await importCupLog('/cup', journal, { fileSystem: diskWith(DONE, WRITING) })).toBe(4)

    expect([...(await contentOf(journal)).values()]).toEqual(['one', 'two', 'three', 'four'])
  })
})
