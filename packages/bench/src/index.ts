export type { Comparison, Progress, RunOptions } from './comparison.ts'
export { comparisons } from './comparisons.ts'
export type { Axis, Findings, Measurement, Plot, Series, Settings, Table } from './findings.ts'
export { type Provenance, provenanceOf } from './provenance.ts'
export { htmlReport } from './reports/html-report.ts'
export { type JsonReport, jsonReport } from './reports/json-report.ts'
export {
  terminalList,
  terminalReport,
  type TextOptions,
  type TextStyle,
} from './reports/terminal-report.ts'
export type { Spread } from './statistics.ts'
