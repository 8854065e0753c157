/**
 * Text for a terminal of so many columns. Nothing in it is wider than it looks.
 *
 * @module
 */
import type { Table } from '../findings.ts'

const GAP = 2

/** Breaks text between words; a word that is too long for a line has one of its own. */
export function wrapped(text: string, columns: number, indent = 0): readonly string[] {
  const room = columns - indent
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > room) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.map((line) => ' '.repeat(indent) + line)
}

/** The lines of a table, its head first; one that is too wide becomes several, each with the names. */
export function tableBlocks(table: Table, columns: number): readonly (readonly string[])[] {
  const widths = table.columns.map((column, index) =>
    Math.max(column.length, ...table.rows.map((row) => row[index]?.length ?? 0)),
  )
  return groupsThatFit(widths, columns).map((group) =>
    [table.columns, ...table.rows].map((cells) => lineOf(cells, group, widths)),
  )
}

/** Which columns stand side by side, without the first, which is in every group. */
function groupsThatFit(widths: readonly number[], columns: number): readonly number[][] {
  const [names = 0, ...others] = widths
  const groups: number[][] = []
  let left = 0
  for (const [index, width] of others.entries()) {
    left -= GAP + width
    const group = groups.at(-1)
    if (group !== undefined && left >= 0) group.push(index + 1)
    else {
      groups.push([index + 1])
      left = columns - names - GAP - width
    }
  }
  return groups
}

/** Names to the left, figures to the right. */
function lineOf(
  cells: readonly string[],
  group: readonly number[],
  widths: readonly number[],
): string {
  const figures = group.map((index) => (cells[index] ?? '').padStart(widths[index] ?? 0))
  const name = (cells[0] ?? '').padEnd(widths[0] ?? 0)
  return [name, ...figures].join(' '.repeat(GAP)).trimEnd()
}
