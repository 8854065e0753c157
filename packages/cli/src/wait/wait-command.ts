import { Command, Option } from 'commander'
import { configured } from '../configured-command.ts'
import type { Outputs } from '../digest/digest-command.ts'
import {
  type FileValues,
  type HttpValues,
  type PortValues,
  type ProcessValues,
  type TextValues,
  waitForFiles,
  waitForLine,
  waitForPorts,
  waitForProcesses,
  waitForServers,
  waitForSockets,
  type WaitValues,
} from './run-wait.ts'
import {
  countOf,
  durationOf,
  expressionOf,
  pidOf,
  portsOf,
  startOf,
  statusOf,
  urlsOf,
} from './wait-arguments.ts'

/** `cupola wait` and what can be waited for. */
export function waitCommand(outputs: Outputs): Command {
  const command = configured(new Command('wait'), outputs)
    .description('Wait for files, text, ports, servers or processes.')
    .addHelpText('after', HELP)
    .helpCommand(false)
  for (const make of [fileCommand, textCommand, portCommand, httpCommand, socketCommand]) {
    command.addCommand(make(outputs))
  }
  return command.addCommand(processCommand(outputs))
}

function fileCommand(outputs: Outputs): Command {
  return waiting('file', 'Wait until files are there, or matches of globs.', outputs)
    .argument('<path...>', 'paths or globs, all of which have to be there')
    .addOption(
      new Option('-u, --until <state>', 'what has to be true of a file')
        .choices(['exists', 'stable', 'closed'])
        .default('exists'),
    )
    .option('-g, --gone', 'wait until none of them is there')
    .action(async (paths: readonly string[], values: FileValues) => {
      print(outputs, values, await waitForFiles(paths, values))
    })
}

function textCommand(outputs: Outputs): Command {
  const command = waiting('text', 'Wait until a line of a file matches; prints it.', outputs)
  return command
    .argument('<file>', 'the file, which may be missing')
    .argument('<pattern>', 'a regular expression')
    .option('-F, --fixed', 'take the pattern as it is')
    .option('-f, --from <where>', 'start, end, or a byte', startOf, 'start')
    .option('-n, --count <n>', 'how many lines have to match', countOf, 1)
    .action(async (file: string, text: string, values: TextValues) => {
      const pattern = values.fixed === true ? text : expressionIn(command, text)
      print(outputs, values, await waitForLine(file, pattern, values))
    })
}

function expressionIn(command: Command, text: string): RegExp {
  try {
    return expressionOf(text)
  } catch (error) {
    return command.error(`error: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function portCommand(outputs: Outputs): Command {
  return waiting('port', 'Wait until somebody listens on ports.', outputs)
    .argument('<port...>', 'TCP ports, all of which have to be used', portsOf)
    .option('-H, --host <host>', 'a name or an address')
    .option('-f, --free', 'wait until nobody listens on any of them')
    .action(async (ports: readonly number[], values: PortValues) => {
      print(outputs, values, await waitForPorts(ports, values))
    })
}

function httpCommand(outputs: Outputs): Command {
  return waiting('http', 'Wait until web servers answer with a status from 200 to 299.', outputs)
    .argument('<url...>', 'URLs, all of which have to answer', urlsOf)
    .option('-s, --status <status>', 'wait for this status instead', statusOf)
    .action(async (urls: readonly URL[], values: HttpValues) => {
      print(outputs, values, await waitForServers(urls, values))
    })
}

function socketCommand(outputs: Outputs): Command {
  return waiting('socket', 'Wait until somebody listens on Unix domain sockets.', outputs)
    .argument('<path...>', 'sockets, all of which have to be used')
    .action(async (paths: readonly string[], values: WaitValues) => {
      print(outputs, values, await waitForSockets(paths, values))
    })
}

function processCommand(outputs: Outputs): Command {
  const command = waiting('process', 'Wait until a process runs; prints its pid.', outputs)
  return command
    .option('--pid <pid>', 'its number', pidOf)
    .option('--name <name>', 'what it is called')
    .option('--path <path>', 'its executable, or the script that it runs')
    .option('--command <pattern>', 'a regular expression for its command line', expressionOf)
    .option('-g, --gone', 'wait until it has ended')
    .action(async (values: ProcessValues) => {
      const { pid, name, path, command: pattern } = values
      if ((pid ?? name ?? path ?? pattern) === undefined) {
        command.error('error: expected --pid, --name, --path or --command')
      }
      print(outputs, values, await waitForProcesses(values))
    })
}

function waiting(name: string, description: string, outputs: Outputs): Command {
  return configured(new Command(name), outputs)
    .description(description)
    .option('-t, --timeout <duration>', 'give up after 500, 500ms, 30s, 1.5m or 2h', durationOf)
    .option('-q, --quiet', 'print nothing when it is met')
}

/** Prints what was found. */
function print({ stdout }: Outputs, { quiet = false }: WaitValues, lines: readonly string[]): void {
  if (!quiet) for (const line of lines) stdout.line(line)
}

const HELP = `
Without --timeout, it waits for ever. What was found is printed, a line each: paths, the line, addresses,
pids. Of several files, ports, URLs or sockets all are waited for, with one deadline.

Examples:
  $ cupola wait file build/server.js && node build/server.js
  $ cupola wait file 'uploads/**/*.zip' --until stable --timeout 5m
  $ cupola wait file deploy.lock --gone
  $ cupola wait text server.log 'listening on port [0-9]+' --timeout 30s
  $ cupola wait port 5432 6379 --timeout 10s --quiet
  $ cupola wait http http://localhost:8080/health -t 30s && npm test
  $ cupola wait process --command 'server.js' --gone

Exit codes:
  0    it is met
  1    the timeout has passed, or something failed
  2    wrong use: an unknown option, a bad number
`
