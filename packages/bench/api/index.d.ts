// index.d.ts
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

// comparison.d.ts
export interface Comparison {
  readonly name: string
  readonly question: string
  readonly contestants: readonly string[]
  run(options?: RunOptions): Promise<Findings>
}
export interface RunOptions {
  readonly effort?: 'quick' | 'usual' | 'thorough' | undefined
  readonly sizes?: readonly number[] | undefined
  readonly rounds?: number | undefined
  readonly folder?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
}
export interface Progress {
  readonly done: number
  readonly all: number
  readonly what: string
}

// comparisons.d.ts
export declare const comparisons: readonly Comparison[]

// findings.d.ts
export interface Findings {
  readonly comparison: string
  readonly question: string
  readonly answer: readonly string[]
  readonly summary?: Table | undefined
  readonly tables: readonly Table[]
  readonly plots: readonly Plot[]
  readonly measurements: readonly Measurement[]
  readonly missing: readonly string[]
  readonly failures: readonly string[]
  readonly notes: readonly string[]
  readonly settings: Settings
  readonly complete: boolean
}
export type Settings = Readonly<Record<string, string | number>>
export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}
export interface Plot {
  readonly title: string
  readonly caption: string
  readonly kind: 'lines' | 'bars'
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly Series[]
}
export interface Axis {
  readonly label: string
  readonly scale: 'linear' | 'logarithmic'
  readonly names?: Readonly<Record<string, string>>
}
export interface Series {
  readonly name: string
  readonly role: 'ours' | 'rival' | 'floor'
  readonly points: readonly (readonly [x: number, y: number])[]
}
export interface Measurement {
  readonly contestant: string
  readonly workload: string
  readonly settings: Settings
  readonly figures: Readonly<Record<string, Spread>>
}

// provenance.d.ts
export interface Provenance {
  readonly machine: string
  readonly node: string
  readonly packages: Readonly<Record<string, string>>
  readonly date: string
  readonly commit: string | undefined
  readonly command: string
}
export declare function provenanceOf(command: string, folder: string): Promise<Provenance>

// html-report.d.ts
export declare function htmlReport(findings: Findings, provenance: Provenance): Promise<string>

// json-report.d.ts
export interface JsonReport extends Findings {
  readonly schema: 1
  readonly provenance: Provenance
}
export declare function jsonReport(findings: Findings, provenance: Provenance): string

// terminal-report.d.ts
export interface TextStyle {
  readonly strong: (text: string) => string
  readonly faint: (text: string) => string
  readonly alarming: (text: string) => string
}
export interface TextOptions {
  readonly style?: TextStyle | undefined
  readonly columns?: number | undefined
}
export declare function terminalReport(
  findings: Findings,
  provenance: Provenance,
  { style, columns }?: TextOptions,
): string
export declare function terminalList(
  comparisons: readonly Comparison[],
  { style, columns }?: TextOptions,
): string

// statistics.d.ts
export interface Spread {
  readonly median: number
  readonly low: number
  readonly high: number
  readonly rounds: readonly number[]
}
