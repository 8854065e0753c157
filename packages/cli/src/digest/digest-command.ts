import { resolve } from 'node:path'
import type { Output } from '../terminal.ts'
import { printable } from './byte-names.ts'
import { digest } from './digest.ts'
import { journalOf } from './digest-options.ts'
import type { DigestProgress, DigestReport, ReportedProblem } from './digest-report.ts'
import { plural } from './figures.ts'
import { Interruption, Interruptions } from './interruption.ts'
import { checkerOf } from './manifest.ts'
import { type Advance, displayOn } from './progress-display.ts'
import { JsonReport } from './report-json.ts'
import { digestLines, labelled } from './report-text.ts'

/** `cupola digest` as it was typed. */
export interface DigestArguments {
  readonly folder: string
  readonly algorithm: string
  readonly threads: number
  /** `-` is standard output. */
  readonly output: string | undefined
  readonly resume: boolean
  readonly json: boolean
  readonly ignore: readonly string[]
}

/** Where a command prints. */
export interface Outputs {
  readonly stdout: Output
  readonly stderr: Output
}

/**
 * What hashing a file costs beyond its bytes, as so many bytes: opening, asking, closing. Only for
 * the estimate of the time that is left.
 */
const FILE_BYTES = 32 * 1024

/**
 * Runs `cupola digest`.
 *
 * @returns The exit code.
 * @throws RangeError If it was used wrongly.
 */
export async function runDigest(args: DigestArguments, outputs: Outputs): Promise<number> {
  const { stdout, stderr } = outputs
  const display = await displayOn(stderr)
  const json = args.json ? new JsonReport(stdout.stream) : undefined
  const interruptions = new Interruptions()
  let filesDone = 0
  try {
    const work = digest(args.folder, {
      ...args,
      output: args.output === '-' ? stdout.stream : args.output,
      signal: interruptions.signal,
      onProblem: (problem) => display.line(problemLine(problem, stderr)),
      onDuplicate: json && ((file) => json.addDuplicate(file)),
      onProgress: (progress) => {
        filesDone = progress.files
        display.show(advanceOf(progress))
      },
    })
    const report = await interruptions.within(work)
    display.end()
    if (json === undefined) printReport(report, args, outputs)
    else json.end(report)
    return report.errors === 0 ? 0 : 1
  } catch (error) {
    display.end()
    json?.breakOff(messageOf(error))
    if (!(error instanceof Interruption)) throw error
    stderr.line(interruptionLine(args, filesDone))
    return error.exitCode
  } finally {
    interruptions.end()
  }
}

function printReport(report: DigestReport, args: DigestArguments, outputs: Outputs): void {
  const to = args.output === '-' ? outputs.stderr : outputs.stdout
  for (const line of digestLines(report, to.colors)) to.line(line)
  if (args.output === undefined || args.output === '-') return
  to.line(labelled('Manifest', manifestText(args, args.output)))
  if (report.errors > 0) {
    to.line(labelled('Journal', `kept for --resume in ${printable(journalOf(args.output))}`))
  }
}

/** Where it is, and how to use it without us. */
function manifestText({ algorithm, folder }: DigestArguments, output: string): string {
  const checker = checkerOf(algorithm)
  if (checker === undefined) return printable(output)
  const check = `${checker} --check --quiet ${shellWord(resolve(output))}`
  // A name that begins with a dash would be an option of cd.
  const place = folder.startsWith('-') ? `./${folder}` : folder
  return `${printable(output)}, to be checked with: (cd ${shellWord(place)} && ${check})`
}

function interruptionLine({ output }: DigestArguments, filesDone: number): string {
  const done = plural(filesDone, 'file')
  if (output === undefined || output === '-') {
    return `Interrupted after ${done}. Nothing is saved: --output FILE makes it possible to resume.`
  }
  return (
    `Interrupted after ${done}. What is done is saved in ${printable(journalOf(output))}: ` +
    'give the same command with --resume to go on.'
  )
}

function problemLine({ kind, path, reason }: ReportedProblem, { colors }: Output): string {
  const label = kind === 'error' ? colors.red('error') : colors.yellow('skipped')
  return `${label} ${printable(path)}: ${printable(reason)}`
}

function advanceOf(progress: DigestProgress): Advance {
  const { files, found, foundAll, bytes, bytesRead, bytesFound, elapsedMs } = progress
  const all = bytesFound + found * FILE_BYTES
  const fraction = all === 0 ? 0 : Math.min((bytes + files * FILE_BYTES) / all, 1)
  return { files, found, foundAll, bytes: bytesRead, elapsedMs, fraction }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A word as a POSIX shell reads it back. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
