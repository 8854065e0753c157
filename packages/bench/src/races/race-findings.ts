import { countText, figureText, listText, rangeText } from '../figures.ts'
import type { Findings, Measurement, Plot, Series, Table } from '../findings.ts'
import { isClearlyAbove, type Spread, spreadOf } from '../statistics.ts'
import type { Race } from './race.ts'
import type { Rivals } from './rivals.ts'
import { type Standing, type Standings, WARM_UPS } from './standings.ts'

/** Those that are installed, and those of them that cannot be loaded, and why. */
export interface Libraries {
  readonly rivals: Rivals
  readonly broken: ReadonlyMap<string, string>
}

/** What the standings come to. */
export function findingsOf(
  race: Race,
  { rivals, broken }: Libraries,
  { standings, complete }: Standings,
  rounds: number,
): Findings {
  return {
    comparison: race.name,
    question: race.question,
    answer: [
      headlineOf(race, standings),
      ...standings.flatMap((standing) => sentenceOf(race, standing)),
    ],
    tables: standings.map((standing) => tableOf(race, standing)),
    plots: standings.map((standing) => plotOf(race, standing)).filter(hasSeries),
    measurements: standings.flatMap(measurementsOf),
    missing: missingOf(race.libraries.filter((name) => !rivals.has(name) && !broken.has(name))),
    failures: [
      ...[...broken].map(([name, problem]) => `${name} cannot be loaded: ${problem}`),
      ...standings.flatMap(({ workload, failures }) =>
        [...failures].map(([name, problem]) => `${workload.name}, ${name}: ${problem}`),
      ),
    ],
    notes: [
      `Each figure is the median of ${countText(rounds, 'round')}, in which the contestants take turns in one process, ` +
        `after ${WARM_UPS} to warm up.`,
      ...[...rivals].map(([name, { version }]) => `${name} ${version}`),
    ],
    settings: { rounds, warmUpRounds: WARM_UPS },
    complete,
  }
}

/** One line to paste for all. */
function missingOf(names: readonly string[]): readonly string[] {
  if (names.length === 0) return []
  const are = names.length === 1 ? 'is' : 'are'
  return [`${listText(names)} ${are} not installed here: npm install ${names.join(' ')}`]
}

/** Whom the others are compared with. */
function oursIn({ ours }: Race, { rates }: Standing): string | undefined {
  return ours.find((name) => (rates.get(name)?.length ?? 0) > 0)
}

function roleIn({ ours }: Race, name: string): Series['role'] {
  if (name.startsWith('floor')) return 'floor'
  return ours.includes(name) ? 'ours' : 'rival'
}

function headlineOf(race: Race, standings: readonly Standing[]): string {
  const duels = standings.flatMap((standing) => duelIn(race, standing) ?? [])
  if (duels.length === 0) return `There was nobody to compare ${race.subject} with.`
  const counts = OUTCOMES.flatMap(([outcome, words]) => {
    const count = duels.filter((duel) => outcomeOf(duel) === outcome).length
    return count === 0 ? [] : [`${words} in ${count}`]
  })
  const all = countText(duels.length, 'workload')
  return `Next to the best of the others on this machine, ${race.subject} is ${listText(counts)} of ${all}.`
}

const OUTCOMES = [
  ['ahead', 'faster'],
  ['level', 'not to be told apart'],
  ['behind', 'slower'],
] as const

/** Ours, and the fastest of the others. */
interface Duel {
  readonly mine: Spread
  readonly best: string
  readonly theirs: Spread
}

function duelIn(race: Race, standing: Standing): Duel | undefined {
  const our = oursIn(race, standing)
  const [best] = [...standing.rates]
    .filter(([name, rates]) => roleIn(race, name) === 'rival' && rates.length > 0)
    .map(([name]) => name)
    .sort((one, other) => spreadIn(standing, other).median - spreadIn(standing, one).median)
  if (our === undefined || best === undefined) return undefined
  return { mine: spreadIn(standing, our), best, theirs: spreadIn(standing, best) }
}

/** One round proves nothing. */
function isRepeated({ mine, theirs }: Duel): boolean {
  return Math.min(mine.rounds.length, theirs.rounds.length) > 1
}

function outcomeOf(duel: Duel): 'ahead' | 'behind' | 'level' {
  const { mine, theirs } = duel
  if (!isRepeated(duel)) return 'level'
  if (isClearlyAbove(mine, theirs)) return 'ahead'
  return isClearlyAbove(theirs, mine) ? 'behind' : 'level'
}

function sentenceOf(race: Race, standing: Standing): readonly string[] {
  const our = oursIn(race, standing)
  if (our === undefined) return []
  const rate = figureText(spreadIn(standing, our).median)
  const head = `${standing.workload.name}: ${our} does ${rate} ${race.unit} per second`
  const duel = duelIn(race, standing)
  return [duel === undefined ? `${head}.` : `${head}, ${comparisonIn(duel)}.`]
}

function comparisonIn(duel: Duel): string {
  const { mine, best, theirs } = duel
  const ratio = figureText(mine.median / theirs.median)
  const doubt = isRepeated(duel) ? 'the rounds cannot tell apart' : 'one round does not prove'
  return `${ratio} times as many as ${best}${outcomeOf(duel) === 'level' ? `, which ${doubt}` : ''}`
}

function spreadIn({ rates }: Standing, name: string): Spread {
  return spreadOf(rates.get(name) ?? [])
}

function tableOf(race: Race, standing: Standing): Table {
  const our = oursIn(race, standing)
  const mine = our === undefined ? Number.NaN : spreadIn(standing, our).median
  return {
    title: `${standing.workload.name}: ${standing.workload.title}`,
    columns: ['', `${race.unit} per second`, 'range', `of ${our ?? 'ours'}`],
    rows: [...standing.rates.keys()].map((name) => {
      const spread = spreadIn(standing, name)
      const share = percentText(spread.median / mine)
      return [name, figureText(spread.median), rangeText(spread), share]
    }),
  }
}

function percentText(share: number): string {
  return Number.isNaN(share) ? '' : `${figureText(100 * share)} %`
}

function plotOf(race: Race, standing: Standing): Plot {
  return {
    title: `${standing.workload.name}: ${standing.workload.title}`,
    caption: 'Longer is better.',
    kind: 'bars',
    x: { label: '', scale: 'linear' },
    y: { label: `${race.unit} per second`, scale: 'linear' },
    // Next to the floor, which the table has, the others would be too short to compare. Who failed has no bar.
    series: [...standing.rates]
      .filter(([name, rates]) => roleIn(race, name) !== 'floor' && rates.length > 0)
      .map(([name]) => ({
        name,
        role: roleIn(race, name),
        points: [[0, spreadIn(standing, name).median] as const],
      })),
  }
}

/** Without any, there is nothing to draw. */
function hasSeries({ series }: Plot): boolean {
  return series.length > 0
}

function measurementsOf(standing: Standing): readonly Measurement[] {
  return [...standing.rates.keys()].map((contestant) => ({
    contestant,
    workload: standing.workload.name,
    settings: { timesPerTurn: standing.workload.times },
    figures: { operationsPerSecond: spreadIn(standing, contestant) },
  }))
}
