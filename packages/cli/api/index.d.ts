// index.d.ts
export { digest } from './digest/digest.ts'
export type { DigestOptions } from './digest/digest-options.ts'
export type { DigestProgress, DigestReport, ReportedProblem } from './digest/digest-report.ts'
export type {
  DuplicateFile,
  DuplicateGroup,
  DuplicateListener,
  DuplicateSummary,
} from './digest/duplicates.ts'
export type { SkippedKind } from './digest/entry-kind.ts'

// digest-options.d.ts
import type { Writable } from 'node:stream'
export interface DigestOptions {
  readonly algorithm?: string | undefined
  readonly threads?: number | undefined
  readonly output?: string | Writable | undefined
  readonly resume?: boolean | undefined
  readonly ignore?: readonly string[] | undefined
  readonly signal?: AbortSignal | undefined
  readonly sortMemoryBytes?: number | undefined
  readonly onProgress?: ((progress: DigestProgress) => void) | undefined
  readonly onProblem?: ((problem: ReportedProblem) => void) | undefined
  readonly onDuplicate?: DuplicateListener | undefined
}

// digest-report.d.ts
export interface DigestReport {
  readonly folder: string
  readonly algorithm: string
  readonly threads: number
  readonly files: number
  readonly bytes: number
  readonly hashed: number
  readonly hashedBytes: number
  readonly resumed: number
  readonly elapsedMs: number
  readonly bytesPerSecond: number
  readonly duplicates: DuplicateSummary
  readonly skipped: Readonly<Partial<Record<SkippedKind, number>>>
  readonly errors: number
  readonly problems: readonly ReportedProblem[]
}
export interface ReportedProblem {
  readonly kind: 'error' | 'skipped'
  readonly path: string
  readonly reason: string
}
export interface DigestProgress {
  readonly files: number
  readonly found: number
  readonly foundAll: boolean
  readonly bytes: number
  readonly bytesRead: number
  readonly bytesFound: number
  readonly elapsedMs: number
}

// digest.d.ts
export declare function digest(folder: string, options?: DigestOptions): Promise<DigestReport>

// duplicates.d.ts
export interface DuplicateFile {
  readonly path: string
  readonly digest: string
  readonly bytes: number
  readonly first: boolean
}
export type DuplicateListener = (file: DuplicateFile) => Promise<void> | void
export interface DuplicateGroup {
  readonly digest: string
  readonly bytes: number
  readonly copies: number
  readonly paths: readonly string[]
}
export interface DuplicateSummary {
  readonly groups: number
  readonly files: number
  readonly wastedBytes: number
  readonly largest: readonly DuplicateGroup[]
}

// entry-kind.d.ts
export type SkippedKind =
  | 'symbolic link'
  | 'broken symbolic link'
  | 'symbolic link loop'
  | 'FIFO'
  | 'socket'
  | 'character device'
  | 'block device'
