import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { MemoryFileSystem } from './memory-file-system.ts'
import { contentOf, DIRECTORY, openOn } from './script.ts'

const PATH = `${DIRECTORY}/00000000000000000005.log`

/**
 * A segment of format version 1 as it was written once: records 5, a group of 6 and 7, and 8. It never
 * changes: whoever changes the format has to read this one nevertheless.
 */
const GOLDEN = [
  '4355504f4c414a0a01000100785634120500000000000000040000000000000000000000380b3d09',
  '4e84761303000000050000000000000007000102736574',
  '6207054104000000060000000000000000000003626f7468',
  'd442361d0a0000000700000000000000000003006f72206e656974686572',
  'e43d79970000000008000000000000000000c802',
].join('')

/** A segment by the book: what `segment-header.ts` and `record-frame.ts` say of it. */
function segmentOf(salt: number): Buffer {
  const header = Buffer.concat([
    Buffer.from('CUPOLAJ\n'),
    numbers([1, 2], [1, 1], [0, 1], [salt, 4], [5, 8], [4, 8], [0, 4]),
  ])
  const parts = [header, numbers([crc32(header), 4])]
  let previous = 0
  const records = [
    { id: 5, type: 7, mode: 1, flags: 2, text: 'set' },
    { id: 6, type: 0, mode: 0, flags: 3, text: 'both' },
    { id: 7, type: 0, mode: 3, flags: 0, text: 'or neither' },
    { id: 8, type: 0, mode: 200, flags: 2, text: '' },
  ]
  for (const { id, type, mode, flags, text } of records) {
    const head = numbers([text.length, 4], [id, 8], [type, 2], [mode, 1], [flags, 1])
    previous = (crc32(Buffer.concat([head, Buffer.from(text)]), previous) ^ salt) >>> 0
    parts.push(numbers([previous, 4]), head, Buffer.from(text))
  }
  return Buffer.concat(parts)
}

function numbers(...fields: readonly (readonly [value: number, bytes: number])[]): Buffer {
  return Buffer.concat(
    fields.map(([value, bytes]) => {
      const field = Buffer.alloc(8)
      field.writeBigUInt64LE(BigInt(value))
      return field.subarray(0, bytes)
    }),
  )
}

describe('a segment of format version 1', () => {
  it('is written as the book says', async () => {
    const disk = new MemoryFileSystem()
    const journal = await openOn(disk, { firstId: 5n })
    await journal.append({ payload: Buffer.from('set'), type: 7, mode: 'set' })
    await journal.appendMany([
      { payload: Buffer.from('both') },
      { payload: Buffer.from('or neither'), mode: 'delete' },
    ])
    await journal.append({ payload: Buffer.alloc(0), mode: 200 })
    await journal.close()
    const written = disk.files.get(PATH)

    expect(written?.toString('hex')).toBe(segmentOf(written?.readUInt32LE(12) ?? 0).toString('hex'))
  })

  it('is read, as it was written once', async () => {
    const journal = await openOn(new MemoryFileSystem([[PATH, Buffer.from(GOLDEN, 'hex')]]), {
      recovery: 'strict',
    })

    expect([...(await contentOf(journal))]).toEqual([
      [5n, 'set'],
      [6n, 'both'],
      [7n, 'or neither'],
      [8n, ''],
    ])
  })

  it.each([
    ['of a later version', 8, 2, 'version 2'],
    ['with an unknown checksum', 10, 9, 'algorithm 9'],
  ])('%s is refused', async (_, at, value, problem) => {
    const bytes = segmentOf(1)
    bytes[at] = value
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 36)), 36)

    const opening = openOn(new MemoryFileSystem([[PATH, bytes]]))

    await expect(opening).rejects.toThrow(problem)
  })
})
