import { renameSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { TailReader } from '@cupola/autowait'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { Writer } from './fixtures/writer.ts'

/** What is done to the file. Bytes are written as they come, in the middle of characters too. */
const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('write'), bytes: fc.integer({ min: 1, max: 9 }) }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('read') }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('rotate', 'reopen', 'truncate') }) },
  ),
  { maxLength: 40 },
)
type Step = { readonly kind: string; readonly bytes?: number }

describe('TailReader', () => {
  it('gives every line once that could be read, whatever is done to the file', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const log = new LogModel(join(temporaryFolder(), 'log'))

        for (const step of plan) await log.do(step)
        const read = await log.end()

        expect(read).toEqual(log.ended)
      }),
      { numRuns: 150 },
    )
  })
})

/** A log, its writer, and the lines that have been ended in it. */
class LogModel {
  readonly ended: string[] = []
  readonly #read: string[] = []
  readonly #path: string
  readonly #writer: Writer
  readonly #reader: TailReader
  #half: number[] = []
  readonly #bytes = bytesOfLines()
  #rotations = 0
  #reopened = true

  constructor(path: string) {
    this.#path = path
    this.#writer = new Writer(path)
    this.#reader = new TailReader(path)
  }

  async do({ kind, bytes = 0 }: Step): Promise<void> {
    if (kind === 'write') this.#write(bytes)
    else if (kind === 'rotate') await this.#rotate()
    else if (kind === 'reopen') await this.#reopen()
    else if (kind === 'truncate') await this.#truncate()
    else await this.#readOn()
  }

  async end(): Promise<string[]> {
    await this.#readOn()
    await this.#reader.close()
    this.#writer.close()
    return this.#read
  }

  async #readOn(): Promise<void> {
    this.#read.push(...(await this.#reader.read()).map(({ text }) => text))
  }

  #write(count: number): void {
    const chunk: number[] = []
    for (let index = 0; index < count; index++) {
      const byte = this.#bytes.next().value
      chunk.push(byte)
      if (byte === 0x0a) this.ended.push(Buffer.from(this.#half.splice(0)).toString())
      else this.#half.push(byte)
    }
    this.#writer.write(Uint8Array.from(chunk))
  }

  /** What is rotated away twice between two reads is not promised. */
  async #rotate(): Promise<void> {
    if (!this.#reopened) return
    await this.#readOn()
    renameSync(this.#path, `${this.#path}.${++this.#rotations}`)
    new Writer(this.#path).close()
    this.#reopened = false
  }

  /** Half a line stays in the old file for ever. */
  async #reopen(): Promise<void> {
    if (this.#reopened) return
    await this.#readOn()
    this.#writer.reopen()
    this.#half = []
    this.#reopened = true
  }

  /** Nor is what is emptied away before it was read. */
  async #truncate(): Promise<void> {
    if (!this.#reopened) return
    await this.#readOn()
    truncateSync(this.#path, 0)
    this.#half = []
  }
}

/** Lines that differ, of characters of one to four bytes. */
function* bytesOfLines(): Generator<number, never> {
  for (let line = 0; ; line++) yield* Buffer.from(`${line} ${'aé€😀'.repeat(line % 3)}\n`)
}
