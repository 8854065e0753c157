import type { Findings, Table } from '../findings.ts'
import type { Provenance } from '../provenance.ts'

/** The parts of the text that may be told apart by color. */
export interface TextStyle {
  /** What the reader came for. */
  strong(text: string): string
  /** What is there for the record. */
  faint(text: string): string
  /** What went wrong. */
  alarming(text: string): string
}

const PLAIN: TextStyle = {
  strong: (text) => text,
  faint: (text) => text,
  alarming: (text) => text,
}

/**
 * Findings as text for a terminal, the answer at the end, where the reader looks.
 *
 * @param style - How to emphasize; without it, nothing is.
 */
export function terminalReport(
  findings: Findings,
  provenance: Provenance,
  style: TextStyle = PLAIN,
): string {
  const { answer, failures, missing, notes, tables, complete } = findings
  const { machine, node, commit, date } = provenance
  const from = commit === undefined ? '' : `, commit ${commit}`
  return [
    ...tables.flatMap((table) => [...tableLines(table, style), '']),
    ...notes.map((note) => style.faint(note)),
    style.faint(`Node ${node}, ${machine}${from}, ${date}`),
    '',
    ...missing,
    ...failures.map((failure) => style.alarming(`failed: ${failure}`)),
    ...(complete ? [] : [style.alarming('Interrupted: this is what there was by then.')]),
    ...answer.map((sentence) => style.strong(sentence)),
  ].join('\n')
}

function tableLines({ title, columns, rows }: Table, style: TextStyle): readonly string[] {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0)),
  )
  // Names to the left, figures to the right.
  const lineOf = (cells: readonly string[]) =>
    cells
      .map((cell, index) => {
        const width = widths[index] ?? 0
        return index === 0 ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
      .trimEnd()
  return [style.strong(title), style.faint(lineOf(columns)), ...rows.map(lineOf)]
}
