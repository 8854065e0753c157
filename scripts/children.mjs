// The programs that steps run: what they print is of interest only if they fail.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Several times what most programs take; the others have limits of their own. */
const LIMIT_MINUTES = 5

/** Windows has no groups of processes. */
const HAS_GROUPS = process.platform !== 'win32'

/** What ends us, and with us what we started. */
const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** A child that ended badly; the message is all that it printed. */
export class ChildFailed extends Error {}

/**
 * Runs a program to its end, from the root of the repository, without a standard input.
 *
 * @param {{ env?: Record<string, string | undefined>, shell?: boolean, limitMinutes?: number }}
 *   options - A program that has not ended after `limitMinutes` is killed with all that it started.
 * @returns {Promise<void>}
 * @throws {ChildFailed} If it cannot be started, does not end in time, or ends with another code than 0.
 */
export async function runChild(program, args, options = {}) {
  const { env = {}, shell = false, limitMinutes = LIMIT_MINUTES } = options
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...process.env, FORCE_COLOR: undefined, NO_COLOR: '1', ...env },
    shell,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: HAS_GROUPS,
  })
  const stopWatching = killWithUs(child)
  let hung = ''
  const limit = setTimeout(() => {
    hung = `killed, because it had not ended after ${limitMinutes} minutes`
    kill(child)
  }, limitMinutes * 60_000)
  try {
    const { output, ending } = await endOf(child)
    if (ending === 0) return
    throw new ChildFailed(`${output}\n${program} ${args.join(' ')}: ${hung || ending}`)
  } finally {
    clearTimeout(limit)
    stopWatching()
  }
}

/** @returns {Promise<{ output: string, ending: number | string }>} `ending` is a code or a signal. */
function endOf(child) {
  return new Promise((resolve, reject) => {
    let output = ''
    const collect = (text) => (output += text)
    child.stdout.setEncoding('utf8').on('data', collect)
    child.stderr.setEncoding('utf8').on('data', collect)
    child.on('error', ({ message }) =>
      reject(new ChildFailed(`Cannot start ${child.spawnfile}: ${message}`)),
    )
    child.on('close', (code, signal) => resolve({ output, ending: code ?? signal }))
  })
}

/** A group of its own does not hear the Ctrl-C that ends us. */
function killWithUs(child) {
  const end = (signal) => {
    kill(child)
    process.exit(128 + constants.signals[signal])
  }
  for (const signal of ENDINGS) process.on(signal, end)
  return () => ENDINGS.forEach((signal) => process.off(signal, end))
}

function kill(child) {
  try {
    process.kill(HAS_GROUPS ? -child.pid : child.pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
  // Whoever left the group and still holds these is waited for no longer.
  child.stdout.destroy()
  child.stderr.destroy()
}

/** Runs one of our own scripts. */
export function runScript(name, options = {}) {
  return runChild(process.execPath, [`scripts/${name}`], options)
}

/** Runs the command of a development dependency, on the Node that runs this. */
export function runTool(command, args, { node = process.execPath, ...options } = {}) {
  return runChild(node, [entryOf(command), ...args], options)
}

const PACKAGE_OF = { tsc: 'typescript' }

/** The file behind a command: `node_modules/.bin` holds shell scripts, which Windows cannot run. */
export function entryOf(command) {
  const folder = `node_modules/${PACKAGE_OF[command] ?? command}`
  const { bin } = JSON.parse(readFileSync(`${ROOT}/${folder}/package.json`, 'utf8'))
  return `${folder}/${typeof bin === 'string' ? bin : bin[command]}`
}
