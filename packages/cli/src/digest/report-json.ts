import type { Writable } from 'node:stream'
import type { DigestReport } from './digest-report.ts'
import type { DuplicateFile } from './duplicates.ts'

/** How much is gathered before it is written. */
const CHUNK_LENGTH = 64 * 1024

/**
 * Writes a report as one JSON document while it comes in: there may be more duplicates than fit
 * into memory, so they go first, and out as they are found. The document is whole however the run
 * ends.
 */
export class JsonReport {
  readonly #stream: Writable
  #text = '{"duplicateGroups":['
  #groups = 0

  constructor(stream: Writable) {
    this.#stream = stream
  }

  /** Writes a duplicate; those of one group come in a row. */
  addDuplicate({ path, digest, bytes, first }: DuplicateFile): void {
    if (first) {
      const head = JSON.stringify({ digest, bytes }).slice(0, -1)
      this.#text += `${this.#groups++ === 0 ? '' : ']},'}${head},"paths":[${JSON.stringify(path)}`
    } else this.#text += `,${JSON.stringify(path)}`
    if (this.#text.length >= CHUNK_LENGTH) this.#flush()
  }

  /** Writes the rest. */
  end(report: DigestReport): void {
    const { groups, files, wastedBytes } = report.duplicates
    this.#end({ ...report, duplicates: { groups, files, wastedBytes } })
  }

  /** Ends the document of a run that was not completed. */
  breakOff(error: string): void {
    this.#end({ error })
  }

  #end(rest: object): void {
    this.#text += `${this.#groups === 0 ? '' : ']}'}],${JSON.stringify(rest).slice(1)}\n`
    this.#flush()
  }

  #flush(): void {
    this.#stream.write(this.#text)
    this.#text = ''
  }
}
