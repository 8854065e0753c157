import type { DigestProgress } from './digest-report.ts'
import type { Findings } from './findings.ts'
import type { HashPool } from './hash-pool.ts'
import type { HashBatch } from './hash-thread.ts'
import type { Walk } from './walk.ts'

/** Asking for sizes ahead costs a tenth of hashing small files; a short run need not know. */
const UNMEASURED_MS = 1000

/** Where the figures come from. */
export interface ProgressSources {
  readonly pool: HashPool
  readonly folder: string
  readonly walk: Walk
  readonly findings: Findings
  readonly counter: SharedArrayBuffer
}

/**
 * Tells how far a run is. To say how much is left, it has to know how large the files are that were
 * found and not yet hashed: after a second it has them measured, somewhat ahead of the hashing.
 */
export class ProgressMeter {
  readonly #started = performance.now()
  readonly #sources: ProgressSources
  readonly #bytesRead: BigUint64Array
  readonly #measured = new Set<HashBatch>()
  /** Of the files whose sizes are known, from measuring or because they are done. */
  #filesSized = 0
  #bytesSized = 0

  constructor(sources: ProgressSources) {
    this.#sources = sources
    this.#bytesRead = new BigUint64Array(sources.counter)
  }

  /** Since the run began. */
  get elapsedMs(): number {
    return performance.now() - this.#started
  }

  /** Measures a batch, if the run has taken so long that somebody may be waiting. */
  async measure(batch: HashBatch): Promise<void> {
    if (this.elapsedMs < UNMEASURED_MS) return
    const { pool, folder } = this.#sources
    this.#measured.add(batch)
    this.#addSize(batch, await pool.run('sizeOf', [batch, folder]))
  }

  /** A batch is done; so many bytes of it were good. */
  finish(batch: HashBatch, bytes: number): void {
    if (!this.#measured.delete(batch)) this.#addSize(batch, bytes)
  }

  /** The figures, now. */
  snapshot(): DigestProgress {
    const { walk, findings } = this.#sources
    const { found, ended } = walk
    const bytesRead = Number(this.#bytesRead[0])
    return {
      files: Math.min(findings.files + findings.errors, found),
      found,
      foundAll: ended && this.#filesSized === found,
      bytes: bytesRead + findings.resumedBytes,
      bytesRead,
      bytesFound: Math.max(this.#bytesSized, bytesRead),
      elapsedMs: this.elapsedMs,
    }
  }

  #addSize({ files }: HashBatch, bytes: number): void {
    this.#filesSized += files.length
    this.#bytesSized += bytes
  }
}
