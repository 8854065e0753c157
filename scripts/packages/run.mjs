// Runs other programs.
import { execFile } from 'node:child_process'

/** Far more than any step takes: whatever runs for so long has hung. */
const TIMEOUT_MS = 120_000

/**
 * Runs a program to its end, without a shell.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env?: Record<string, string> }} options - `env` is added to what is there.
 * @returns {Promise<string>} What it wrote to stdout.
 * @throws If it fails; the message has the command and all that it wrote.
 */
export function run(command, args, { cwd, env: added = {} }) {
  // No NODE_OPTIONS of ours: they may make Node see more than a stranger's does.
  const { NODE_OPTIONS: _, ...env } = process.env
  const options = { cwd, env: { ...env, ...added }, timeout: TIMEOUT_MS, maxBuffer: Infinity }
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout)
      const commandLine = `$ ${[command, ...args].join(' ')}`
      const texts = [commandLine, stdout.trim(), stderr.trim(), endOf(error)]
      reject(new Error(texts.filter(Boolean).join('\n'), { cause: error }))
    })
  })
}

function endOf({ killed, signal, code }) {
  return killed ? `It hung for ${TIMEOUT_MS} ms` : `It ended with ${signal ?? code}`
}
