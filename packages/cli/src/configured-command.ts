import type { Command } from 'commander'
import type { Outputs } from './digest/digest-command.ts'

/** Makes a command print where it should, and throw where commander would end the process. */
export function configured(command: Command, { stdout, stderr }: Outputs): Command {
  return command
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('(--help tells how it is used)')
    .helpOption('-h, --help', 'print this help')
    .configureOutput({
      writeOut: (text) => stdout.stream.write(text),
      writeErr: (text) => stderr.stream.write(text),
    })
}
