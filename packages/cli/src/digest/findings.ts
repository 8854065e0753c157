import { recordsIn } from './file-record.ts'
import { textOf } from './byte-names.ts'
import type { DigestPlan } from './digest-options.ts'
import type { ReportedProblem } from './digest-report.ts'
import { type DuplicateListener, Duplicates } from './duplicates.ts'
import type { SkippedKind } from './entry-kind.ts'
import { ExternalSort } from './external-sort.ts'
import type { HashAnswer } from './hash-thread.ts'
import type { Problem } from './problem.ts'

/** Ends a path: no path has one. */
const NUL = Buffer.of(0)

/** A report keeps no more: a folder may hold any number of them. */
const MOST_PROBLEMS = 1000

/** Whom to tell of what is found. */
export interface FindingsListener {
  readonly onProblem: (problem: ReportedProblem) => void
  readonly onDuplicate: DuplicateListener
}

/** What a run has found: counts, and the files sorted by path and by digest. */
export class Findings {
  /** All files, as path, NUL and digest. */
  readonly byPath: ExternalSort
  readonly duplicates: Duplicates
  readonly problems: ReportedProblem[] = []
  readonly skipped: Partial<Record<SkippedKind, number>> = {}
  readonly #onProblem: (problem: ReportedProblem) => void
  /** Counts, as the report has them. */
  files = 0
  bytes = 0
  hashed = 0
  hashedBytes = 0
  resumed = 0
  resumedBytes = 0
  errors = 0

  constructor({ sortMemoryBytes }: DigestPlan, { onProblem, onDuplicate }: FindingsListener) {
    this.byPath = new ExternalSort({ runBytes: sortMemoryBytes })
    this.duplicates = new Duplicates(onDuplicate, { runBytes: sortMemoryBytes })
    this.#onProblem = onProblem
  }

  /**
   * Takes in what a thread answered.
   *
   * @returns How many bytes its files have.
   */
  take({ hashed, resumed, problems }: HashAnswer): number {
    const fresh = this.#takeRecords(hashed)
    this.hashed += fresh.files
    this.hashedBytes += fresh.bytes
    const known = this.#takeRecords(resumed)
    this.resumed += known.files
    this.resumedBytes += known.bytes
    for (const problem of problems) this.takeProblem(problem)
    return fresh.bytes + known.bytes
  }

  /** Takes in something that is not in the manifest. */
  takeProblem(problem: Problem): void {
    if (problem.kind === 'error') this.errors++
    else this.skipped[problem.what] = (this.skipped[problem.what] ?? 0) + 1
    // There are thousands of these in a folder full of packages, and nothing is wrong with them.
    if (problem.kind === 'skipped' && problem.what === 'symbolic link') return
    const reported: ReportedProblem = {
      kind: problem.kind,
      path: textOf(problem.path),
      reason: problem.kind === 'error' ? problem.reason : problem.what,
    }
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(reported)
    this.#onProblem(reported)
  }

  /** Frees what the sorting holds. */
  close(): void {
    this.byPath.close()
    this.duplicates.close()
  }

  #takeRecords(records: Uint8Array): { files: number; bytes: number } {
    let files = 0
    let bytes = 0
    for (const file of recordsIn(Buffer.from(records.buffer, records.byteOffset, records.length))) {
      this.byPath.add(file.path, NUL, file.digest)
      this.duplicates.add(file)
      bytes += file.size
      files++
    }
    this.files += files
    this.bytes += bytes
    return { files, bytes }
  }
}
