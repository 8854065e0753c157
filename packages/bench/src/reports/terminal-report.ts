import type { Comparison } from '../comparison.ts'
import type { Findings, Table } from '../findings.ts'
import type { Provenance } from '../provenance.ts'
import { tableBlocks, wrapped } from './text-layout.ts'

/** The parts of the text that may be told apart by color. */
export interface TextStyle {
  /** What the reader came for. */
  readonly strong: (text: string) => string
  /** What is there for the record. */
  readonly faint: (text: string) => string
  /** What went wrong. */
  readonly alarming: (text: string) => string
}

/** How text is laid out. */
export interface TextOptions {
  /**
   * How to emphasize.
   *
   * @defaultValue nothing is emphasized
   */
  readonly style?: TextStyle | undefined
  /**
   * How wide the terminal is.
   *
   * @defaultValue 80
   */
  readonly columns?: number | undefined
}

const PLAIN: TextStyle = {
  strong: (text) => text,
  faint: (text) => text,
  alarming: (text) => text,
}
const USUAL_COLUMNS = 80

/** Findings as text for a terminal. What it comes to is the last sentence, where the reader looks. */
export function terminalReport(
  findings: Findings,
  provenance: Provenance,
  { style = PLAIN, columns = USUAL_COLUMNS }: TextOptions = {},
): string {
  const { answer, failures, missing, notes, summary, tables, complete } = findings
  const { machine, node, commit, date } = provenance
  const [headline = '', ...details] = answer
  const from = commit === undefined ? '' : `, commit ${commit}`
  const lines = (text: string, emphasized: (line: string) => string = PLAIN.strong) =>
    wrapped(text, columns).map((line) => emphasized(line))
  return [
    ...[...tables, ...(summary === undefined ? [] : [summary])].flatMap((table) =>
      tableLines(table, style, columns),
    ),
    ...notes.flatMap((note) => lines(note, style.faint)),
    ...lines(`Node ${node}, ${machine}${from}, ${date}`, style.faint),
    '',
    ...missing.flatMap((sentence) => lines(sentence)),
    ...failures.flatMap((failure) => lines(`failed: ${failure}`, style.alarming)),
    ...(complete ? [] : lines('Interrupted: this is what there was by then.', style.alarming)),
    ...details.flatMap((sentence) => lines(sentence)),
    ...lines(headline, style.strong),
  ].join('\n')
}

function tableLines(table: Table, style: TextStyle, columns: number): readonly string[] {
  return [
    ...wrapped(table.title, columns).map((line) => style.strong(line)),
    ...tableBlocks(table, columns).flatMap(([head = '', ...rows]) => [
      style.faint(head),
      ...rows,
      '',
    ]),
  ]
}

/** What can be compared, as text for a terminal. */
export function terminalList(
  comparisons: readonly Comparison[],
  { style = PLAIN, columns = USUAL_COLUMNS }: TextOptions = {},
): string {
  const indent = 2 + Math.max(0, ...comparisons.map(({ name }) => name.length))
  return comparisons
    .flatMap(({ name, question, contestants }) => {
      const [first = '', ...others] = wrapped(question, columns, indent)
      return [
        style.strong(name) + first.slice(name.length),
        ...others,
        ...wrapped(contestants.join(', '), columns, indent).map((line) => style.faint(line)),
      ]
    })
    .join('\n')
}
