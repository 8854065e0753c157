// Which parts of Node.js take views of shared memory: the list in the README, held to be true.
import { once } from 'node:events'
import { createHash, hash, randomFillSync } from 'node:crypto'
import { open } from 'node:fs/promises'
import { createServer } from 'node:net'
import { devNull } from 'node:os'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, gzipSync } from 'node:zlib'
import { SharedBufferPool } from '@cupola/buffer-pool'
import { describe, expect, it } from 'vitest'

const MAJOR = Number.parseInt(process.versions.node, 10)
const NEWEST = 24

const pool = new SharedBufferPool({ blockSize: 64, maxBlocks: 8 })

function withView(use: (view: Buffer) => unknown): Promise<unknown> {
  return pool.run(1, async (buffer) => await use(buffer.set('any text').bytes()[0] ?? Buffer.of()))
}

const TAKES: Record<string, (view: Buffer) => unknown> = {
  'fs.readv': async (view) => {
    await using file = await open(import.meta.filename)
    await file.readv([view])
  },
  'fs.read': async (view) => {
    await using file = await open(import.meta.filename)
    await file.read(view)
  },
  'fs.writev': async (view) => {
    await using file = await open(devNull, 'w')
    await file.writev([view])
  },
  'crypto.createHash().update': (view) => createHash('sha256').update(view).digest(),
  'crypto.hash': (view) => hash('sha256', view),
  'crypto.randomFillSync': (view) => randomFillSync(view),
  'zlib.gzipSync': (view) => gzipSync(view),
  'zlib.crc32': (view) => crc32(view),
  TextDecoder: (view) => new TextDecoder().decode(view),
  'TextEncoder.encodeInto': (view) => new TextEncoder().encodeInto('text', view),
  'Buffer.from, a copy': (view) => Buffer.from(view),
  Blob: async (view) => expect(await new Blob([view]).text()).toBe('any text'),
  'socket.write': async (view) => {
    const echo = createServer((socket) => socket.end(view)).listen(0, '127.0.0.1')
    await once(echo, 'listening')
    const { port } = echo.address() as { port: number }
    const { connect } = await import('node:net')
    const socket = connect(port, '127.0.0.1')
    expect(await socket.setEncoding('utf8').toArray()).toEqual(['any text'])
    echo.close()
  },
  'stream.pipeline': (view) =>
    pipeline(Readable.from([view]), async (chunks) => {
      for await (const chunk of chunks) expect(chunk).toHaveLength(8)
    }),
  'postMessage, shared still': (view) => {
    expect(structuredClone(view).buffer).toBeInstanceOf(SharedArrayBuffer)
  },
}

const REFUSES: Record<string, (view: Buffer) => unknown> = {
  'crypto.subtle': (view) => crypto.subtle.digest('SHA-256', view),
  'a BYOB reader': async (view) => {
    const source = new ReadableStream({ type: 'bytes' })
    await source.getReader({ mode: 'byob' }).read(view)
  },
}

const ON_20: Record<string, (view: Buffer) => unknown> = {
  'the body of a Response': (view) => new Response(view).text(),
  'the body of a Request, so of fetch()': (view) =>
    new Request('http://localhost/', { method: 'POST', body: view }).text(),
}

const ON_24: Record<string, (view: Buffer) => unknown> = {
  CompressionStream: async (view) => {
    const { readable, writable } = new CompressionStream('gzip')
    const [written, read] = [writable.getWriter().write(view), readable.getReader().read()]
    await Promise.all([written, read])
  },
}

describe('a view of shared memory', () => {
  it.each(Object.entries(TAKES))('is taken by %s', async (_, use) => {
    await expect(withView(use)).resolves.not.toThrow()
  })

  it.each(Object.entries(REFUSES))('is refused by %s', async (_, use) => {
    await expect(withView(use)).rejects.toThrow(TypeError)
  })

  it.runIf(MAJOR === 20).each(Object.entries(ON_20))(
    'is refused on Node 20 by %s',
    async (_, use) => {
      await expect(withView(use)).rejects.toThrow(TypeError)
    },
  )

  it.runIf(MAJOR >= NEWEST).each(Object.entries(ON_24))(
    'is refused on Node 24 by %s',
    async (_, use) => {
      await expect(withView(use)).rejects.toThrow(TypeError)
    },
  )
})
