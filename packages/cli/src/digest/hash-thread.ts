// What runs in the threads of `cupola digest`. Nothing here or below imports a package, so that a
// thread starts quickly.
import { closeSync, constants, lstatSync, openSync } from 'node:fs'
import { bytesOf } from './byte-names.ts'
import { hasCode, kindOfLink } from './entry-kind.ts'
import { FileReader, type OpenFile, READ_BYTES, withFile } from './file-reader.ts'
import { encodeRecord } from './file-record.ts'
import { pathBelow } from './path-below.ts'
import { type Problem, problemOf, reasonOf } from './problem.ts'
import { type ResumeHandle, ResumeIndex } from './resume-index.ts'

/** What every call for one folder has in common. */
export interface HashContext {
  /** The folder that all paths are below. */
  readonly folder: string
  /** As `node:crypto` calls it. */
  readonly algorithm: string
  /** One 64-bit counter, to which every thread adds the bytes that it reads. */
  readonly bytesRead: SharedArrayBuffer
  /** The journal of an earlier run. */
  readonly resume?: { readonly journal: string; readonly index: ResumeHandle } | undefined
}

/** Paths of one call; all are names as in `byte-names.ts`, below the folder. */
export interface HashBatch {
  readonly files: readonly string[]
  /** Symbolic links, to be told from broken ones. */
  readonly links: readonly string[]
}

/** What came of a {@link HashBatch}. Each of its paths is in exactly one place. */
export interface HashAnswer {
  /** Records of the files that were hashed. */
  readonly hashed: Uint8Array
  /** Records, as the journal has them, of the files that have not changed since. */
  readonly resumed: Uint8Array
  /** Files left alone because they are large: each is worth a call of its own. */
  readonly large: readonly string[]
  readonly problems: readonly Problem[]
}

/** What the digest of one file should be. */
export interface Expectation {
  readonly path: string
  /** In hexadecimal, lower case. */
  readonly digest: string
}

/** What came of an {@link Expectation}. */
export type Verdict =
  | { readonly kind: 'OK' | 'FAILED' | 'large' }
  | { readonly kind: 'missing' | 'unreadable'; readonly reason: string }

/**
 * The one buffer that this thread reads all its files through. Only threads load this module, so
 * nobody pays for it at an import.
 */
const BUFFER = Buffer.allocUnsafeSlow(READ_BYTES)

/** From this size on, a file is not hashed among others, lest they wait for it. */
const LARGE_BYTES = 1n << 20n

/**
 * Never follows a link, and never waits for the writer of a FIFO that has taken the place of a
 * file. Windows knows neither flag.
 */
const WARY = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** Follows links, as `sha256sum --check` does. */
const TRUSTING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** Hashes files, or finds them unchanged. A file that is alone in its batch may be large. */
export function hashFiles(batch: HashBatch, context: HashContext): HashAnswer {
  const results = new BatchResults(context, batch.files.length === 1)
  for (const path of batch.files) {
    const at = pathBelow(context.folder, path)
    try {
      withFile(at, WARY, (file) => results.add(path, file))
    } catch (error) {
      results.problems.push(problemOf(path, error, at))
    }
  }
  for (const path of batch.links) {
    results.problems.push({
      kind: 'skipped',
      path,
      what: kindOfLink(pathBelow(context.folder, path)),
    })
  }
  return results.end()
}

/** Compares files with what their digests should be. One that is alone may be large. */
export function checkFiles(batch: readonly Expectation[], context: HashContext): Verdict[] {
  const reader = new FileReader(BUFFER, context.bytesRead)
  return batch.map(({ path, digest }) => {
    try {
      return withFile(pathBelow(context.folder, path), TRUSTING, (file) => {
        if (batch.length > 1 && file.state.size >= LARGE_BYTES) return { kind: 'large' }
        const same = reader.digest(file, context.algorithm).toString('hex') === digest
        return { kind: same ? 'OK' : 'FAILED' }
      })
    } catch (error) {
      const gone = hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')
      const kind = gone ? 'missing' : 'unreadable'
      return { kind, reason: reasonOf(error) }
    }
  })
}

/** How many bytes the files have. One that cannot be asked has none: hashing it will tell why. */
export function sizeOf({ files }: HashBatch, folder: string): number {
  return files.reduce((bytes, path) => bytes + sizeAt(pathBelow(folder, path)), 0)
}

function sizeAt(path: string | Buffer): number {
  try {
    return lstatSync(path).size
  } catch {
    return 0
  }
}

/** Gathers what {@link hashFiles} answers. */
class BatchResults {
  readonly problems: Problem[] = []
  readonly #hashed: Buffer[] = []
  readonly #resumed: Buffer[] = []
  readonly #large: string[] = []
  readonly #context: HashContext
  readonly #alone: boolean
  readonly #reader: FileReader
  readonly #earlier: EarlierRun | undefined

  constructor(context: HashContext, alone: boolean) {
    this.#context = context
    this.#alone = alone
    this.#reader = new FileReader(BUFFER, context.bytesRead)
    this.#earlier = context.resume && earlierRun(context.resume)
  }

  add(path: string, file: OpenFile): void {
    const bytes = bytesOf(path)
    const known = this.#earlier?.find(bytes, file)
    if (known !== undefined) this.#resumed.push(known)
    else if (!this.#alone && file.state.size >= LARGE_BYTES) this.#large.push(path)
    else {
      const digest = this.#reader.digest(file, this.#context.algorithm)
      this.#hashed.push(encodeRecord(bytes, file.state, digest))
    }
  }

  end(): HashAnswer {
    this.#earlier?.close()
    return {
      hashed: Buffer.concat(this.#hashed),
      resumed: Buffer.concat(this.#resumed),
      large: this.#large,
      problems: this.problems,
    }
  }
}

/** `undefined` if another run of the same output has ended meanwhile and taken the journal away. */
function earlierRun({ journal, index }: EarlierJournal): EarlierRun | undefined {
  try {
    return new EarlierRun(openSync(journal, 'r'), new ResumeIndex(index))
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

type EarlierJournal = NonNullable<HashContext['resume']>

/** The journal of an earlier run, open for one batch. */
class EarlierRun {
  readonly #journal: number
  readonly #index: ResumeIndex

  constructor(journal: number, index: ResumeIndex) {
    this.#journal = journal
    this.#index = index
  }

  find(path: Buffer, { state }: OpenFile): Buffer | undefined {
    return this.#index.find(this.#journal, path, state)
  }

  close(): void {
    closeSync(this.#journal)
  }
}
