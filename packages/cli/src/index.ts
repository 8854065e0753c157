/**
 * The work of `cupola digest` as a function.
 *
 * @module
 */
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
