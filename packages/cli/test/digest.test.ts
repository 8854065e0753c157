import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { digest, type DigestProgress, type DuplicateFile } from '@cupola/cli'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { tree } from './fixtures/tree.ts'

describe('digest()', () => {
  it('rejects with the reason of an abort, and ends threads that are hashing', async () => {
    const folder = tree({ small: 'small' })
    const endless = join(folder, 'endless')
    writeFileSync(endless, '')
    truncateSync(endless, 2 ** 42)
    const controller = new AbortController()
    const reason = { why: 'enough' }
    const onProgress = ({ bytes }: DigestProgress) => bytes > 1e6 && controller.abort(reason)

    const run = digest(folder, { signal: controller.signal, onProgress })

    await expect(run).rejects.toBe(reason)
  })

  it('does nothing if its signal has aborted before', async () => {
    const output = join(temporaryFolder(), 'manifest')

    const run = digest(tree({ a: '' }), { signal: AbortSignal.abort('never mind'), output })

    await expect(run).rejects.toBe('never mind')
    expect(existsSync(`${output}.journal`)).toBe(false)
  })

  it('leaves an earlier manifest as it was when it is aborted', async () => {
    const output = join(temporaryFolder(), 'manifest')
    writeFileSync(output, 'earlier')
    const controller = new AbortController()
    const onDuplicate = () => controller.abort()

    const run = digest(tree({ a: 'same', b: 'same' }), {
      output,
      onDuplicate,
      signal: controller.signal,
    })

    await expect(run).rejects.toThrow('aborted')
    expect(readFileSync(output, 'utf8')).toBe('earlier')
  })

  it('writes the manifest to a stream, and does not end it', async () => {
    const stream = new PassThrough()

    await digest(tree({ a: '' }), { output: stream })

    expect(stream.writableEnded).toBe(false)
    stream.end()
    expect(await text(stream)).toMatch(/^\S{64} {2}a\n$/)
  })

  it('rejects with the reason of an abort while nobody reads its stream', async () => {
    const controller = new AbortController()
    const output = new Writable({ write: () => controller.abort('enough') })

    const run = digest(tree({ a: '' }), { output, signal: controller.signal })

    await expect(run).rejects.toBe('enough')
  })

  it('rejects with the reason of an abort while a listener does not answer', async () => {
    const controller = new AbortController()
    const onDuplicate = () => {
      controller.abort('enough')
      return new Promise<void>(() => {})
    }

    const run = digest(tree({ a: 'same', b: 'same' }), { onDuplicate, signal: controller.signal })

    await expect(run).rejects.toBe('enough')
  })

  it('rejects with what onProblem throws, wherever the problem was met', async () => {
    const folder = tree({ a: '' })
    execFileSync('mkfifo', [join(folder, 'fifo')])
    const onProblem = () => {
      throw new Error('not interested')
    }

    await expect(digest(folder, { onProblem })).rejects.toThrow('not interested')
  })

  it('tells of its progress until all is done', async () => {
    const told: DigestProgress[] = []

    const folder = tree({ a: 'a', b: 'bc' })
    await digest(folder, { onProgress: (progress) => told.push(progress) })

    expect(told.at(-1)).toMatchObject({
      files: 2,
      found: 2,
      foundAll: true,
      bytes: 3,
      bytesRead: 3,
      bytesFound: 3,
    })
  })

  it('tells the next duplicate when the listener is done with the one before', async () => {
    const log: string[] = []
    const onDuplicate = async ({ path }: DuplicateFile) => {
      log.push(`${path} begins`)
      await new Promise((resolve) => setImmediate(resolve))
      log.push(`${path} ends`)
    }

    await digest(tree({ a: 'same', b: 'same', c: 'same' }), { onDuplicate })

    expect(log).toEqual(['a', 'b', 'c'].flatMap((path) => [`${path} begins`, `${path} ends`]))
  })

  it.each([
    ['threads', { threads: 0 }],
    ['sortMemoryBytes', { sortMemoryBytes: 0 }],
    ['algorithm', { algorithm: 'none' }],
    ['ignore', { ignore: [''] }],
    ['ignore of everything', { ignore: ['/'] }],
    ['ignore with a negation', { ignore: ['!src/*'] }],
    ['output', { output: '' }],
  ])('rejects a wrong %s with a RangeError', async (_, options) => {
    await expect(digest(temporaryFolder(), options)).rejects.toThrow(RangeError)
  })

  it.each([
    ['options', 5],
    ['onProblem', { onProblem: 5 }],
    ['resume', { resume: 'yes' }],
    ['algorithm', { algorithm: 5 }],
    ['output', { output: 5 }],
    ['output.write', { output: {} }],
    ['ignore', { ignore: '*.log' }],
    ['signal', { signal: {} }],
  ])('rejects %s of a wrong type with a TypeError', async (name, options) => {
    const run: unknown = Reflect.apply(digest, undefined, [temporaryFolder(), options])

    await expect(run).rejects.toThrow(TypeError)
    await expect(run).rejects.toThrow(`Cannot use ${name}: got`)
  })

  it('rejects what is no folder with a RangeError', async () => {
    await expect(digest(join(temporaryFolder(), 'none'))).rejects.toThrow(RangeError)
  })

  it('hashes files of all sizes around those of its buffers', async () => {
    const sizes = [0, 1, 131_071, 131_072, 131_073, 1_048_575, 1_048_576, 3_000_000]
    const folder = tree(Object.fromEntries(sizes.map((size) => [`${size}`, Buffer.alloc(size)])))

    const output = join(temporaryFolder(), 'manifest')
    const { bytes } = await digest(folder, { output })

    expect(bytes).toBe(sizes.reduce((sum, size) => sum + size, 0))
    const lines = sizes.map((size) => `${sha256(Buffer.alloc(size))}  ${size}\n`)
    expect(readFileSync(output, 'utf8')).toBe(lines.toSorted(byPath).join(''))
  })
})

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function byPath(a: string, b: string): number {
  return a.slice(66) < b.slice(66) ? -1 : 1
}
