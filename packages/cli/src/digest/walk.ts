import { Deferred, onAbort } from '@cupola/core/authoring'
import { withoutLineTerminators } from './byte-names.ts'
import { DirectoryReader } from './directory-reader.ts'
import { kindOf, type Typed } from './entry-kind.ts'
import type { HashBatch } from './hash-thread.ts'
import { type Problem, reasonOf } from './problem.ts'

/** How many paths travel to a thread together: enough to make a message cheap by comparison. */
const BATCH_SIZE = 64

/** What to leave out, and whom to tell. */
export interface WalkOptions {
  /** Globs. One without a slash matches at any depth, and what matches a folder empties it. */
  readonly ignore: readonly string[]
  /** Tells of a path below the folder whether it is left out. */
  readonly exclude: (path: string) => boolean
  /** Called for what is not handed out: folders that cannot be read, FIFOs and the like. */
  readonly onProblem: (problem: Problem) => void
  /**
   * While so many entries wait for a thread, no further folder is read. An entry costs about 200
   * bytes; the entries of one folder always come together.
   *
   * @defaultValue 16_384
   */
  readonly enough?: number | undefined
}

/** Finds the files and links in a folder and all below it, and hands them out in batches. */
export class Walk {
  readonly #folder: string
  readonly #options: WalkOptions
  readonly #enough: number
  readonly #reader: DirectoryReader
  readonly #batches: MutableBatch[] = []
  #filling = emptyBatch()
  #waiting = 0
  #found = 0
  #ended = false
  #failure: { readonly reason: unknown } | undefined
  #wake: Deferred<void> | undefined

  constructor(folder: string, options: WalkOptions) {
    this.#folder = folder
    this.#options = options
    this.#enough = options.enough ?? 16_384
    this.#reader = new DirectoryReader(folder, {
      isFull: () => this.#waiting >= this.#enough,
      onError: (path, error) =>
        this.#tell({ kind: 'error', path: path || '.', reason: reasonOf(error) }),
    })
  }

  /** How many files were found until now. */
  get found(): number {
    return this.#found
  }

  /** Whether all were found. */
  get ended(): boolean {
    return this.#ended
  }

  /** Walks. Only once. Ends at once if `signal` aborts. */
  async *batches(signal: AbortSignal): AsyncGenerator<HashBatch> {
    const abort = onAbort(signal, () => this.#wakeUp())
    try {
      await this.#start()
      while (!signal.aborted) {
        if (this.#failure !== undefined) throw this.#failure.reason
        const batch = this.#take()
        if (batch !== undefined) yield batch
        else if (this.#ended) return
        else await this.#more()
      }
    } finally {
      this.#reader.stop()
      abort[Symbol.dispose]()
    }
  }

  async #start(): Promise<void> {
    // Loading it takes longer than anything else at the start: meanwhile the threads start.
    const { default: fastGlob } = await import('fast-glob')
    const stream = fastGlob.stream('**', {
      cwd: this.#folder,
      dot: true,
      followSymbolicLinks: false,
      fs: { readdir: this.#reader.readdir },
      ignore: this.#options.ignore.flatMap(atAnyDepth),
      objectMode: true,
      onlyFiles: false,
      // It would remember every path; a walk that follows no links meets none twice.
      unique: false,
    })
    // In object mode these are what they are said to be; the stream's type knows only strings.
    stream.on('data', (entry: { path: string; dirent: Typed }) =>
      this.#onEntry(entry.path, entry.dirent),
    )
    stream.on('end', () => {
      this.#ended = true
      this.#wakeUp()
    })
    stream.on('error', (error) => this.#fail(error))
  }

  /** What the listener throws ends the walk: nobody would catch it in the event that brought it. */
  #tell(problem: Problem): void {
    try {
      this.#options.onProblem(problem)
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(reason: unknown): void {
    this.#failure ??= { reason }
    this.#wakeUp()
  }

  #onEntry(path: string, entry: Typed): void {
    const kind = kindOf(entry)
    if (kind === 'folder' || this.#options.exclude(path)) return
    if (kind === 'file') {
      this.#filling.files.push(path)
      this.#found++
    } else if (kind === 'symbolic link') this.#filling.links.push(path)
    else return this.#tell({ kind: 'skipped', path, what: kind })
    this.#waiting++
    if (sizeOf(this.#filling) === BATCH_SIZE) this.#batches.push(this.#nextFilling())
    this.#wakeUp()
  }

  /** A batch that is full or, if there is none, what is there of the next. */
  #take(): HashBatch | undefined {
    const batch = this.#batches.shift() ?? this.#nextFilling()
    const size = sizeOf(batch)
    this.#waiting -= size
    this.#reader.release()
    return size === 0 ? undefined : batch
  }

  #nextFilling(): MutableBatch {
    const batch = this.#filling
    this.#filling = emptyBatch()
    return batch
  }

  /** Entries come in crowds, one event each: whoever waits for the first is woken after the last. */
  async #more(): Promise<void> {
    this.#wake = new Deferred()
    await this.#wake.promise
    await new Promise((resolve) => setImmediate(resolve))
  }

  #wakeUp(): void {
    this.#wake?.resolve()
    this.#wake = undefined
  }
}

interface MutableBatch {
  readonly files: string[]
  readonly links: string[]
}

function emptyBatch(): MutableBatch {
  return { files: [], links: [] }
}

function sizeOf({ files, links }: HashBatch): number {
  return files.length + links.length
}

/** As in a `.gitignore`: a glob without a slash is about names, one with a slash about paths. */
function atAnyDepth(glob: string): string[] {
  const plain = withoutLineTerminators(glob).replace(/\/+$/, '')
  const pattern = plain.includes('/') ? plain.replace(/^\//, '') : `**/${plain}`
  return [pattern, `${pattern}/**`]
}
