import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How many processes run at a time, each in a directory of its own. */
const LANES = 2

/** So often one directory is used: all that was acknowledged in it is looked for after each kill. */
const KILLS_PER_DIRECTORY = 25

/**
 * Kills so many processes.
 *
 * @param inDirectory - Kills so many of them, one after the other, in a new directory.
 */
export async function killMany(
  kills: number,
  inDirectory: (kills: number) => Promise<void>,
): Promise<void> {
  let left = kills
  const lane = async (): Promise<void> => {
    while (left > 0) {
      const share = Math.min(left, KILLS_PER_DIRECTORY)
      left -= share
      await inDirectory(share)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

/**
 * Runs a program until it has printed more than so much, and kills it.
 *
 * @returns The lines that it has printed, but for one that the kill has cut short.
 */
export async function linesUntilKilled(
  program: URL,
  args: readonly string[],
  characters: number,
): Promise<string[]> {
  const commandLine = [...process.execArgv, fileURLToPath(program), ...args]
  const child = spawn(process.execPath, commandLine, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (data: string) => {
    text += data
    if (text.length > characters) child.kill('SIGKILL')
  })
  await new Promise((resolve) => child.once('close', resolve))
  return text.split('\n').slice(0, -1)
}
