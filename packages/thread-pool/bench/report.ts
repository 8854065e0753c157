import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'

/** What is measured, once per round. */
export interface Workload {
  readonly name: string
  /** Does the whole work of a round. */
  round(): Promise<void>
}

/** Says on what all that follows was measured: a number without machine and commit is no number. */
export function printMachine(title: string): void {
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' })
  console.log(`# ${title}\n`)
  console.log(`Node ${process.versions.node}, ${cpus()[0]?.model ?? 'unknown processor'},`)
  console.log(`${availableParallelism()} cores, commit ${commit.trim()}\n`)
}

/**
 * Times the rounds of each workload. They take turns, so that a machine that gets busy does so for
 * all of them.
 *
 * @returns For each workload the milliseconds of its rounds, sorted.
 */
export async function timeRounds(
  workloads: readonly Workload[],
  rounds: number,
  warmUps: number,
): Promise<Map<string, number[]>> {
  const times = new Map(workloads.map(({ name }): [string, number[]] => [name, []]))
  for (let round = -warmUps; round < rounds; round++) {
    for (const { name, round: run } of workloads) {
      const start = performance.now()
      await run()
      if (round >= 0) times.get(name)?.push(performance.now() - start)
    }
  }
  for (const each of times.values()) each.sort((a, b) => a - b)
  return times
}

/** The value below which so much of the sorted values lies. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN
}
