import { BufferPool, type NumberFormat, type PooledBuffer } from '@cupola/buffer-pool'
import { FullError } from '@cupola/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const BLOCK = 16
const LENGTHS = Array.from({ length: 3 * BLOCK + 2 }, (_, length) => length)
const ENCODINGS = [
  'utf8',
  'utf-8',
  'utf16le',
  'ucs2',
  'latin1',
  'binary',
  'ascii',
  'hex',
  'base64',
  'base64url',
] as const

const pool = new BufferPool({ blockSize: BLOCK, maxBlocks: 1000 })
const newBuffer = (blocks = 4): PooledBuffer => pool.allocate(blocks)

/** Bytes that are all different as long as there are not too many. */
function pattern(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => (index * 7 + 3) % 256))
}

/** What lies in the blocks, put together by the runtime. */
function contentOf(buffer: PooledBuffer): Buffer {
  return Buffer.concat(buffer.bytes())
}

describe('a content of each length from 0 to three blocks and a byte', () => {
  it('comes back as it was set', () => {
    for (const length of LENGTHS) {
      using buffer = newBuffer()
      const bytes = pattern(length)

      buffer.set(bytes)

      expect(buffer.length).toBe(length)
      expect(contentOf(buffer)).toEqual(bytes)
      expect(buffer.toBuffer()).toEqual(bytes)
      expect(buffer.reader().bytes()).toEqual(bytes)
      expect(buffer.toString('hex')).toBe(bytes.toString('hex'))
    }
  })

  it('takes as much behind it', () => {
    for (const length of LENGTHS) {
      using buffer = newBuffer(7)
      const bytes = pattern(length)

      buffer.set(bytes).append(bytes)

      expect(contentOf(buffer)).toEqual(Buffer.concat([bytes, bytes]))
    }
  })

  it('is written to the spare room and committed', () => {
    for (const length of LENGTHS) {
      using buffer = newBuffer()
      buffer.set('12345')
      const bytes = pattern(length).subarray(0, buffer.capacity - 5)
      let done = 0
      for (const room of buffer.spare()) done += bytes.copy(room, 0, done)

      buffer.commit(bytes.length)

      expect(contentOf(buffer)).toEqual(Buffer.concat([Buffer.from('12345'), bytes]))
    }
  })
})

describe.each(ENCODINGS)('text in %s', (encoding) => {
  it('comes back', () => {
    for (const length of LENGTHS) {
      using buffer = newBuffer(10)
      const text = pattern(length).toString(encoding)

      buffer.append('1').append(text, encoding)

      const bytes = Buffer.concat([Buffer.from('1'), Buffer.from(text, encoding)])
      expect(contentOf(buffer)).toEqual(bytes)
      expect(buffer.toString(encoding, 1)).toBe(bytes.toString(encoding, 1))
      expect(buffer.reader(1).text(undefined, encoding)).toBe(bytes.toString(encoding, 1))
    }
  })
})

describe('text of characters that take one, two, three or four bytes', () => {
  const characters = ['a', 'é', '€', '🙂']
  const starts = Array.from({ length: BLOCK + 1 }, (_, start) => start)

  it.each(starts)('goes over the borders of blocks, from byte %i on', (start) => {
    for (const character of characters) {
      using buffer = newBuffer()
      const text = character.repeat(9)

      buffer.set('x'.repeat(start)).append(text)

      expect(buffer.toString('utf8', start)).toBe(text)
      expect(contentOf(buffer).toString()).toBe('x'.repeat(start) + text)
    }
  })

  it.each(starts)('is never split at the end, of a room of %i bytes', (room) => {
    for (const character of characters) {
      using buffer = newBuffer(2)
      buffer.set('x'.repeat(2 * BLOCK - room))
      const size = Buffer.byteLength(character)

      const units = buffer.writer().text(character.repeat(20))

      expect(units).toBe(Math.floor(room / size) * character.length)
      expect(buffer.toString('utf8', 2 * BLOCK - room)).toBe(
        character.repeat(Math.floor(room / size)),
      )
    }
  })

  it('becomes what Buffer makes of it, with lone surrogates too', () => {
    const character = fc.oneof(
      fc.integer({ min: 0, max: 0x10_ffff }).map((point) => String.fromCodePoint(point)),
      fc.constantFrom('a', 'é', '€', '🙂', '\ud83d', '\ude42'),
    )
    const anyText = fc.string({ unit: character })
    fc.assert(
      fc.property(fc.nat(BLOCK), anyText, (start, text) => {
        using buffer = newBuffer(100)

        buffer.set('x'.repeat(start)).append(text)

        expect(contentOf(buffer).subarray(start)).toEqual(Buffer.from(text))
      }),
    )
  })
})

