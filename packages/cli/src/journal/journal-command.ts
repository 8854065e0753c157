import { once } from 'node:events'
import { statSync } from 'node:fs'
import { Command, InvalidArgumentError, Option } from 'commander'
import { configured } from '../configured-command.ts'
import type { Outputs } from '../digest/digest-command.ts'
import {
  checkJournal,
  listJournal,
  type Print,
  printJournal,
  repairJournal,
} from './run-journal.ts'

/** `cupola journal` and what can be done with one. */
export function journalCommand(outputs: Outputs, onExit: (code: number) => void): Command {
  return configured(new Command('journal'), outputs)
    .description('Look into journals of @cupola/journal, and repair them.')
    .addHelpText('after', HELP)
    .helpCommand(false)
    .addCommand(listCommand(outputs))
    .addCommand(catCommand(outputs))
    .addCommand(verifyCommand(outputs, onExit))
    .addCommand(repairCommand(outputs))
}

function listCommand(outputs: Outputs): Command {
  return about('ls', 'List the files of a journal, and which records they have.', outputs)
    .option('--json', AS_JSON)
    .action((directory: string, { json = false }: JsonOption) =>
      listJournal(directory, json, printerOn(outputs)),
    )
}

function catCommand(outputs: Outputs): Command {
  return about('cat', 'Print the records, one JSON document a line.', outputs)
    .option('-f, --from <id>', 'begin with this record', idOf)
    .action((directory: string, { from }: { readonly from?: bigint }) =>
      printJournal(directory, from, printerOn(outputs)),
    )
}

function verifyCommand(outputs: Outputs, onExit: (code: number) => void): Command {
  return about(
    'verify',
    'Check every record; tells what is torn, damaged or missing, and what repair would do.',
    outputs,
  )
    .option('--json', AS_JSON)
    .action(async (directory: string, { json = false }: JsonOption) => {
      const isWell = await checkJournal(directory, json, printerOn(outputs))
      onExit(isWell ? 0 : 1)
    })
}

function repairCommand(outputs: Outputs): Command {
  return about('repair', 'Repair a journal that nobody has open.', outputs)
    .addOption(
      new Option('-m, --mode <mode>', 'how much is given up')
        .choices(['torn-tail', 'point-in-time', 'salvage'] as const)
        .default('torn-tail' as const),
    )
    .option('--json', AS_JSON)
    .action((directory: string, { mode, json = false }: RepairOptions) =>
      repairJournal(directory, { mode, json }, printerOn(outputs)),
    )
}

interface JsonOption {
  readonly json?: boolean
}

interface RepairOptions extends JsonOption {
  readonly mode: 'torn-tail' | 'point-in-time' | 'salvage'
}

const AS_JSON = 'print one JSON document'

function about(name: string, description: string, outputs: Outputs): Command {
  return configured(new Command(name), outputs)
    .description(description)
    .argument('<directory>', 'where the journal is', existing)
}

/** A journal is made where there is none: not by a command that is to look into one. */
function existing(directory: string): string {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) return directory
  throw new InvalidArgumentError('Expected a directory that is there.')
}

function idOf(text: string): bigint {
  if (/^\d+$/.test(text)) return BigInt(text)
  throw new InvalidArgumentError('Expected the id of a record, a whole number.')
}

/** Millions of lines: whoever reads them says how fast they come. */
function printerOn({ stdout }: Outputs): Print {
  return async (line) => {
    if (!stdout.stream.write(`${line}\n`)) await once(stdout.stream, 'drain')
  }
}

const HELP = `
All but repair only look, and may be used while somebody writes to the journal; its end may look torn
then. What repair takes out of a journal it keeps in files beside it, which end in .cut. What it would
take out, verify tells without changing anything.

Modes of repair, each giving up less of what can still be read, and more of what was promised:
  torn-tail      cut off what a crash has left of a write that nobody was told of
  point-in-time  end the journal before the first record that is not what it was
  salvage        keep every record that can still be read, with holes between them

Examples:
  $ cupola journal verify /var/lib/app/journal
  $ cupola journal cat /var/lib/app/journal --from 1000 | jq .text
  $ cupola journal repair /var/lib/app/journal --mode salvage

Exit codes:
  0    all is well
  1    something is torn, damaged or missing, or something failed
  2    wrong use: an unknown option, no such directory, no journal in it
`
