import { onAbort } from '@cupola/core/authoring'
import { pipeline } from '@cupola/pipeline'
import { BREATH_RECORDS, breathe } from './breathe.ts'
import { type DigestOptions, type DigestPlan, planOf } from './digest-options.ts'
import type { DigestReport } from './digest-report.ts'
import type { DuplicateSummary } from './duplicates.ts'
import { Findings } from './findings.ts'
import { hashBatch, startHashPool } from './hash-pool.ts'
import type { HashBatch, HashContext } from './hash-thread.ts'
import { Journal } from './journal.ts'
import { manifestLine } from './manifest.ts'
import { type ManifestSink, openSink } from './manifest-sink.ts'
import { realPath } from './path-below.ts'
import { ProgressMeter } from './progress-meter.ts'
import { Walk } from './walk.ts'

/**
 * How many batches are under way per thread. They last for some 10 ms, in which the main thread may
 * be busy with sorting.
 */
const BATCHES_PER_THREAD = 16

/** How many batches are measured before they are hashed, for whoever watches the progress. */
const MEASURED_AHEAD = 256

/**
 * Computes a digest of every file in a folder and all below it, on several threads, and finds files
 * with the same content. Writes a manifest on request: sorted by path, and as `sha256sum --check`
 * (or the program for another algorithm) reads it, when it is run in the folder.
 *
 * Symbolic links are not followed. What cannot be read, or changes while it is read, is an error of
 * that file: it is told, left out of the manifest, and does not end the run.
 *
 * Cancellation: the threads are ended whatever they are doing. The manifest is left as it was; what
 * is done stays in the journal for `resume`.
 *
 * Cost: memory does not grow with the folder, but for the entries of the largest single folder
 * (about 1.3 kB each) and, with `resume`, an index of the journal (15 to 30 bytes per file). A
 * timer and the threads keep the process alive, until the promise settles.
 *
 * @param folder - Where to begin. May be a link to a folder.
 * @param options - What to compute, what to leave out, where the manifest goes, and whom to tell.
 * @returns What was found. Check `errors`.
 * @throws TypeError If an argument has the wrong type.
 * @throws RangeError If `folder` is no folder, an option is out of its range, or the journal to
 *   resume from is of another folder or algorithm.
 * @throws `options.signal.reason`, as it is, if the signal has aborted or does so first.
 * @throws The system's error if the manifest or the journal cannot be written.
 *
 * @example Find duplicates
 * ```ts
 * import { mkdtempSync, writeFileSync } from 'node:fs'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { digest } from '@cupola/cli'
 *
 * const folder = mkdtempSync(join(tmpdir(), 'digest-'))
 * for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), name === 'c' ? 'x' : 'yes')
 * const { files, duplicates } = await digest(folder, { threads: 1 })
 * files // => 3
 * duplicates.wastedBytes // => 3
 * ```
 */
export async function digest(folder: string, options: DigestOptions = {}): Promise<DigestReport> {
  const plan = planOf(folder, options)
  options.signal?.throwIfAborted()
  const journal = openJournal(plan)
  let pool: HashThreads | undefined
  let run: DigestRun | undefined
  try {
    pool = startHashPool(plan.threads)
    run = new DigestRun(plan, options, { pool, journal })
    await run.hash()
    return await run.conclude()
  } finally {
    run?.close()
    journal?.close()
    await pool?.terminate()
  }
}

type HashThreads = ReturnType<typeof startHashPool>

/** What a run uses, and whoever has opened it closes. */
interface Means {
  readonly pool: HashThreads
  readonly journal: Journal | undefined
}

/** From a plan to a report. */
class DigestRun {
  readonly #plan: DigestPlan
  readonly #signal: AbortSignal
  readonly #onProgress: DigestOptions['onProgress']
  readonly #pool: HashThreads
  readonly #journal: Journal | undefined
  readonly #findings: Findings
  readonly #walk: Walk
  readonly #context: HashContext
  readonly #meter: ProgressMeter
  readonly #abort: Disposable

