import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { BufferPool, UseAfterReleaseError } from '@cupola/buffer-pool'
import { FullError } from '@cupola/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reasonOf } from '../../../test/reason-of.ts'

const pool = new BufferPool({ blockSize: 4096, maxBlocks: 100 })
const CONTENT = Buffer.from(Array.from({ length: 10_000 }, (_, index) => index % 251))

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cupola-buffer-pool-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('PooledBuffer.appendFrom()', () => {
  it('adds all that comes out of a stream', async () => {
    const file = join(folder, 'source')
    await writeFile(file, CONTENT)
    using buffer = pool.allocate(4)
    buffer.set('> ')

    await buffer.appendFrom(createReadStream(file, { highWaterMark: 1000 }))

    expect(buffer.toBuffer(2)).toEqual(CONTENT)
  })

  it('adds what an iterable gives, text too', async () => {
    using buffer = pool.allocate(1)

    await buffer.appendFrom(['grün ', Buffer.from('und '), 'blau'])

    expect(buffer.toString()).toBe('grün und blau')
  })

  it('is refused what does not fit, keeps what does, and destroys the stream', async () => {
    using buffer = pool.allocate(1)
    const source = Readable.from([Buffer.alloc(4000, 1), Buffer.alloc(97, 2)])

    expect(await reasonOf(buffer.appendFrom(source))).toBeInstanceOf(FullError)

    expect(buffer.length).toBe(4000)
    expect(source.destroyed).toBe(true)
  })

  it('rejects with what the source fails with', async () => {
    using buffer = pool.allocate(1)
    const source = new PassThrough()
    const failing = reasonOf(buffer.appendFrom(source))

    source.destroy(new Error('line cut'))

    expect(await failing).toEqual(new Error('line cut'))
  })

  it('ends when it is aborted, with the reason as it is', async () => {
    using buffer = pool.allocate(1)
    const source = new PassThrough()
    const controller = new AbortController()
    const aborted = reasonOf(buffer.appendFrom(source, { signal: controller.signal }))

    controller.abort('enough')

    expect(await aborted).toBe('enough')
    expect(source.destroyed).toBe(true)
  })

  it('does not begin when that has happened before', async () => {
    using buffer = pool.allocate(1)

    expect(await reasonOf(buffer.appendFrom(['x'], { signal: AbortSignal.abort('no') }))).toBe('no')
    expect(buffer.length).toBe(0)
  })

  it('ends when the buffer is released meanwhile', async () => {
    const buffer = pool.allocate(1)
    const source = new PassThrough()
    const failing = reasonOf(buffer.appendFrom(source))

    buffer.release()
    source.write('late')

    expect(await failing).toBeInstanceOf(UseAfterReleaseError)
  })
})

describe('PooledBuffer.toReadable()', () => {
  it('gives the content to a file', async () => {
    const file = join(folder, 'target')
    using buffer = pool.allocate(3)
    buffer.set(CONTENT)

    await pipeline(buffer.toReadable(), createWriteStream(file))

    expect(await readFile(file)).toEqual(CONTENT)
  })

  it('gives the blocks themselves', async () => {
    using buffer = pool.allocate(3)
    buffer.set(CONTENT)
    const memory = new Set(buffer.bytes().map((bytes) => bytes.byteOffset))

    for await (const chunk of buffer.toReadable()) {
      expect(memory).toContain((chunk as Buffer).byteOffset)
    }
  })

  it('gives nothing of an empty buffer', async () => {
    using buffer = pool.allocate(1)

    expect(await buffer.toReadable().toArray()).toEqual([])
  })

  it('fails when the buffer is released before the end', async () => {
    const buffer = pool.allocate(3)
    const stream = buffer.set(CONTENT).toReadable()
    buffer.release()

    expect(await reasonOf(stream.toArray())).toBeInstanceOf(UseAfterReleaseError)
  })
})

describe('the blocks of a buffer', () => {
  it('are what readv and writev take', async () => {
    const file = await open(join(folder, 'vectors'), 'w+')
    using source = pool.allocate(3)
    using target = pool.allocate(3)
    source.set(CONTENT)

    await file.writev(source.bytes(), 0)
    const { bytesRead } = await file.readv(target.spare(), 0)
    target.commit(bytesRead)
    await file.close()

    expect(target.toBuffer()).toEqual(CONTENT)
  })
})
