import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Contestant, type OpenPool } from './contestant.ts'
import { contestants } from './contestants.ts'
import { checkContract } from './contract.ts'

/** What became of a program that printed nothing. */
export interface Died {
  readonly died: string
}

/** Runs a program of this folder with one contestant in a process of its own; it prints JSON. */
export function runAlone<Result>(
  program: string,
  { name }: Contestant,
  patienceMs: number,
): Result | Died {
  const path = fileURLToPath(new URL(program, import.meta.url))
  const { stdout, status, signal } = spawnSync(
    process.execPath,
    [...process.execArgv, path, name],
    {
      encoding: 'utf8',
      timeout: patienceMs,
      killSignal: 'SIGKILL',
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  if (status === 0) return JSON.parse(stdout) as Result
  return { died: signal === 'SIGKILL' ? 'still busy, killed' : `died with ${signal ?? status}` }
}

/** In such a program: the pool of the contestant that it was told to run, when it has passed the contract. */
export async function openAlone(name: string): Promise<OpenPool> {
  const contestant = contestants.find((each) => each.name === name)
  if (contestant === undefined)
    throw new Error(`Cannot open a pool: no contestant is called ${name}`)
  const pool = await contestant.open()
  await checkContract(contestant, pool)
  return pool
}
