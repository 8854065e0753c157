import { createReadStream } from 'node:fs'
import { pipeline } from '@cupola/pipeline'
import { onAbort } from '@cupola/core/authoring'
import { nameOf, textOf } from './byte-names.ts'
import { digestBytesOf } from './digest-options.ts'
import { checkBatch, startHashPool } from './hash-pool.ts'
import type { Expectation, HashContext, Verdict } from './hash-thread.ts'
import { parseLine } from './manifest.ts'

/** How to check. */
export interface CheckOptions {
  readonly algorithm: string
  readonly threads: number
  readonly signal: AbortSignal
  /** Called for each file that is not as it should be: a path as text, and what is wrong. */
  readonly onFailure: (path: string, problem: string) => void
  readonly onProgress?: ((progress: CheckProgress) => void) | undefined
}

/** What came of a manifest. */
export interface CheckReport {
  readonly folder: string
  readonly algorithm: string
  /** Files whose content is as it should be. */
  readonly ok: number
  /** Files whose content is not. */
  readonly failed: number
  /** Files that are not there. */
  readonly missing: number
  /** Files that are there and cannot be read. */
  readonly unreadable: number
  /** Lines that say nothing for this algorithm. */
  readonly malformedLines: number
  readonly bytes: number
  readonly elapsedMs: number
}

/** How far a check is. */
export interface CheckProgress {
  /** Files checked. */
  readonly files: number
  /** Files that the manifest was found to name until now. */
  readonly found: number
  /** Whether it was read to its end. */
  readonly foundAll: boolean
  /** Bytes read. */
  readonly bytes: number
  readonly elapsedMs: number
}

const BATCH_SIZE = 64
const BATCHES_PER_THREAD = 8

/** Checks the files that a manifest names, relative to `folder`, as `sha256sum --check` would. */
export async function check(
  manifest: string,
  folder: string,
  options: CheckOptions,
): Promise<CheckReport> {
  const { algorithm, threads, signal, onProgress } = options
  const lines = new ManifestLines(2 * digestBytesOf(algorithm))
  const tally = new Tally(options)
  const pool = startHashPool(threads)
  const context: HashContext = { folder, algorithm, bytesRead: tally.counter }
  let abort: Disposable | undefined
  try {
    abort = onAbort(signal, (reason) => void pool.terminate(reason))
    await pipeline(() => lines.read(manifest))
      .batch({ size: BATCH_SIZE })
      .forEach(
        (batch) =>
          checkBatch(pool, batch, context, (expectation, verdict) =>
            tally.take(expectation, verdict),
          ),
        {
          concurrency: BATCHES_PER_THREAD * threads,
          signal,
          onProgress: onProgress && (() => onProgress({ ...tally.progress, ...lines.progress })),
        },
      )
  } finally {
    abort?.[Symbol.dispose]()
    await pool.terminate()
  }
  const { bytes, elapsedMs } = tally.progress
  return {
    folder,
    algorithm,
    ...tally.counts,
    malformedLines: lines.malformed,
    bytes,
    elapsedMs,
  }
}

/** Takes a manifest apart, however long it is. */
class ManifestLines {
  malformed = 0
  readonly progress = { found: 0, foundAll: false }
  readonly #digits: number

  constructor(digits: number) {
    this.#digits = digits
  }

  async *read(manifest: string): AsyncGenerator<Expectation> {
    const chunks = manifest === '-' ? process.stdin : createReadStream(manifest)
    chunks.setEncoding('latin1')
    let rest = ''
    for await (const chunk of chunks) {
      const lines = `${rest}${String(chunk)}`.split('\n')
      rest = lines.pop() ?? ''
      yield* this.#expectations(lines)
    }
    if (rest !== '') yield* this.#expectations([rest])
    this.progress.foundAll = true
  }

  *#expectations(lines: readonly string[]): Generator<Expectation> {
    for (const line of lines) {
      if (line.startsWith('#')) continue
      const entry = parseLine(line, this.#digits)
      if (entry === undefined) this.malformed++
      else {
        this.progress.found++
        yield { path: nameOf(Buffer.from(entry.path, 'latin1')), digest: entry.digest }
      }
    }
  }
}

/** Counts verdicts. */
class Tally {
  readonly counter = new SharedArrayBuffer(8)
  readonly counts = { ok: 0, failed: 0, missing: 0, unreadable: 0 }
  readonly #bytes = new BigUint64Array(this.counter)
  readonly #started = performance.now()
  readonly #onFailure: CheckOptions['onFailure']

  constructor({ onFailure }: CheckOptions) {
    this.#onFailure = onFailure
  }

  get progress(): Omit<CheckProgress, 'found' | 'foundAll'> {
    const { ok, failed, missing, unreadable } = this.counts
    return {
      files: ok + failed + missing + unreadable,
      bytes: Number(this.#bytes[0]),
      elapsedMs: performance.now() - this.#started,
    }
  }

  take({ path }: Expectation, verdict: Verdict): void {
    if (verdict.kind === 'OK') {
      this.counts.ok++
      return
    }
    if (verdict.kind === 'FAILED') this.counts.failed++
    else if (verdict.kind === 'missing') this.counts.missing++
    else this.counts.unreadable++
    this.#onFailure(textOf(path), 'reason' in verdict ? `FAILED ${verdict.reason}` : 'FAILED')
  }
}
