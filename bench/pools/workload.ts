import type { Contestant } from './contestant.ts'
import type { Report, Requirement } from '../report.ts'

/** One question, put to all contestants. */
export interface Workload {
  /** What `--only` calls it. */
  readonly name: string
  /** What is done, with how much, in one line. */
  readonly title: string
  /** Measures, prints, and says what of the required was met. */
  run(contestants: readonly Contestant[], report: Report): Promise<readonly Requirement[]>
}

/** The value of the contestant of a family that has the greatest. */
export function best(
  values: ReadonlyMap<Contestant, number>,
  ...families: readonly Contestant['family'][]
): number {
  return Math.max(...valuesOf(values, families))
}

/** The value of the contestant of a family that has the least. */
export function least(
  values: ReadonlyMap<Contestant, number>,
  ...families: readonly Contestant['family'][]
): number {
  return Math.min(...valuesOf(values, families))
}

/** The libraries that people take today. */
export const PEERS = ['piscina', 'poolifier', 'tinypool', 'workerpool'] as const

function valuesOf(
  values: ReadonlyMap<Contestant, number>,
  families: readonly Contestant['family'][],
): number[] {
  return [...values].filter(([{ family }]) => families.includes(family)).map(([, value]) => value)
}
