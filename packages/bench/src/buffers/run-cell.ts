import { execFile, type ExecFileException } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BrokenError } from '@cupola/core'
import type { Cell } from './cell.ts'
import type { CellAnswer } from './measure-cell.ts'

/** Longer than any cell takes on a slow machine. */
const PATIENCE_MS = 60_000

/** Measures a cell: the tests have one that does not take time. */
export type CellRunner = (cell: Cell, signal: AbortSignal | undefined) => Promise<CellAnswer>

/**
 * Measures a cell in a process of its own: the heap, the compiled code and the freed memory of one
 * contestant would otherwise be the next one's.
 *
 * @throws BrokenError If the process ends with an error, or does not end.
 * @throws `signal.reason`, as it is, if the signal aborts first; the process is ended.
 */
export const runCell: CellRunner = (cell, signal) => {
  // The extension of this file: `.js` once built, `.ts` as source.
  const program = new URL(`./cell-program${extname(import.meta.url)}`, import.meta.url)
  const flags = inheritable(process.execArgv)
  const words = [...flags, '--expose-gc', fileURLToPath(program), JSON.stringify(cell)]
  return new Promise((resolve, reject) => {
    const options = { signal, timeout: PATIENCE_MS, killSignal: 'SIGKILL' } as const
    execFile(process.execPath, words, options, (error, stdout, stderr) => {
      if (signal?.aborted === true) return reject(signal.reason)
      if (error !== null) return reject(new BrokenError(nameOf(cell), problemOf(error, stderr)))
      const answer = answerIn(stdout)
      if (answer === undefined) return reject(new BrokenError(nameOf(cell), NO_ANSWER))
      return resolve(answer)
    })
  })
}

/** What `node` runs instead of a file, by the word after these. */
const SCRIPT_FLAG = /^(?:-e|-p|-pe|--eval|--print)$/
/** Of this process alone: a script, a kind of script, a debugger, which would wait for somebody in each cell. */
const OWN_FLAG = /^--(?:eval=|print=|input-type|inspect)|^(?:-i|--interactive)$/

/**
 * The flags of this process that the others are to have as well. With the text of `node -e`, each of them
 * would run that again, and start its own.
 */
export function inheritable(flags: readonly string[]): readonly string[] {
  return flags.filter((flag, index) => {
    const isScript = SCRIPT_FLAG.test(flags[index - 1] ?? '')
    return !isScript && !SCRIPT_FLAG.test(flag) && !OWN_FLAG.test(flag)
  })
}

const NO_ANSWER = 'its process ended without an answer'

/** In its last line: what is loaded before it, by `NODE_OPTIONS`, may print as well. */
function answerIn(stdout: string): CellAnswer | undefined {
  try {
    const answer: CellAnswer = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
    return answer
  } catch {
    return undefined
  }
}

/** What it said last, which is what failed; a process that was ended says nothing. */
function problemOf({ signal, message }: ExecFileException, stderr: string): string {
  if (signal !== undefined && signal !== null) return `its process was ended by ${signal}`
  const errors = stderr.split('\n').filter((line) => /^\w*Error\b/.test(line))
  return errors.at(-1) ?? message
}

function nameOf({ contestant, sizeBytes }: Cell): string {
  return `measure ${contestant} at ${sizeBytes} bytes`
}