describe('PooledBuffer.set()', () => {
  it('replaces a longer content', () => {
    using buffer = newBuffer()

    buffer.set('a long content').set('short')

    expect(buffer.toString()).toBe('short')
  })

  it.each([
    ['bytes', Buffer.alloc(65)],
    ['text', 'x'.repeat(65)],
    ['text of wide characters', '€'.repeat(22)],
    ['text in another encoding', 'x'.repeat(33)],
  ])('refuses %s that do not fit, and changes nothing', (what, content) => {
    using buffer = newBuffer(4)
    buffer.set('before')
    const encoding = what.endsWith('encoding') ? 'utf16le' : 'utf8'

    expect(() => buffer.set(content, encoding)).toThrow(
      expect.objectContaining({ code: 'ERR_FULL', refused: content }),
    )
    expect(buffer.toString()).toBe('before')
  })

  it('says how much room there is', () => {
    const own = new BufferPool({ blockSize: 16, maxBlocks: 1 })
    using buffer = own.allocate(1)

    expect(() => buffer.set('x'.repeat(17))).toThrow(
      'Cannot write to the buffer 1: it has room for 16 bytes, not for 17',
    )
  })
})

describe('bytes of the buffer itself', () => {
  it('are written as they were before, over borders and over one another', () => {
    for (const start of LENGTHS.filter((length) => length <= 2 * BLOCK)) {
      using buffer = newBuffer()
      buffer.set(pattern(2 * BLOCK))
      const [first = Buffer.of()] = buffer.bytes()

      buffer.writer(start).bytes(first)

      expect(contentOf(buffer).subarray(start, start + BLOCK)).toEqual(pattern(BLOCK))
    }
  })

  it.each(['off', 'detach'] as const)('are set aside, of whichever slab (guard: %s)', (guard) => {
    // So large that each is a slab of its own.
    const blockSize = 2 ** 20
    using buffer = new BufferPool({ blockSize, maxBlocks: 3, guard }).allocate(3)
    for (const byte of [0, 1, 2]) buffer.append(Buffer.alloc(blockSize, byte))
    buffer.fill(3, 2 * blockSize - 8, 2 * blockSize)
    const [, second = Buffer.of()] = buffer.bytes()
    const before = Buffer.from(second)

    buffer.writer(blockSize + 8).bytes(second)

    expect(buffer.toBuffer(blockSize + 8, 2 * blockSize + 8).equals(before)).toBe(true)
  })

  it('are appended as often as is wanted', () => {
    using buffer = newBuffer()
    buffer.set('0123456789')

    for (let times = 0; times < 2; times++) for (const own of buffer.bytes()) buffer.append(own)

    expect(buffer.toString()).toBe('0123456789'.repeat(4))
  })
})

describe('PooledBuffer.append()', () => {
  it('refuses what does not fit any more, and changes nothing', () => {
    using buffer = newBuffer(1)
    buffer.set('x'.repeat(10))

    expect(() => buffer.append('1234567')).toThrow(FullError)
    expect(buffer.append('123456').length).toBe(16)
  })
})

describe('PooledBuffer.fill()', () => {
  it('fills all there is room for', () => {
    using buffer = newBuffer(3)

    buffer.fill(7)

    expect(contentOf(buffer)).toEqual(Buffer.alloc(3 * BLOCK, 7))
  })

  it('fills from one position to another, over borders', () => {
    using buffer = newBuffer(3)
    buffer.set(Buffer.alloc(40, 1))

    buffer.fill(2, 10, 35)

    expect(contentOf(buffer)).toEqual(
      Buffer.concat([Buffer.alloc(10, 1), Buffer.alloc(25, 2), Buffer.alloc(5, 1)]),
    )
  })
})

describe('PooledBuffer.copyTo()', () => {
  it('copies what was there before, to bytes of the buffer itself as well', () => {
    using buffer = newBuffer()
    buffer.set(pattern(3 * BLOCK))
    const [, second = Buffer.of()] = buffer.bytes()

    buffer.copyTo(second, BLOCK / 2)

    expect(second).toEqual(pattern(3 * BLOCK).subarray(BLOCK / 2, BLOCK / 2 + BLOCK))
  })

  it('copies as much as there is and the target holds', () => {
    using buffer = newBuffer()
    buffer.set(pattern(40))
    const [shorter, longer] = [Buffer.alloc(20), Buffer.alloc(50)]

    expect(buffer.copyTo(shorter, 10)).toBe(20)
    expect(buffer.copyTo(longer)).toBe(40)

    expect(shorter).toEqual(pattern(40).subarray(10, 30))
    expect(longer.subarray(0, 40)).toEqual(pattern(40))
  })
})

