import { BREATH_RECORDS, breathe } from './breathe.ts'
import { nameOf, textOf } from './byte-names.ts'
import { ExternalSort, type ExternalSortOptions } from './external-sort.ts'
import type { FileRecord } from './file-record.ts'
import { unlessAborted } from './unless-aborted.ts'

/** A file that has the same content as others. */
export interface DuplicateFile {
  /** Path below the folder; bytes that are not UTF-8 are U+FFFD. */
  readonly path: string
  /** In hexadecimal. */
  readonly digest: string
  /** Its size. */
  readonly bytes: number
  /** `true` for the first file of a group, in the order of the paths' bytes. */
  readonly first: boolean
}

/** Hears of each file that has copies. The next one waits for what it returns. */
export type DuplicateListener = (file: DuplicateFile) => Promise<void> | void

/** Files with the same content. */
export interface DuplicateGroup {
  /** In hexadecimal. */
  readonly digest: string
  /** The size of each. */
  readonly bytes: number
  /** How many files there are. */
  readonly copies: number
  /** The first few of them. */
  readonly paths: readonly string[]
}

/** What all duplicates add up to. Empty files do not count. */
export interface DuplicateSummary {
  /** How many different contents occur more than once. */
  readonly groups: number
  /** How many files could go without a content getting lost. */
  readonly files: number
  /** How many bytes these take. */
  readonly wastedBytes: number
  /** The groups that waste most, at most ten, the worst first. */
  readonly largest: readonly DuplicateGroup[]
}

const LARGEST = 10
const PATHS_PER_GROUP = 3

/** Finds files with the same content, by sorting all by their digests. */
export class Duplicates {
  readonly #sort: ExternalSort
  readonly #onDuplicate: DuplicateListener
  #groups = 0
  #files = 0
  #wastedBytes = 0
  #largest: DuplicateGroup[] = []

  constructor(onDuplicate: DuplicateListener, options: ExternalSortOptions) {
    this.#sort = new ExternalSort(options)
    this.#onDuplicate = onDuplicate
  }

  /** Takes in a file. */
  add({ digest, size, path }: FileRecord): void {
    if (size > 0) this.#sort.add(digest, Buffer.from(`${size}\0`), path)
  }

  /** Tells of all duplicates, once all files were added. */
  async find(digestBytes: number, signal: AbortSignal): Promise<DuplicateSummary> {
    let previous = ''
    let group: OpenGroup | undefined
    let count = 0
    for (const record of this.#sort.sorted()) {
      if (++count % BREATH_RECORDS === 0) await breathe(signal)
      const digest = record.slice(0, digestBytes)
      if (previous.startsWith(digest)) {
        group ??= await unlessAborted(this.#open(previous, digestBytes), signal)
        const heard = this.#addTo(group, pathOf(record, digestBytes))
        if (heard !== undefined) await unlessAborted(heard, signal)
      } else if (group !== undefined) {
        this.#end(group)
        group = undefined
      }
      previous = record
    }
    if (group !== undefined) this.#end(group)
    return {
      groups: this.#groups,
      files: this.#files,
      wastedBytes: this.#wastedBytes,
      largest: worstFirst(this.#largest),
    }
  }

  /** Frees what the sorting holds. */
  close(): void {
    this.#sort.close()
  }

  async #open(record: string, digestBytes: number): Promise<OpenGroup> {
    const digest = Buffer.from(record.slice(0, digestBytes), 'latin1').toString('hex')
    const bytes = Number(record.slice(digestBytes, record.indexOf('\0', digestBytes)))
    const path = pathOf(record, digestBytes)
    await this.#onDuplicate({ path, digest, bytes, first: true })
    return { digest, bytes, copies: 1, paths: [path] }
  }

  #addTo(group: OpenGroup, path: string): Promise<void> | void {
    const { digest, bytes } = group
    group.copies++
    if (group.paths.length < PATHS_PER_GROUP) group.paths.push(path)
    this.#files++
    this.#wastedBytes += bytes
    return this.#onDuplicate({ path, digest, bytes, first: false })
  }

  #end(group: OpenGroup): void {
    this.#groups++
    this.#largest.push(group)
    // Kept short at twice the length: sorting at every group would be most of the work.
    if (this.#largest.length < 2 * LARGEST) return
    this.#largest = worstFirst(this.#largest)
  }
}

interface OpenGroup extends DuplicateGroup {
  copies: number
  readonly paths: string[]
}

function worstFirst(groups: readonly DuplicateGroup[]): DuplicateGroup[] {
  return groups.toSorted((a, b) => wasteOf(b) - wasteOf(a)).slice(0, LARGEST)
}

function wasteOf({ bytes, copies }: DuplicateGroup): number {
  return bytes * (copies - 1)
}

function pathOf(record: string, digestBytes: number): string {
  const start = record.indexOf('\0', digestBytes) + 1
  return textOf(nameOf(Buffer.from(record.slice(start), 'latin1')))
}
