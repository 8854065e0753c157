import { appendFileSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TailReader } from '@cupola/autowait'
import { BrokenError, ClosedError } from '@cupola/core'
import { VirtualClock } from '@cupola/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { expectNoLeaks } from '../../../test/leaks.ts'
import { descriptors } from './fixtures/descriptors.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { Writer } from './fixtures/writer.ts'

expectNoLeaks()

function tail(content?: string, options?: ConstructorParameters<typeof TailReader>[1]) {
  const path = join(temporaryFolder(), 'log')
  if (content !== undefined) writeFileSync(path, content)
  const reader = new TailReader(path, options)
  onTestFinished(() => reader.close())
  const texts = async () => (await reader.read()).map(({ text }) => text)
  return { path, reader, texts }
}

function tailOf(path: string) {
  const reader = new TailReader(path)
  onTestFinished(() => reader.close())
  return { reader }
}

/** How many lines there are until a read gives none. */
async function allOf(reader: TailReader): Promise<number> {
  let count = 0
  for (;;) {
    const lines = await reader.read()
    if (lines.length === 0) return count
    count += lines.length
  }
}

describe('TailReader.read()', () => {
  it('gives each line once', async () => {
    const { path, texts } = tail('one\ntwo\n')

    expect(await texts()).toEqual(['one', 'two'])
    expect(await texts()).toEqual([])
    appendFileSync(path, 'three\n')
    expect(await texts()).toEqual(['three'])
  })

  it('gives nothing while there is no file, and then all of it', async () => {
    const { path, texts } = tail(undefined, { from: 'end' })

    expect(await texts()).toEqual([])
    writeFileSync(path, 'one\n')
    expect(await texts()).toEqual(['one'])
  })

  it('keeps half a line until the other half comes', async () => {
    const { path, reader, texts } = tail('one\ntw')

    expect(await texts()).toEqual(['one'])
    expect(reader.unfinished).toEqual([{ text: 'tw', offset: 4, generation: 0 }])
    appendFileSync(path, 'o\n')
    expect(await texts()).toEqual(['two'])
    expect(reader.unfinished).toEqual([])
  })

  it('gives offsets in bytes, which another reader can begin at', async () => {
    const { path, reader } = tail('ä€😀\nzwei\n')

    const lines = await reader.read()

    expect(lines.map(({ offset }) => offset)).toEqual([0, 10])
    expect(reader.offset).toBe(15)
    const second = new TailReader(pathToFileURL(path), { from: 10 })
    expect(await second.read()).toEqual([{ text: 'zwei', offset: 10, generation: 0 }])
    await second.close()
  })

  it('puts characters together that were written byte by byte', async () => {
    const { path, texts } = tail('')
    const read: string[] = []

    for (const byte of Buffer.from('grün: 😀\r\n')) {
      appendFileSync(path, new Uint8Array([byte]))
      read.push(...(await texts()))
    }

    expect(read).toEqual(['grün: 😀'])
  })

  it('begins at the end, if told so', async () => {
    const { path, texts } = tail('one\n', { from: 'end' })

    expect(await texts()).toEqual([])
    appendFileSync(path, 'two\n')
    expect(await texts()).toEqual(['two'])
  })

  it('begins at the start of a file that is shorter than where it should begin', async () => {
    const { texts } = tail('one\n', { from: 100 })

    expect(await texts()).toEqual(['one'])
  })

  it('begins at the start of a file that was emptied, and forgets half a line', async () => {
    const { path, reader, texts } = tail('one\nhalf')
    await texts()

    truncateSync(path, 0)
    appendFileSync(path, 'new\n')

    expect(await reader.read()).toEqual([{ text: 'new', offset: 0, generation: 1 }])
  })

  it('notices that a file was emptied although it has grown beyond where it was', async () => {
    const { path, texts } = tail('one\ntwo\n')
    await texts()

    truncateSync(path, 0)
    appendFileSync(path, 'this is longer\nthan it was before\n')

    expect(await texts()).toEqual(['this is longer', 'than it was before'])
  })

  it('notices that a file was emptied although it is as long as it was', async () => {
    const { path, texts } = tail('one\ntwo\n')
    await texts()

    truncateSync(path, 0)
    appendFileSync(path, 'six\nten\n')

    expect(await texts()).toEqual(['six', 'ten'])
  })

  it('reads a renamed file to its end before the new one', async () => {
    const { path, reader } = tail('one\n')
    await reader.read()
    appendFileSync(path, 'two\n')

    renameSync(path, `${path}.1`)
    writeFileSync(path, 'three\n')

    expect(await reader.read()).toEqual([
      { text: 'two', offset: 4, generation: 0 },
      { text: 'three', offset: 0, generation: 1 },
    ])
  })

  it('goes on reading a renamed file while its writer does, half lines included', async () => {
    const { path, texts } = tail()
    const writer = new Writer(path)
    writer.write('one\nfirst half, ')
    await texts()
    renameSync(path, `${path}.1`)
    writeFileSync(path, 'new\n')
    expect(await texts()).toEqual(['new'])

    writer.write('second half\n')
    expect(await texts()).toEqual(['first half, second half'])
    writer.reopen()
    writer.write('newer\n')

    expect(await texts()).toEqual(['newer'])
    writer.close()
  })

  it('closes a renamed file when nothing has come for ten seconds', async () => {
    const clock = new VirtualClock()
    const { path, texts } = tail('one\n', { clock })
    await texts()
    renameSync(path, `${path}.1`)
    writeFileSync(path, '')
    await texts()
    expect(descriptors(`${path}.1`)).toBe(1)

    await clock.advance(9_999)
    await texts()
    expect(descriptors(`${path}.1`)).toBe(1)
    await clock.advance(1)
    await texts()

    expect(descriptors(`${path}.1`)).toBe(0)
  })

  it('goes on with a deleted file until there is another', async () => {
    const { path, texts } = tail()
    const writer = new Writer(path)
    await texts()
    rmSync(path)
    writer.write('to nowhere\n')
    expect(await texts()).toEqual(['to nowhere'])

    writer.reopen()
    writer.write('here again\n')

    expect(await texts()).toEqual(['here again'])
    writer.close()
  })

  it('cuts a line that is too long, but no character', async () => {
    const { reader } = tail('ää€€\nb', { maxLineBytes: 6 })

    expect(await reader.read()).toEqual([
      { text: 'ää', offset: 0, generation: 0 },
      { text: '€€', offset: 4, generation: 0 },
    ])
  })

  it('cuts a line that is too long before it has an end', async () => {
    const { path, texts } = tail('a'.repeat(10), { maxLineBytes: 4 })

    expect(await texts()).toEqual(['aaaa', 'aaaa'])
    appendFileSync(path, 'b\n')
    expect(await texts()).toEqual(['aab'])
  })

  it('leaves a byte order mark out of the first line', async () => {
    const { reader } = tail('\ufeffone\n\ufefftwo\n')

    expect(await reader.read()).toEqual([
      { text: 'one', offset: 0, generation: 0 },
      { text: '\ufefftwo', offset: 7, generation: 0 },
    ])
  })

  it('keeps half a line of a file that was rotated away', async () => {
    const { path, reader } = tail('one\nhalf')
    await reader.read()

    renameSync(path, `${path}.1`)
    writeFileSync(path, 'new')
    await reader.read()

    expect(reader.unfinished).toEqual([
      { text: 'half', offset: 4, generation: 0 },
      { text: 'new', offset: 0, generation: 1 },
    ])
  })

  it('gives more lines than a call has room for arguments', async () => {
    const { reader } = tail('ready\n' + 'ordinary line\n'.repeat(200_000))

    const read = await allOf(reader)

    expect(read).toBe(200_001)
  })

  it('gives a part of a large file at a time', async () => {
    const { reader } = tail('ordinary line\n'.repeat(100_000))

    const first = await reader.read()

    expect(first.length).toBeGreaterThan(0)
    expect(first.length).toBeLessThan(50_000)
    expect(first.length + (await allOf(reader))).toBe(100_000)
  })

  it('goes on at once with what was added after a large file was read', async () => {
    const { path, reader, texts } = tail('ordinary line\n'.repeat(100_000))
    for (let left = 100_000; left > 0;) left -= (await reader.read()).length

    appendFileSync(path, 'more\n')

    expect(await texts()).toEqual(['more'])
  })

  it.runIf(process.platform === 'linux')(
    'reads a file that is another at each read once in each call',
    async () => {
      const { reader } = tailOf('/proc/self/stat')

      const reads = [await reader.read(), await reader.read()]

      expect(reads.map((lines) => lines.length)).toEqual([1, 1])
    },
  )

  it('takes calls that overlap one after the other', async () => {
    const { texts } = tail('one\ntwo\n')

    expect(await Promise.all([texts(), texts(), texts()])).toEqual([['one', 'two'], [], []])
  })

  it('rejects when the path is no file, and can go on when it is', async () => {
    const { path, texts } = tail()
    mkdirSync(path)
    await expect(texts()).rejects.toBeInstanceOf(BrokenError)

    rmSync(path, { recursive: true })
    writeFileSync(path, 'one\n')

    expect(await texts()).toEqual(['one'])
  })

  it.runIf(process.platform !== 'win32')('does not wait for the writer of a FIFO', async () => {
    const { path, texts } = tail()
    execFileSync('mkfifo', [path])

    await expect(texts()).rejects.toBeInstanceOf(BrokenError)
  })

  it('rejects with a ClosedError when it is closed', async () => {
    const { reader } = tail('one\n')
    await reader.close()

    await expect(reader.read()).rejects.toBeInstanceOf(ClosedError)
  })
})

describe('TailReader.close()', () => {
  it('lets a read that runs end, and leaves no descriptor', async () => {
    const { path, reader } = tail('one\n')
    const reading = reader.read()

    const closing = reader.close()

    expect(await reading).toHaveLength(1)
    await closing
    await reader.close()
    await reader[Symbol.asyncDispose]()
    expect(descriptors(path)).toBe(0)
  })
})

describe('new TailReader()', () => {
  it.each([
    ['a negative offset', { from: -1 }, RangeError],
    ['an offset that is no number', { from: 'middle' }, TypeError],
    ['lines without room', { maxLineBytes: 3 }, RangeError],
  ])('refuses %s', (_, options, kind) => {
    expect(() => new TailReader('log', options as object)).toThrow(kind)
  })
})
