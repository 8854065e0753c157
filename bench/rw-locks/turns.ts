import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LockContestant, lockLoads } from '@cupola/bench/workloads'

/** What every contestant's rounds gave: operations per second. */
export type Outcome = ReadonlyMap<LockContestant, readonly number[]>

const TURNS = 3

const PATIENCE_MS = 60_000

/**
 * Lets the contestants take turns, so that a machine that gets slower does so for all, each turn in
 * a process of its own: what the others left in a common heap slows the quickest down most, the
 * floor too.
 */
export function takeTurns(
  contestants: readonly LockContestant[],
  load: keyof typeof lockLoads,
): Outcome {
  const rates = new Map(contestants.map((each) => [each, new Array<number>()]))
  for (let turn = 0; turn < TURNS; turn++) {
    for (const each of contestants) rates.get(each)?.push(...ratesOf(each, load))
  }
  return rates
}

function ratesOf({ name }: LockContestant, load: keyof typeof lockLoads): readonly number[] {
  const program = fileURLToPath(new URL('./rounds.ts', import.meta.url))
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [...process.execArgv, program, load, name],
    { encoding: 'utf8', timeout: PATIENCE_MS, killSignal: 'SIGKILL' },
  )
  if (status !== 0) throw new Error(`Cannot measure ${name} at ${load}: ${stderr}`)
  // What rounds.ts prints.
  return JSON.parse(stdout) as readonly number[]
}