describe('PooledBuffer.bytes()', () => {
  it('gives the blocks themselves', () => {
    using buffer = newBuffer(2)
    const [first] = buffer.spare()
    buffer.set('x'.repeat(20))

    expect(buffer.bytes()[0]).toBe(first)
    expect(buffer.bytes().map((bytes) => bytes.length)).toEqual([16, 4])
  })
})

const NUMBERS: readonly (readonly [NumberFormat, number | bigint])[] = [
  ['Int8', -5],
  ['UInt8', 250],
  ['Int16LE', -2],
  ['Int16BE', -2],
  ['UInt16LE', 65_000],
  ['UInt16BE', 65_000],
  ['Int32LE', -70_000],
  ['Int32BE', -70_000],
  ['UInt32LE', 4_000_000_000],
  ['UInt32BE', 4_000_000_000],
  ['FloatLE', 0.5],
  ['FloatBE', 0.5],
  ['DoubleLE', Math.PI],
  ['DoubleBE', Math.PI],
  ['BigInt64LE', -(2n ** 60n)],
  ['BigInt64BE', -(2n ** 60n)],
  ['BigUInt64LE', 2n ** 63n],
  ['BigUInt64BE', 2n ** 63n],
]

describe.each(NUMBERS)('a number as %s', (format, value) => {
  it('is what Buffer writes and reads, at every distance from a border', () => {
    for (let start = 0; start <= BLOCK; start++) {
      using buffer = newBuffer(3)
      const reference = Buffer.alloc(3 * BLOCK)
      buffer.fill(0, 0, start)
      // oxlint-disable-next-line typescript/no-explicit-any -- a method by its name
      const length: number = (reference as any)[`write${format}`](value, start)

      buffer.writer().write(format, value)

      expect(contentOf(buffer)).toEqual(reference.subarray(0, length))
      expect(buffer.reader(start).read(format)).toBe(value)
    }
  })
})

describe('BufferReader', () => {
  it('goes on where it was', () => {
    using buffer = newBuffer()
    buffer.writer().write('UInt16BE', 5).bytes(Buffer.from('hello')).write('Int8', -1)
    const reader = buffer.reader()

    expect(reader.text(reader.read('UInt16BE'))).toBe('hello')
    expect(reader.read('Int8')).toBe(-1)
    expect([reader.position, reader.remaining]).toEqual([8, 0])
  })

  it('gives what lies together, without a copy', () => {
    using buffer = newBuffer()
    buffer.set(pattern(40))
    const reader = buffer.reader(4)

    expect(reader.span(5)).toEqual(pattern(40).subarray(4, 9))
    expect(reader.span().length).toBe(7)
    expect(reader.span()).toBe(buffer.bytes()[1])
    expect(reader.span().length).toBe(8)
    expect(reader.span().length).toBe(0)
  })

  it('refuses to read more than there is, and stays where it was', () => {
    using buffer = newBuffer()
    buffer.set('abc')
    const reader = buffer.reader(1)

    expect(() => reader.read('UInt32LE')).toThrow(
      new RangeError('Cannot read 4 bytes at 1: the content has 3'),
    )
    expect(reader.text()).toBe('bc')
  })

  it('has nothing left where the content has become shorter', () => {
    using buffer = newBuffer()
    const reader = buffer.set('abcdef').reader(5)

    buffer.set('abc')

    expect(reader.remaining).toBe(0)
    expect(reader.span().length).toBe(0)
    expect(() => reader.text()).toThrow(
      new RangeError('Cannot read 0 bytes at 5: the content has 3'),
    )
  })

  it('goes where it is sent', () => {
    using buffer = newBuffer()
    const reader = buffer.set('abc').reader(3)

    reader.seek(1)

    expect(reader.text(1)).toBe('b')
  })
})

describe('BufferWriter', () => {
  it('writes over what is there, and beyond', () => {
    using buffer = newBuffer()
    buffer.set('hello')

    const writer = buffer.writer(3)
    writer.bytes(Buffer.from('p!'))
    expect(buffer.toString()).toBe('help!')
    writer.text('!!')

    expect(buffer.toString()).toBe('help!!!')
    expect([writer.position, writer.remaining]).toEqual([7, 57])
  })

  it('refuses what it has no room for, and stays where it was', () => {
    using buffer = newBuffer(1)
    const writer = buffer.set('x'.repeat(14)).writer()

    expect(() => writer.write('UInt32LE', 1)).toThrow(FullError)
    expect(() => writer.bytes(Buffer.alloc(3))).toThrow(FullError)
    expect([writer.position, buffer.length]).toEqual([14, 14])
  })

  it('writes nothing of a number that does not go into its format', () => {
    using buffer = newBuffer()

    expect(() => buffer.writer().write('UInt8', 256)).toThrow(RangeError)
    expect(buffer.length).toBe(0)
  })
})
