#!/usr/bin/env node
import { runCommandLine } from './command-line.ts'
import { hasCode } from './digest/entry-kind.ts'
import { reasonOf } from './digest/problem.ts'
import { outputOn } from './terminal.ts'

/** Signals end a process with codes above this. */
const ENDED_BY_SIGNAL = 128

const outputs = { stdout: outputOn(process.stdout), stderr: outputOn(process.stderr) }

// Somebody has closed the other end, as in `cupola digest | head`: nobody is left to print for.
process.stdout.on('error', (error) => {
  if (!hasCode(error, 'EPIPE')) outputs.stderr.line(`error: standard output: ${reasonOf(error)}`)
  process.exit(1)
})

// What cannot be told is no reason to leave the work undone; the exit code tells it too.
process.stderr.on('error', () => {})

void runCommandLine(process.argv.slice(2), outputs).then((exitCode) => {
  process.exitCode = exitCode
  // A thread may be inside a read that nothing ends; it must not keep an interrupted process.
  if (exitCode > ENDED_BY_SIGNAL) process.exit()
})
