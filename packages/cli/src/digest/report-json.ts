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

  /**
   * Writes a duplicate; those of one group come in a row.
   *
   * @returns What to wait for before the next, if anything: whoever reads may be slower than we are.
   */
  addDuplicate({ path, digest, bytes, first }: DuplicateFile): Promise<void> | undefined {
    if (first) {
      const head = JSON.stringify({ digest, bytes }).slice(0, -1)
      this.#text += `${this.#groups++ === 0 ? '' : ']},'}${head},"paths":[${JSON.stringify(path)}`
    } else this.#text += `,${JSON.stringify(path)}`
    return this.#text.length < CHUNK_LENGTH ? undefined : this.#flush()
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
    void this.#flush()
  }

  #flush(): Promise<void> {
    const text = this.#text
    this.#text = ''
    return new Promise((resolve) => {
      this.#stream.write(text, () => resolve())
    })
  }
}
