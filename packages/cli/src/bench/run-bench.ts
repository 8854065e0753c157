import {
  type Comparison,
  comparisons,
  type Findings,
  htmlReport,
  jsonReport,
  type Provenance,
  provenanceOf,
  terminalList,
  terminalReport,
  type TextOptions,
} from '@cupola/bench'
import { writeFileAtomic } from '@cupola/core/authoring'
import { AtomicFile } from '../digest/atomic-file.ts'
import type { Outputs } from '../digest/digest-command.ts'
import { requirePlaceFor } from '../digest/digest-options.ts'
import { Interruption, Interruptions } from '../digest/interruption.ts'
import { reasonOf } from '../digest/problem.ts'
import type { Output } from '../terminal.ts'
import { turnsDisplayOn } from './turns-display.ts'

/** What `cupola bench` takes. */
export interface BenchValues {
  readonly quick?: boolean
  readonly thorough?: boolean
  readonly sizes?: readonly number[]
  readonly rounds?: number
  readonly json?: boolean
  readonly report?: string
}

/**
 * `cupola bench` without a name.
 *
 * @throws RangeError If something is wanted that only a comparison can give.
 */
export function listComparisons({ json = false, ...values }: BenchValues, outputs: Outputs): void {
  const [option] = Object.keys(values)
  if (option !== undefined) {
    throw new RangeError(`Cannot use --${option} without a comparison: expected ${namesText()}`)
  }
  const { stdout } = outputs
  if (json) {
    const list = comparisons.map(({ name, question, contestants }) => ({
      name,
      question,
      contestants,
    }))
    stdout.line(JSON.stringify(list, undefined, 2))
    return
  }
  stdout.line(terminalList(comparisons, textOptionsFor(stdout)))
  stdout.line('')
  stdout.line('Try: cupola bench buffers --quick')
}

/**
 * `cupola bench` of a comparison.
 *
 * @returns The exit code.
 * @throws RangeError If the page cannot be where it is wanted.
 */
export async function runBench(
  comparison: Comparison,
  values: BenchValues,
  outputs: Outputs,
): Promise<number> {
  // Before anything is measured, for it would be for nothing.
  if (values.report !== undefined) await requireWritable(values.report)
  const interruptions = new Interruptions()
  try {
    const measuring = measure(comparison, values, interruptions.signal, outputs)
    const findings = await interruptions.within(measuring)
    const provenance = await provenanceOf(commandOf(comparison.name, values), process.cwd())
    const isWritten = await writePage(findings, provenance, values.report, outputs)
    print(findings, provenance, values, outputs)
    const { reason } = interruptions.signal
    if (reason instanceof Interruption) return reason.exitCode
    return isWritten && findings.failures.length === 0 ? 0 : 1
  } catch (error) {
    if (!(error instanceof Interruption)) throw error
    outputs.stderr.line('Interrupted, in the middle of a turn that does not end.')
    return error.exitCode
  } finally {
    interruptions.end()
  }
}

/** @throws RangeError If there is none of that name. */
export function comparisonNamed(name: string): Comparison {
  const comparison = comparisons.find((each) => each.name === name)
  if (comparison !== undefined) return comparison
  throw new RangeError(`Cannot compare ${name}: expected ${namesText()}`)
}

function namesText(): string {
  return `one of ${comparisons.map(({ name }) => name).join(', ')}`
}

/** Tries it, because permissions do not tell all: the file system may be one to read only. */
async function requireWritable(report: string): Promise<void> {
  requirePlaceFor(report)
  try {
    const trial = await AtomicFile.create(report)
    await trial.discard()
  } catch (error) {
    throw new RangeError(`Cannot write "${report}": ${reasonOf(error)}`, { cause: error })
  }
}

async function measure(
  comparison: Comparison,
  { sizes, rounds, ...values }: BenchValues,
  signal: AbortSignal,
  { stderr }: Outputs,
): Promise<Findings> {
  const display = turnsDisplayOn(stderr)
  try {
    return await comparison.run({
      effort: effortOf(values),
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

function effortOf({ quick, thorough }: BenchValues): 'quick' | 'usual' | 'thorough' {
  if (quick === true) return 'quick'
  return thorough === true ? 'thorough' : 'usual'
}

/**
 * Before anything is printed: whoever reads that may close the other end.
 *
 * @returns Whether it is there, if it is wanted. If not, the findings are still to be printed.
 */
async function writePage(
  findings: Findings,
  provenance: Provenance,
  report: string | undefined,
  { stderr }: Outputs,
): Promise<boolean> {
  if (report === undefined) return true
  try {
    await writeFileAtomic(report, await htmlReport(findings, provenance))
    stderr.line(`The page is in ${report}`)
    return true
  } catch (error) {
    stderr.line(`error: Cannot write "${report}": ${reasonOf(error)}`)
    return false
  }
}

function print(
  findings: Findings,
  provenance: Provenance,
  { json = false }: BenchValues,
  { stdout }: Outputs,
): void {
  if (json) stdout.line(jsonReport(findings, provenance))
  else stdout.line(terminalReport(findings, provenance, textOptionsFor(stdout)))
}

function textOptionsFor({ colors, columns }: Output): TextOptions {
  return { columns, style: { strong: colors.bold, faint: colors.dim, alarming: colors.red } }
}

/** The command line that measures the same again. */
function commandOf(name: string, { quick, thorough, sizes, rounds }: BenchValues): string {
  return [
    `cupola bench ${name}`,
    ...(quick === true ? ['--quick'] : []),
    ...(thorough === true ? ['--thorough'] : []),
    ...(sizes === undefined ? [] : [`--sizes ${sizes.join(',')}`]),
    ...(rounds === undefined ? [] : [`--rounds ${rounds}`]),
  ].join(' ')
}
