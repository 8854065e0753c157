// Steps that run one after the other, a line each.
import { ChildFailed } from './children.mjs'

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

function secondsSince(start) {
  return (performance.now() - start) / 1000
}
