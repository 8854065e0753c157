import type { Rivals } from './rivals.ts'

/**
 * Does something so many times, and gives a number that depends on each of them. Each contestant has a
 * loop of its own, because the compiler fits a loop to what it calls.
 */
export type Loop = (times: number) => number | Promise<number>

/** One thing that several can do. */
export interface RaceWorkload {
  readonly name: string
  readonly title: string
  /** How often a turn does it. */
  readonly times: number
  readonly contestants: Readonly<Record<string, Loop>>
  /** What every loop has to give, if that is known. */
  readonly expected?: (times: number) => number
  /** Ends what its loops have opened. */
  readonly close?: () => Promise<void>
}

/** A comparison whose contestants take turns in one process. */
export interface Race {
  readonly name: string
  readonly question: string
  /** Whom the answer is about: the subject of a sentence with `is`. */
  readonly subject: string
  /** What is counted, in the plural. */
  readonly unit: string
  /** Our own contestants; the first of them in a workload is whom the others are compared with. */
  readonly ours: readonly string[]
  /** The libraries of others that take part, by the names that they are installed by. */
  readonly libraries: readonly string[]
  /** Those of whom a library is missing are not among the contestants. */
  open(rivals: Rivals): readonly RaceWorkload[]
}
