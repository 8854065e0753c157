import { Command, InvalidArgumentError, Option } from 'commander'
import { configured } from '../configured-command.ts'
import type { Outputs } from '../digest/digest-command.ts'
import type { BenchValues } from './run-bench.ts'

/** `cupola bench`. */
export function benchCommand(outputs: Outputs, onExit: (code: number) => void): Command {
  const command = configured(new Command('bench'), outputs)
  return command
    .description('Compare things on this machine: buffers, pools, locks and more.')
    .argument('[comparison]', 'which one; without it, all are listed')
    .addOption(new Option('--quick', 'an answer within half a minute').conflicts('thorough'))
    .option('--thorough', 'leave nothing out')
    .option('-s, --sizes <sizes>', 'of buffers, as in 4KiB,1MiB', sizesOf)
    .option('-n, --rounds <n>', 'how often each has its turn', roundsOf)
    .option('--json', 'print the findings as one JSON document')
    .option('-r, --report <file>', 'write a page with plots there')
    .addHelpText('after', HELP)
    .action(async (name: string | undefined, values: BenchValues) => {
      const { comparisonNamed, listComparisons, runBench } = await import('./run-bench.ts')
      if (name === undefined) listComparisons(values, outputs)
      else onExit(await runBench(comparisonNamed(name), values, outputs))
    })
}

const SIZE = /^(?<amount>\d+)\s*(?:(?<unit>[km])(?:i?b)?|b|bytes)?$/i
const UNIT_BYTES = new Map([
  ['k', 1024],
  ['m', 1024 * 1024],
])

/** Bytes from `1000`, `4k`, `4KiB` or `1M`. */
export function sizesOf(text: string): readonly number[] {
  return text.split(',').map((word) => {
    const groups = SIZE.exec(word.trim())?.groups
    const bytes =
      Number(groups?.['amount']) * (UNIT_BYTES.get(groups?.['unit']?.toLowerCase() ?? '') ?? 1)
    if (bytes >= 1 && bytes <= 64 * 1024 * 1024) return bytes
    throw new InvalidArgumentError('Expected sizes from 1 byte to 64 MiB, as in 4KiB,1MiB.')
  })
}

function roundsOf(text: string): number {
  const rounds = Number(text)
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= 99) return rounds
  throw new InvalidArgumentError('Expected a whole number from 1 to 99.')
}

const HELP = `
Each contestant has its turn several times, and the figures are medians; next
to them stands what the loop costs by itself. Close what else is running: a
machine that is busy tells about its business. The libraries of others take part
if they are installed in the current folder.

Examples:
  $ cupola bench                                what there is
  $ cupola bench buffers --quick                half a minute
  $ cupola bench buffers --report buffers.html  two minutes, and plots
  $ cupola bench buffers --sizes 8KiB,200KiB    the sizes that you use
  $ cupola bench buffers --thorough             nothing left out, for long

Exit codes:
  0    measured
  1    a contestant does not do what it should, or something failed
  2    wrong use: an unknown comparison, a bad number, no place for the page
  129, 130, 143
       ended by SIGHUP, SIGINT, SIGTERM; what was measured by then is printed
`
