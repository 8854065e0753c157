import { statSync } from 'node:fs'
import type { Output } from '../terminal.ts'
import { printable } from './byte-names.ts'
import { check, type CheckProgress, type CheckReport } from './check.ts'
import type { Outputs } from './digest-command.ts'
import { requireFolder } from './digest-options.ts'
import { plural } from './figures.ts'
import { Interruption, Interruptions } from './interruption.ts'
import { type Advance, displayOn } from './progress-display.ts'
import { checkLines } from './report-text.ts'

/** `cupola digest --check` as it was typed. */
export interface CheckArguments {
  /** What to check; `-` is standard input. */
  readonly manifest: string
  readonly folder: string
  readonly algorithm: string
  readonly threads: number
  readonly json: boolean
}

/** What a JSON report keeps; all failures are told as they are found. */
const MOST_FAILURES = 1000

/**
 * Runs `cupola digest --check`.
 *
 * @returns The exit code.
 * @throws RangeError If it was used wrongly.
 */
export async function runCheck(args: CheckArguments, outputs: Outputs): Promise<number> {
  const { stdout, stderr } = outputs
  requireManifest(args.manifest)
  // Last: if the last thing that was asked for is a FIFO, such as a manifest of the shell's `<(…)`,
  // `realpathSync` of Node 20 resolves no links, and what is imported next finds no packages.
  requireFolder(args.folder)
  const display = await displayOn(stderr)
  const interruptions = new Interruptions()
  const failures: { path: string; problem: string }[] = []
  try {
    const work = check(args.manifest, args.folder, {
      ...args,
      signal: interruptions.signal,
      onFailure: (path, problem) => {
        if (failures.length < MOST_FAILURES) failures.push({ path, problem })
        display.line(`${printable(path)}: ${stderr.colors.red(printable(problem))}`)
      },
      onProgress: (progress) => display.show(advanceOf(progress)),
    })
    const report = await interruptions.within(work)
    display.end()
    if (args.json) stdout.line(JSON.stringify({ ...report, failures }))
    else for (const line of checkLines(report, stdout.colors)) stdout.line(line)
    return verdictOn(report, stderr)
  } catch (error) {
    display.end()
    if (args.json) stdout.line(JSON.stringify({ error: messageOf(error) }))
    if (!(error instanceof Interruption)) throw error
    stderr.line('Interrupted.')
    return error.exitCode
  } finally {
    interruptions.end()
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function requireManifest(path: string): void {
  if (path === '-') return
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) throw new RangeError(`Cannot check "${path}": it is not there`)
  if (stats.isDirectory()) throw new RangeError(`Cannot check "${path}": it is a folder`)
}

function verdictOn(report: CheckReport, stderr: Output): number {
  const { ok, failed, missing, unreadable, malformedLines, algorithm } = report
  const bad = failed + missing + unreadable
  if (ok + bad === 0) {
    stderr.line(`error: no line with a ${algorithm} digest was found`)
    return 1
  }
  if (malformedLines > 0) {
    const lines = plural(malformedLines, 'line is', 'lines are')
    stderr.line(`warning: ${lines} no ${algorithm} digest with a path`)
  }
  return bad === 0 ? 0 : 1
}

/** How much there is to check is only known when the manifest has been read. */
function advanceOf({ files, found, foundAll, bytes, elapsedMs }: CheckProgress): Advance {
  return { files, found, foundAll, bytes, elapsedMs, fraction: found === 0 ? 0 : files / found }
}
