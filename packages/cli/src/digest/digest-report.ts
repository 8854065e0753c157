import type { DuplicateSummary } from './duplicates.ts'
import type { SkippedKind } from './entry-kind.ts'

/** What {@link digest} found and did. */
export interface DigestReport {
  /** The folder, as it was given. */
  readonly folder: string
  /** The digest's algorithm. */
  readonly algorithm: string
  /** How many threads hashed. */
  readonly threads: number
  /** How many files have a digest: those in the manifest. */
  readonly files: number
  /** How many bytes these files have. */
  readonly bytes: number
  /** How many of them were hashed by this run. */
  readonly hashed: number
  /** How many bytes this run hashed. */
  readonly hashedBytes: number
  /** How many were taken from the journal of an earlier run. */
  readonly resumed: number
  /** How long it took, in milliseconds. */
  readonly elapsedMs: number
  /** `hashedBytes` per second. */
  readonly bytesPerSecond: number
  /** Files with the same content. */
  readonly duplicates: DuplicateSummary
  /** How many entries were skipped, by what they are. */
  readonly skipped: Readonly<Partial<Record<SkippedKind, number>>>
  /** How many files and folders could not be read. They are not in the manifest. */
  readonly errors: number
  /** The first thousand errors and skipped entries, plain symbolic links left out. */
  readonly problems: readonly ReportedProblem[]
}

/** Why something of the folder is not in the manifest. */
export interface ReportedProblem {
  /** An error makes the run incomplete; what is skipped is no file. */
  readonly kind: 'error' | 'skipped'
  /** Path below the folder; bytes that are not UTF-8 are U+FFFD. */
  readonly path: string
  /** What happened ("permission denied"), or what it is ("FIFO"). */
  readonly reason: string
}

/** How far {@link digest} is. */
export interface DigestProgress {
  /** Files done, also with an error. */
  readonly files: number
  /** Files found until now. */
  readonly found: number
  /** Whether all were found: `found` and `bytesFound` grow no more. */
  readonly foundAll: boolean
  /** Bytes done, those of resumed files included. */
  readonly bytes: number
  /** Bytes read by this run. */
  readonly bytesRead: number
  /** Bytes of the files found; of all of them once `foundAll` is true. */
  readonly bytesFound: number
  /** Milliseconds since the beginning. */
  readonly elapsedMs: number
}
