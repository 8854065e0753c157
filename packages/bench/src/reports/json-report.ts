import type { Findings } from '../findings.ts'
import type { Provenance } from '../provenance.ts'

/** What `--json` prints. */
export interface JsonReport extends Findings {
  /** Rises with every change that a reader of the document would have to know of. */
  readonly schema: 1
  readonly provenance: Provenance
}

/** Findings as one JSON document. What could not be measured is `null` in it. */
export function jsonReport(findings: Findings, provenance: Provenance): string {
  const report: JsonReport = { schema: 1, provenance, ...findings }
  return JSON.stringify(report, undefined, 2)
}
