import { writeFile } from 'node:fs/promises'
import {
  type Comparison,
  comparisons,
  type Findings,
  htmlReport,
  jsonReport,
  type Provenance,
  provenanceOf,
  terminalReport,
  type TextStyle,
} from '@cupola/bench'
import type { Outputs } from '../digest/digest-command.ts'
import { Interruption, Interruptions } from '../digest/interruption.ts'
import type { Output } from '../terminal.ts'
import { turnsDisplayOn } from './turns-display.ts'

/** What `cupola bench` takes. */
export interface BenchValues {
  readonly quick?: boolean
  readonly sizes?: readonly number[]
  readonly rounds?: number
  readonly json?: boolean
  readonly report?: string
}

/** `cupola bench` without a name. */
export function listComparisons({ json = false }: BenchValues, { stdout }: Outputs): void {
  if (json) {
    const list = comparisons.map(({ name, question, contestants }) => ({
      name,
      question,
      contestants,
    }))
    stdout.line(JSON.stringify(list, undefined, 2))
    return
  }
  for (const { name, question, contestants } of comparisons) {
    stdout.line(`${stdout.colors.bold(name.padEnd(10))} ${question}`)
    stdout.line(`${' '.repeat(10)} ${stdout.colors.dim(contestants.join(', '))}`)
  }
}

/**
 * `cupola bench` of a comparison.
 *
 * @returns The exit code.
 * @throws RangeError If there is none of that name.
 */
export async function runBench(
  name: string,
  values: BenchValues,
  outputs: Outputs,
): Promise<number> {
  const comparison = comparisonOf(name)
  const interruptions = new Interruptions()
  try {
    const measuring = measure(comparison, values, interruptions.signal, outputs)
    const findings = await interruptions.within(measuring)
    const provenance = await provenanceOf(commandOf(name, values), process.cwd())
    await print(findings, provenance, values, outputs)
    const { reason } = interruptions.signal
    if (reason instanceof Interruption) return reason.exitCode
    return findings.failures.length === 0 ? 0 : 1
  } catch (error) {
    if (!(error instanceof Interruption)) throw error
    outputs.stderr.line('Interrupted, in the middle of a turn that does not end.')
    return error.exitCode
  } finally {
    interruptions.end()
  }
}

function comparisonOf(name: string): Comparison {
  const comparison = comparisons.find((each) => each.name === name)
  if (comparison !== undefined) return comparison
  const names = comparisons.map((each) => each.name).join(', ')
  throw new RangeError(`Cannot compare ${name}: expected one of ${names}`)
}

async function measure(
  comparison: Comparison,
  { quick, sizes, rounds }: BenchValues,
  signal: AbortSignal,
  { stderr }: Outputs,
): Promise<Findings> {
  const display = turnsDisplayOn(stderr)
  try {
    return await comparison.run({
      quick,
      sizes,
      rounds,
      signal,
      folder: process.cwd(),
      onProgress: (progress) => display.show(progress),
    })
  } finally {
    display.end()
  }
}

async function print(
  findings: Findings,
  provenance: Provenance,
  { json = false, report }: BenchValues,
  { stdout, stderr }: Outputs,
): Promise<void> {
  if (json) stdout.line(jsonReport(findings, provenance))
  else stdout.line(terminalReport(findings, provenance, styleOf(stdout)))
  if (report === undefined) return
  await writeFile(report, await htmlReport(findings, provenance))
  stderr.line(`The page is in ${report}`)
}

function styleOf({ colors }: Output): TextStyle {
  return { strong: colors.bold, faint: colors.dim, alarming: colors.red }
}

/** The command line that measures the same again. */
function commandOf(name: string, { quick = false, sizes, rounds }: BenchValues): string {
  return [
    `cupola bench ${name}`,
    ...(quick ? ['--quick'] : []),
    ...(sizes === undefined ? [] : [`--sizes ${sizes.join(',')}`]),
    ...(rounds === undefined ? [] : [`--rounds ${rounds}`]),
  ].join(' ')
}
