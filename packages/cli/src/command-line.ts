import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { benchCommand } from './bench/bench-command.ts'
import { configured } from './configured-command.ts'
import { printable } from './digest/byte-names.ts'
import type { Outputs } from './digest/digest-command.ts'
import { journalCommand } from './journal/journal-command.ts'
import { waitCommand } from './wait/wait-command.ts'

/** The exit code of wrong use, as of the coreutils that have one for it. */
const WRONG_USE = 2

/**
 * Does what a command line says.
 *
 * @param args - The arguments, without the program's name.
 * @param outputs - Where to print.
 * @returns The exit code.
 */
export async function runCommandLine(args: readonly string[], outputs: Outputs): Promise<number> {
  let exitCode = 0
  const program = programOn(outputs)
  program.addCommand(digestCommand(outputs, (code) => (exitCode = code)))
  program.addCommand(waitCommand(outputs))
  program.addCommand(benchCommand(outputs, (code) => (exitCode = code)))
  program.addCommand(journalCommand(outputs, (code) => (exitCode = code)))
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    // Commander has printed what was wrong; asking for help or the version is nothing wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USE
    outputs.stderr.line(`error: ${printable(messageOf(error))}`)
    return error instanceof RangeError ? WRONG_USE : 1
  }
}

function programOn(outputs: Outputs): Command {
  const program = new Command('cupola')
  return configured(program, outputs)
    .description(
      'Work on whole folders, on all cores, wait for what is yet to come, look into journals.',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpCommand(false)
}

interface DigestOptionValues {
  readonly algorithm: string
  readonly threads: number
  readonly output?: string
  readonly check?: string
  readonly resume?: boolean
  readonly json?: boolean
  readonly ignore?: readonly string[]
}

function digestCommand(outputs: Outputs, onExit: (code: number) => void): Command {
  const command = configured(new Command('digest'), outputs)
  return command
    .description('Compute a digest of every file in a folder, and find duplicates.')
    .argument('[folder]', 'where to begin', '.')
    .option('-a, --algorithm <name>', 'any that node:crypto offers', 'sha256')
    .option('-t, --threads <n>', 'how many threads hash', countOf, availableParallelism())
    .option('-o, --output <file>', 'write a manifest there; - is standard output')
    .addOption(
      new Option(
        '-c, --check <manifest>',
        'verify the files that a manifest names; - is standard input',
      ).conflicts(['output', 'resume', 'ignore']),
    )
    .option('-r, --resume', 'go on with an interrupted run of the same --output')
    .option('-i, --ignore <glob>', 'leave out what matches (repeatable)', added)
    .option('--json', 'print the report as one JSON document')
    .addHelpText('after', HELP)
    .action(async (folder: string, options: DigestOptionValues) => {
      onExit(await runDigestCommand(folder, options, outputs))
    })
}

/** The work is loaded when it is known that there is work: `--help` does not wait for it. */
async function runDigestCommand(
  folder: string,
  options: DigestOptionValues,
  outputs: Outputs,
): Promise<number> {
  const { algorithm, threads, output, check, resume = false, json = false, ignore = [] } = options
  if (check !== undefined) {
    const { runCheck } = await import('./digest/check-command.ts')
    return await runCheck({ manifest: check, folder, algorithm, threads, json }, outputs)
  }
  if (json && output === '-') {
    throw new RangeError('Cannot print both the manifest and JSON on standard output')
  }
  const { runDigest } = await import('./digest/digest-command.ts')
  return await runDigest({ folder, algorithm, threads, output, resume, json, ignore }, outputs)
}

function countOf(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= 1024) return count
  throw new InvalidArgumentError('Expected a whole number from 1 to 1024.')
}

function added(value: string, values: readonly string[] = []): readonly string[] {
  return [...values, value]
}

function version(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  )
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

const HELP = `
The manifest has one line per file, sorted by path, paths relative to the folder. The program that
checks one without this command, run in the folder, is sha256sum --check, and likewise md5sum,
sha1sum, sha224sum, sha384sum, sha512sum, and b2sum for blake2b512.

A glob of --ignore without a slash matches names at any depth, one with a slash paths from the
folder on. Symbolic links are not followed.

What is done is saved in <output>.journal until the manifest is complete. Without --resume, a journal
of the same folder and algorithm is replaced; one of another is refused, and may be deleted.

Examples:
  $ cupola digest                              digests, duplicates and a report of this folder
  $ cupola digest photos -o photos.sha256      write a manifest
  $ cupola digest photos -o photos.sha256 -r   go on after an interruption
  $ cupola digest photos -c photos.sha256      verify
  $ cupola digest -i node_modules -i '*.log'   leave things out
  $ cupola digest -o - | sha256sum --check     for the doubtful

Exit codes:
  0    all is well
  1    something could not be read, or a check failed
  2    wrong use: an unknown option, no such folder
  129, 130, 143
       ended by SIGHUP, SIGINT, SIGTERM; what is done is saved if there is an --output file
`
