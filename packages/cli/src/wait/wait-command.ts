import { Command, InvalidArgumentError, Option } from 'commander'
import { configured } from '../configured-command.ts'
import type { Outputs } from '../digest/digest-command.ts'
import {
  fileThing,
  type FileValues,
  type HttpValues,
  lineThing,
  type Place,
  portThing,
  type PortValues,
  processThing,
  type ProcessValues,
  serverThing,
  type SharedValues,
  socketThing,
  type TextValues,
  type Thing,
  waitForThings,
} from './run-wait.ts'
import { thingOf } from './things.ts'
import {
  countOf,
  durationOf,
  expressionOf,
  hostOf,
  intervalOf,
  pidOf,
  placesOf,
  startOf,
  statusOf,
  textOf,
  textsOf,
  urlsOf,
} from './wait-arguments.ts'

/** `cupola wait`: a word for each thing, or a command for things of one kind with its own options. */
export function waitCommand(outputs: Outputs): Command {
  const command = configured(new Command('wait'), outputs)
  command
    .description('Wait for files, text, ports, servers or processes.')
    .argument(
      '[thing...]',
      'file:<path>, gone:<path>, port:<port>, free:<port>, socket:<path>, a URL',
    )
    .option('-t, --timeout <duration>', 'give up after 500, 500ms, 30s, 1.5m or 2h', durationOf)
    .option('-i, --interval <duration>', 'look at least so often', intervalOf)
    .option('--any', 'end when the first is met; without it all have to be')
    .option('-q, --quiet', 'print nothing when it is met')
    .option('-0', 'end what is printed with a NUL each, not with a line')
    .addHelpText('after', HELP)
    .helpCommand(false)
    .action(async (words: readonly string[]) => {
      if (words.length === 0) command.error("error: missing required argument 'thing'")
      const things = words.map((word) => parsed(command, word, () => thingOf(word, command.opts())))
      await runWaits(command, outputs, things)
    })
  for (const make of [fileCommand, textCommand, portCommand, httpCommand, socketCommand]) {
    command.addCommand(make(outputs))
  }
  return command.addCommand(processCommand(outputs))
}

function fileCommand(outputs: Outputs): Command {
  const command = waiting('file', 'Wait until files are there, or matches of globs.', outputs)
  return command
    .argument('<path...>', 'paths or globs, all of which have to be there', textsOf)
    .addOption(
      new Option('-u, --until <state>', 'what has to be true of a file')
        .choices(['exists', 'stable', 'closed'])
        .default('exists'),
    )
    .addOption(new Option('-g, --gone', 'wait until none of them is there').conflicts('until'))
    .option('-l, --literal', 'take them for paths, whatever characters they have')
    .action(async (paths: readonly string[]) => {
      const values = command.optsWithGlobals<FileValues>()
      const things = paths.map((path) => fileThing(path, values))
      await runWaits(command, outputs, things)
    })
}

function textCommand(outputs: Outputs): Command {
  const command = waiting('text', 'Wait until a line of a file matches; prints it.', outputs)
  return command
    .argument('<file>', 'the file, which may be missing', textOf)
    .argument('<pattern>', 'a regular expression', textOf)
    .option('-F, --fixed', 'take the pattern as it is')
    .option('-f, --from <where>', 'start, end, or a byte', startOf, 'start')
    .option('-n, --count <n>', 'how many lines have to match', countOf, 1)
    .action(async (file: string, text: string) => {
      const values = command.optsWithGlobals<TextValues>()
      const isFixed = values.fixed === true
      const pattern = isFixed ? text : parsed(command, text, () => expressionOf(text))
      await runWaits(command, outputs, [lineThing(file, pattern, values)])
    })
}

function portCommand(outputs: Outputs): Command {
  const command = waiting('port', 'Wait until somebody listens on ports.', outputs)
  return command
    .argument('<port...>', 'TCP ports, or host:port; all of them have to be used', placesOf)
    .option('-H, --host <host>', 'a name or an address, for ports without one', hostOf)
    .option('-f, --free', 'wait until nobody listens on any of them')
    .action(async (places: readonly Place[]) => {
      const values = command.optsWithGlobals<PortValues>()
      if (values.host !== undefined && places.every(({ host }) => host !== undefined)) {
        command.error("error: option '--host <host>' has no port to go with")
      }
      const things = places.map((place) => portThing(place, values))
      await runWaits(command, outputs, things)
    })
}

