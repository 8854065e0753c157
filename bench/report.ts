import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'

/** What one comparison has to show, and whether it does. */
export interface Requirement {
  readonly what: string
  readonly required: string
  readonly measured: string
  readonly met: boolean
}

/** A table's row: its cells by the heading of their column. */
export type Row = Readonly<Record<string, string>>

/** Markdown that is printed as it comes and can be kept. */
export class Report {
  readonly #lines: string[] = []

  print(...lines: readonly string[]): void {
    for (const line of lines) console.log(line)
    this.#lines.push(...lines)
  }

  /** A table of rows that have the same headings. */
  table(rows: readonly Row[]): void {
    this.print(...Report.linesOf(rows), '')
  }

  /** The lines of such a table. */
  static linesOf(rows: readonly Row[]): string[] {
    const [first = {}] = rows
    const headings = Object.keys(first)
    const rule = headings.map((heading) => (heading === '' ? '---' : '--:'))
    return [rowOf(headings), rowOf(rule), ...rows.map((row) => rowOf(Object.values(row)))]
  }

  /** A number without machine and commit is no number. */
  machine(): void {
    const commit = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' })
    const model = cpus()[0]?.model ?? 'unknown processor'
    const cores = `${availableParallelism()} cores`
    this.print(`Node ${process.versions.node}, ${model}, ${cores}, commit ${commit.trim()}`)
  }

  /**
   * Ends with what is required and whether it is met, and keeps it all.
   *
   * @param file - As {@link keep} has it.
   */
  conclude(requirements: readonly Requirement[], file: string | undefined): void {
    this.print('## Required', '')
    this.table(
      requirements.map(({ what, required, measured, met }) => ({
        '': what,
        required,
        measured,
        met: met ? 'met' : 'not met',
      })),
    )
    this.keep(file)
  }

  /** @param file - Where in `results` all that was printed is kept, if it is to be. */
  keep(file: string | undefined): void {
    if (file === undefined) return
    const results = new URL('./results/', import.meta.url)
    writeFileSync(new URL(file, results), `${this.#lines.join('\n')}\n`)
  }
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** That `measured`, as it is printed, is at least so much. */
export function atLeast(what: string, bound: number, measured: number): Requirement {
  const required = `≥ ${bound}`
  return { what, required, measured: short(measured), met: Number(short(measured)) >= bound }
}

/** That `measured`, as it is printed, is at most so much. */
export function atMost(what: string, bound: number, measured: number): Requirement {
  const required = `≤ ${bound}`
  return { what, required, measured: short(measured), met: Number(short(measured)) <= bound }
}

/** A ratio. */
export function short(ratio: number): string {
  return ratio.toFixed(2)
}

/** A count, a rate or a time; nothing if there is none. */
export function whole(value: number): string {
  return Number.isNaN(value) ? '' : Math.round(value).toLocaleString('en')
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The value below which so much of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN
}

/** From the least to the greatest. */
export function range(values: readonly number[], format: (value: number) => string): string {
  return `${format(quantile(values, 0))} – ${format(quantile(values, 1))}`
}
