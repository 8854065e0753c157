import { readFileSync, writeFileSync } from 'node:fs'
import { Report, type Row } from '../report.ts'

/** Who took how long for the same. */
export interface Comparison {
  readonly title: string
  readonly rows: readonly Row[]
}

const README = new URL('../../packages/autowait/README.md', import.meta.url)
const BEGIN = '<!-- latencies: begin -->'
const END = '<!-- latencies: end -->'

/** Puts the tables of a report between the two marks of the README, with a link to the report. */
export function keepInReadme(comparisons: readonly Comparison[], file: string): void {
  const content = readFileSync(README, 'utf8')
  const [begin, end] = [content.indexOf(BEGIN), content.indexOf(END)]
  if (begin === -1 || end === -1) throw new Error(`There are no marks in ${README.pathname}`)
  const source = `[bench/results/${file}](../../bench/results/${file})`
  const tables = comparisons.flatMap(({ title, rows }) => [title, '', ...Report.linesOf(rows), ''])
  const text = [BEGIN, '', `Milliseconds, from ${source}:`, '', ...tables].join('\n')
  writeFileSync(README, `${content.slice(0, begin)}${text}\n${content.slice(end)}`)
}