function httpCommand(outputs: Outputs): Command {
  const description = 'Wait until web servers answer with a status from 200 to 299.'
  const command = waiting('http', description, outputs)
  return command
    .argument('<url...>', 'URLs, all of which have to answer', urlsOf)
    .option('-s, --status <status>', 'wait for this status instead', statusOf)
    .option('-k, --insecure', 'take any certificate')
    .action(async (urls: readonly URL[]) => {
      const values = command.optsWithGlobals<HttpValues>()
      const things = urls.map((url) => serverThing(url, values))
      await runWaits(command, outputs, things)
    })
}

function socketCommand(outputs: Outputs): Command {
  const command = waiting('socket', 'Wait until somebody listens on Unix domain sockets.', outputs)
  return command
    .argument('<path...>', 'sockets, all of which have to be used', textsOf)
    .action(async (paths: readonly string[]) => {
      const values = command.optsWithGlobals<SharedValues>()
      const things = paths.map((path) => socketThing(path, values))
      await runWaits(command, outputs, things)
    })
}

function processCommand(outputs: Outputs): Command {
  const command = waiting('process', 'Wait until a process runs; prints its pid.', outputs)
  return command
    .option('--pid <pid>', 'its number', pidOf)
    .option('--name <name>', 'what it is called', textOf)
    .option('--path <path>', 'its executable, or the script that it runs', textOf)
    .option('--command <pattern>', 'a regular expression for its command line', expressionOf)
    .option('-g, --gone', 'wait until it has ended')
    .action(async () => {
      const values = command.optsWithGlobals<ProcessValues>()
      const { pid, name, path, command: pattern } = values
      if ((pid ?? name ?? path ?? pattern) === undefined) {
        command.error('error: expected --pid, --name, --path or --command')
      }
      await runWaits(command, outputs, [processThing(values)])
    })
}

/** A command below `cupola wait`, the options of which it takes as well. */
function waiting(name: string, description: string, outputs: Outputs): Command {
  return configured(new Command(name), outputs)
    .description(description)
    .configureHelp({ showGlobalOptions: true })
}

/** Makes an error of commander's of what is wrong with a word that it does not parse itself. */
function parsed<Value>(command: Command, word: string, parse: () => Value): Value {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    return command.error(`error: argument '${word}' is invalid. ${error.message}`)
  }
}

/** Waits, and prints what was found. */
async function runWaits(
  command: Command,
  { stdout }: Outputs,
  things: readonly Thing[],
): Promise<void> {
  const values = command.optsWithGlobals<SharedValues>()
  const lines = await waitForThings(things, values)
  if (values.quiet === true) return
  for (const line of lines) stdout.stream.write(line + (values[0] === true ? '\0' : '\n'))
}

const HELP = `
Without --timeout, it waits for ever. What was found is printed, a line each: paths, the line, addresses,
pids. Of several things all are waited for, or with --any the first, with one deadline. A word that
begins with tcp: is the same as one with port:, and a port may have a host before it.

Examples:
  $ cupola wait file:build/server.js port:db:5432 http://localhost:8080/health --timeout 30s
  $ cupola wait --any file:done file:failed
  $ cupola wait file build/server.js && node build/server.js
  $ cupola wait file 'uploads/**/*.zip' --until stable --timeout 5m
  $ cupola wait file 'app/[slug]/page.tsx' --literal
  $ cupola wait file deploy.lock --gone
  $ cupola wait text server.log 'listening on port [0-9]+' --timeout 30s
  $ cupola wait port 5432 cache:6379 --timeout 10s --quiet
  $ cupola wait http http://localhost:8080/health -t 30s && npm test
  $ cupola wait http https://localhost:8443 --insecure
  $ cupola wait process --command 'server.js' --gone

Exit codes:
  0    it is met
  1    the timeout has passed, or something failed
  2    wrong use: an unknown option, a bad number, an empty argument
`
