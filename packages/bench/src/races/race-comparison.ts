import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { type Clock, systemClock } from '@cupola/core'
import { requireInteger } from '@cupola/core/authoring'
import type { Comparison, RunOptions } from '../comparison.ts'
import { figureText, rangeText } from '../figures.ts'
import type { Findings, Measurement, Plot, Series, Table } from '../findings.ts'
import { isClearlyAbove, type Spread, spreadOf } from '../statistics.ts'
import type { Race, RaceWorkload } from './race.ts'
import { loadRivals, type Rivals } from './rivals.ts'

const ROUNDS = { full: 15, quick: 5 }
const WARM_UPS = 3

/** Makes a comparison of a race. */
export function raceComparison(race: Race, clock: Clock = systemClock): Comparison {
  const { name, question, ours, libraries } = race
  return {
    name,
    question,
    contestants: [...ours, ...libraries],
    async run(options = {}) {
      const { quick = false, folder = process.cwd() } = options
      const rounds = requireInteger(
        'rounds',
        options.rounds ?? ROUNDS[quick ? 'quick' : 'full'],
        1,
        99,
      )
      const rivals = await loadRivals(libraries, folder)
      const standings = await measure(race.open(rivals), rounds, clock, options)
      return findingsOf(race, rivals, standings, rounds)
    },
  }
}

/** What the rounds of a workload gave. */
interface Standing {
  readonly workload: RaceWorkload
  /** How many per second, round by round. */
  readonly rates: ReadonlyMap<string, number[]>
  readonly failures: Map<string, string>
}

interface Standings {
  readonly standings: readonly Standing[]
  readonly complete: boolean
}

async function measure(
  workloads: readonly RaceWorkload[],
  rounds: number,
  clock: Clock,
  { signal, onProgress }: RunOptions,
): Promise<Standings> {
  const standings: Standing[] = []
  const all = workloads.length * rounds
  for (const workload of workloads) {
    const names = Object.keys(workload.contestants)
    const rates = new Map(names.map((name) => [name, new Array<number>()]))
    const standing: Standing = { workload, rates, failures: new Map() }
    standings.push(standing)
    for (let round = -WARM_UPS; round < rounds; round++) {
      const done = (standings.length - 1) * rounds + Math.max(round, 0)
      onProgress?.({ done, all, what: workload.name })
      for (const each of rotated(names, round + WARM_UPS)) {
        await turnOfTheLoop()
        if (signal?.aborted === true) {
          await workload.close?.()
          return { standings, complete: false }
        }
        await takeTurn(standing, each, round >= 0, clock)
      }
    }
    await workload.close?.()
  }
  return { standings, complete: true }
}

/** Each round begins with another contestant, so that nobody always follows the same one. */
function rotated(names: readonly string[], round: number): readonly string[] {
  const first = round % names.length
  return [...names.slice(first), ...names.slice(0, first)]
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
    failures.set(name, error instanceof Error ? error.message : String(error))
  }
}

function checkResult(result: number, { times, expected }: RaceWorkload): void {
  const wanted = expected?.(times)
  if (wanted === undefined ? Number.isFinite(result) : result === wanted) return
  throw new Error(`its loop gave ${result}, not ${wanted ?? 'a number'}`)
}

function findingsOf(
  race: Race,
  rivals: Rivals,
  { standings, complete }: Standings,
  rounds: number,
): Findings {
  return {
    comparison: race.name,
    question: race.question,
    answer: standings.flatMap((standing) => sentenceOf(race, standing)),
    tables: standings.map((standing) => tableOf(race, standing)),
    plots: standings.map((standing) => plotOf(race, standing)),
    measurements: standings.flatMap(measurementsOf),
    missing: race.libraries
      .filter((name) => !rivals.has(name))
      .map((name) => `${name} is not installed here: npm install ${name}`),
    failures: standings.flatMap(({ workload, failures }) =>
      [...failures].map(([name, problem]) => `${workload.name}, ${name}: ${problem}`),
    ),
    notes: [
      `${rounds} rounds, in which the contestants take turns in one process, after ${WARM_UPS} to warm up.`,
      ...[...rivals].map(([name, { version }]) => `${name} ${version}`),
    ],
    complete,
  }
}

/** Whom the others are compared with. */
function oursIn({ ours }: Race, { rates }: Standing): string | undefined {
  return ours.find((name) => (rates.get(name)?.length ?? 0) > 0)
}

function roleIn({ ours }: Race, name: string): Series['role'] {
  if (name.startsWith('floor')) return 'floor'
  return ours.includes(name) ? 'ours' : 'rival'
}

function sentenceOf(race: Race, standing: Standing): readonly string[] {
  const our = oursIn(race, standing)
  if (our === undefined) return []
  const rivals = [...standing.rates.keys()].filter((name) => roleIn(race, name) === 'rival')
  const mine = spreadIn(standing, our)
  const [best] = rivals.sort((a, b) => spreadIn(standing, b).median - spreadIn(standing, a).median)
  const head = `${standing.workload.name}: ${our} does ${figureText(mine.median)} ${race.unit} per second`
  if (best === undefined) return [`${head}.`]
  const theirs = spreadIn(standing, best)
  if (Number.isNaN(theirs.median)) return [`${head}.`]
  return [`${head}, ${comparedWith(mine, theirs)} ${best}.`]
}

function comparedWith(mine: Spread, theirs: Spread): string {
  if (isClearlyAbove(mine, theirs)) {
    return `${figureText(mine.median / theirs.median)} times as many as`
  }
  if (isClearlyAbove(theirs, mine)) {
    return `${figureText(theirs.median / mine.median)} times fewer than`
  }
  return 'not to be told from'
}

function spreadIn({ rates }: Standing, name: string): Spread {
  return spreadOf(rates.get(name) ?? [])
}

function tableOf(race: Race, standing: Standing): Table {
  const our = oursIn(race, standing)
  const mine = our === undefined ? Number.NaN : spreadIn(standing, our).median
  return {
    title: `${standing.workload.name}: ${standing.workload.title}`,
    columns: ['', `${race.unit} per second`, 'range', `${our ?? 'ours'} is so many times as fast`],
    rows: [...standing.rates.keys()].map((name) => {
      const spread = spreadIn(standing, name)
      const ratio = figureText(mine / spread.median)
      return [name, figureText(spread.median), rangeText(spread), name === our ? '' : ratio]
    }),
  }
}

function plotOf(race: Race, standing: Standing): Plot {
  return {
    title: `${standing.workload.name}: ${standing.workload.title}`,
    caption: 'Longer is better.',
    kind: 'bars',
    x: { label: '', scale: 'linear' },
    y: { label: `${race.unit} per second`, scale: 'linear' },
    // Next to the floor, which the table has, the others would be too short to compare.
    series: [...standing.rates.keys()]
      .filter((name) => roleIn(race, name) !== 'floor')
      .map((name) => ({
        name,
        role: roleIn(race, name),
        points: [[0, spreadIn(standing, name).median] as const],
      })),
  }
}

function measurementsOf(standing: Standing): readonly Measurement[] {
  return [...standing.rates.keys()].map((contestant) => ({
    contestant,
    workload: standing.workload.name,
    figures: { operationsPerSecond: spreadIn(standing, contestant) },
  }))
}
