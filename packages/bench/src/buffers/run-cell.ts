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
  const words = [...process.execArgv, '--expose-gc', fileURLToPath(program), JSON.stringify(cell)]
  return new Promise((resolve, reject) => {
    const options = { signal, timeout: PATIENCE_MS, killSignal: 'SIGKILL' } as const
    execFile(process.execPath, words, options, (error, stdout, stderr) => {
      if (signal?.aborted === true) return reject(signal.reason)
      if (error !== null) return reject(new BrokenError(nameOf(cell), problemOf(error, stderr)))
      const answer: CellAnswer = JSON.parse(stdout)
      return resolve(answer)
    })
  })
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