  constructor(plan: DigestPlan, options: DigestOptions, { pool, journal }: Means) {
    const { onProblem = ignore, onDuplicate = ignore } = options
    const { signal = new AbortController().signal } = options
    const { folder, isOwn } = plan
    this.#plan = plan
    this.#signal = signal
    this.#onProgress = options.onProgress
    this.#journal = journal
    this.#pool = pool
    this.#findings = new Findings(plan, { onProblem, onDuplicate })
    this.#walk = new Walk(folder, {
      ignore: plan.ignore,
      exclude: isOwn,
      onProblem: (problem) => this.#findings.takeProblem(problem),
    })
    this.#context = contextOf(plan, this.#journal)
    this.#meter = new ProgressMeter({
      pool: this.#pool,
      folder,
      walk: this.#walk,
      findings: this.#findings,
      counter: this.#context.bytesRead,
    })
    // Last: nothing may fail between this and the run's end, which removes it.
    this.#abort = onAbort(signal, (reason) => void pool.terminate(reason))
  }

  /** Hashes all files, and journals them as they are done. */
  async hash(): Promise<void> {
    const onProgress = this.#onProgress
    const found = pipeline(({ signal }) => this.#walk.batches(signal))
    const ahead = { concurrency: MEASURED_AHEAD, ordered: false }
    const measured =
      onProgress === undefined ? found : found.tap((batch) => this.#meter.measure(batch), ahead)
    await measured.forEach((batch) => this.#hashBatch(batch), {
      concurrency: BATCHES_PER_THREAD * this.#plan.threads,
      signal: this.#signal,
      onProgress: onProgress && (() => onProgress(this.#meter.snapshot())),
    })
  }

  /** Looks for duplicates and writes the manifest: all files are known now. */
  async conclude(): Promise<DigestReport> {
    const threadsEnded = this.#pool.close()
    const duplicates = await this.#findings.duplicates.find(this.#plan.digestBytes, this.#signal)
    await this.#writeManifest()
    await threadsEnded
    if (this.#findings.errors === 0) this.#journal?.remove()
    return this.#report(duplicates)
  }

  /** Gives back what it holds itself, however it went. */
  close(): void {
    this.#abort[Symbol.dispose]()
    this.#findings.close()
  }

  async #hashBatch(batch: HashBatch): Promise<void> {
    let bytes = 0
    await hashBatch(this.#pool, batch, this.#context, (answer) => {
      // Journaled first: what the report counts is on disk.
      this.#journal?.append(answer.hashed)
      bytes += this.#findings.take(answer)
    })
    this.#meter.finish(batch, bytes)
  }

  async #writeManifest(): Promise<void> {
    this.#signal.throwIfAborted()
    const { output } = this.#plan
    if (output === undefined) return
    const sink = await openSink(output, this.#signal)
    try {
      await this.#writeLines(sink)
      await sink.commit()
    } catch (error) {
      await sink.discard()
      throw error
    }
  }

  async #writeLines(sink: ManifestSink): Promise<void> {
    let count = 0
    for (const record of this.#findings.byPath.sorted()) {
      const full = sink.write(lineOf(record, this.#plan.digestBytes))
      if (full !== undefined) await full
      if (++count % BREATH_RECORDS === 0) await breathe(this.#signal)
    }
  }

  #report(duplicates: DuplicateSummary): DigestReport {
    const { folder, algorithm, threads } = this.#plan
    const { files, bytes, hashed, hashedBytes, resumed, skipped, errors, problems } = this.#findings
    const { elapsedMs } = this.#meter
    const bytesPerSecond = Math.round((hashedBytes / elapsedMs) * 1000)
    const counts = { files, bytes, hashed, hashedBytes, resumed, elapsedMs, bytesPerSecond }
    return { folder, algorithm, threads, ...counts, duplicates, skipped, errors, problems }
  }
}

function ignore(): void {}

function openJournal({ folder, algorithm, journal, resume }: DigestPlan): Journal | undefined {
  if (journal === undefined) return undefined
  const purpose = { folder: realPath(folder), algorithm }
  return resume ? Journal.resume(journal, purpose) : Journal.create(journal, purpose)
}

function contextOf({ folder, algorithm }: DigestPlan, journal: Journal | undefined): HashContext {
  const resume =
    journal !== undefined && journal.index.size > 0
      ? { journal: journal.path, index: journal.index.handle }
      : undefined
  return { folder, algorithm, bytesRead: new SharedArrayBuffer(8), resume }
}

/** A manifest's line for a record of {@link Findings.byPath}. */
function lineOf(record: string, digestBytes: number): string {
  const path = record.slice(0, -digestBytes - 1)
  return manifestLine(path, Buffer.from(record.slice(-digestBytes), 'latin1').toString('hex'))
}
