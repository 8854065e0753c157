import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { Clock } from '@cupola/core'
import type { RunOptions } from '../comparison.ts'
import { turnOrder } from '../turn-order.ts'
import type { RaceWorkload } from './race.ts'

/** Rounds that are not counted: the compiler has what it needs by then. */
export const WARM_UPS = 3

/** What the rounds of a workload gave. */
export interface Standing {
  readonly workload: RaceWorkload
  /** How many per second, round by round. */
  readonly rates: ReadonlyMap<string, number[]>
  readonly failures: Map<string, string>
}

export interface Standings {
  readonly standings: readonly Standing[]
  readonly complete: boolean
}

/** Lets the contestants of each workload take turns, round by round. */
export async function measure(
  workloads: readonly RaceWorkload[],
  rounds: number,
  clock: Clock,
  { signal, onProgress }: RunOptions,
): Promise<Standings> {
  const standings: Standing[] = []
  const all = workloads.length * rounds
  for (const workload of workloads) {
    const before = standings.length * rounds
    const standing = standingOf(workload)
    standings.push(standing)
    try {
      for (let round = -WARM_UPS; round < rounds; round++) {
        onProgress?.({ done: before + Math.max(round, 0), all, what: workload.name })
        const isComplete = await takeTurns(standing, round, clock, signal)
        if (!isComplete) return { standings, complete: false }
      }
    } finally {
      await workload.close?.()
    }
  }
  return { standings, complete: true }
}

function standingOf(workload: RaceWorkload): Standing {
  const names = Object.keys(workload.contestants)
  const rates = new Map(names.map((name) => [name, new Array<number>()]))
  return { workload, rates, failures: new Map() }
}

/**
 * @param round - Those below 0 are to warm up.
 * @returns Whether everybody had a turn.
 */
async function takeTurns(
  standing: Standing,
  round: number,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  for (const name of turnOrder([...standing.rates.keys()], round + WARM_UPS)) {
    await turnOfTheLoop()
    if (signal?.aborted === true) return false
    await takeTurn(standing, name, round >= 0, clock)
  }
  return true
}

async function takeTurn(
  { workload, rates, failures }: Standing,
  name: string,
  counts: boolean,
  clock: Clock,
): Promise<void> {
  const loop = workload.contestants[name]
  if (loop === undefined || failures.has(name)) return
  try {
    const { times } = workload
    const began = clock.now()
    const result = await loop(times)
    const tookMs = clock.now() - began
    checkResult(result, workload)
    if (counts) rates.get(name)?.push((times * 1000) / tookMs)
  } catch (error) {
    failures.set(name, messageOf(error))
  }
}

function checkResult(result: number, { times, expected }: RaceWorkload): void {
  const wanted = expected?.(times)
  if (wanted === undefined ? Number.isFinite(result) : result === wanted) return
  throw new Error(`its loop gave ${result}, not ${wanted ?? 'a number'}`)
}

/** Whatever was thrown, as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
