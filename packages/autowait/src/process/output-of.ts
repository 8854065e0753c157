import { execFile } from 'node:child_process'
import { BrokenError } from '@cupola/core'
import { isAbsence, isSystemError } from '../system-errors.ts'

/**
 * Runs a program of the system, without a shell, and gives what it prints.
 *
 * @throws What the system says if it cannot be run now.
 * @throws BrokenError If it is not there, or fails.
 */
export async function outputOf(
  program: string,
  args: readonly string[],
  { allowedExitCodes = [0], env }: OutputOptions = {},
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const options = { maxBuffer: 64 * 1024 * 1024, env }
    execFile(program, args, options, (error, stdout) => {
      if (error === null || allowedExitCodes.includes(Number(error.code))) resolve(stdout)
      else if (isSystemError(error) && !isAbsence(error)) reject(error)
      else reject(new BrokenError('look at the processes', `${program} failed`, { cause: error }))
    })
  })
}

/** How a program is run. */
interface OutputOptions {
  /** Which exit codes are no failure. */
  readonly allowedExitCodes?: readonly number[]
  /** The whole environment; by default ours. */
  readonly env?: NodeJS.ProcessEnv
}
