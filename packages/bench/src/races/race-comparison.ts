import { type Clock, systemClock } from '@cupola/core'
import type { Comparison } from '../comparison.ts'
import { requireRunOptions } from '../run-options.ts'
import type { Race } from './race.ts'
import { findingsOf } from './race-findings.ts'
import { loadRivals } from './rivals.ts'
import { measure, messageOf } from './standings.ts'

const ROUNDS = { quick: 5, usual: 15, thorough: 45 } as const

/** Makes a comparison of a race. */
export function raceComparison(race: Race, clock: Clock = systemClock): Comparison {
  const { name, question, ours, libraries } = race
  return {
    name,
    question,
    contestants: [...ours, ...libraries],
    async run(options = {}) {
      requireRunOptions(options)
      if (options.sizes !== undefined) throw new RangeError(`Cannot use sizes: ${name} has none`)
      const { effort = 'usual', folder = process.cwd(), rounds = ROUNDS[effort] } = options
      const broken = new Map<string, string>()
      const rivals = await loadRivals(libraries, folder, (library, reason) => {
        broken.set(library, messageOf(reason))
      })
      const standings = await measure(race.open(rivals), rounds, clock, options)
      return findingsOf(race, { rivals, broken }, standings, rounds)
    },
  }
}
