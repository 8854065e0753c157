// Steps that run one after the other, one line each, and the children that do their work.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** A child that ended badly; the message is all that it printed. */
export class ChildFailed extends Error {}

/**
 * Runs steps in order. Stops at the first that fails, printing why and setting the exit code.
 *
 * @param {{ name: string, run: () => Promise<string | void> }[]} steps - What `run` returns is a
 *   note for the step's line.
 * @returns {Promise<{ name: string, seconds: number }[] | undefined>} How long each took;
 *   `undefined` if one failed.
 */
export async function runSteps(steps) {
  const times = []
  for (const { name, run } of steps) {
    process.stdout.write(`${name.padEnd(44)} `)
    const start = performance.now()
    try {
      const note = await run()
      const seconds = secondsSince(start)
      times.push({ name, seconds })
      console.log(`${inSeconds(seconds)}${note === undefined ? '' : `  ${note}`}`)
    } catch (error) {
      console.log(`${inSeconds(secondsSince(start))}  failed\n`)
      console.log(error instanceof ChildFailed ? error.message : error)
      process.exitCode = 1
      return undefined
    }
  }
  return times
}

/** `12.3 s`, aligned for a column. */
export function inSeconds(seconds) {
  return `${seconds.toFixed(1).padStart(6)} s`
}

/**
 * Runs a program to its end, from the root of the repository, without a standard input.
 *
 * @returns {Promise<void>} What it printed is of interest only if it fails.
 * @throws {ChildFailed} If it cannot be started or its exit code is not 0.
 */
export function runChild(program, args, { env = {}, shell = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...process.env, FORCE_COLOR: undefined, NO_COLOR: '1', ...env },
      shell,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const collect = (text) => (output += text)
    child.stdout.setEncoding('utf8').on('data', collect)
    child.stderr.setEncoding('utf8').on('data', collect)
    child.on('error', (error) =>
      reject(new ChildFailed(`Cannot start ${program}: ${error.message}`)),
    )
    child.on('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(new ChildFailed(`${output}\n${program} ${args.join(' ')}: ${code ?? signal}`))
    })
  })
}

/** Runs one of our own scripts. */
export function runScript(name, ...args) {
  return runChild(process.execPath, [`scripts/${name}`, ...args])
}

/** Runs the command of a development dependency, on the Node that runs this. */
export function runTool(command, args, { node = process.execPath, env = {} } = {}) {
  return runChild(node, [entryOf(command), ...args], { env })
}

const PACKAGE_OF = { tsc: 'typescript' }

/** The file behind a command: `node_modules/.bin` holds shell scripts, which Windows cannot run. */
export function entryOf(command) {
  const folder = `node_modules/${PACKAGE_OF[command] ?? command}`
  const { bin } = JSON.parse(readFileSync(`${ROOT}/${folder}/package.json`, 'utf8'))
  return `${folder}/${typeof bin === 'string' ? bin : bin[command]}`
}

function secondsSince(start) {
  return (performance.now() - start) / 1000
}
