// How fast are the generators of `@cupola/ids`, next to hyperid, uuid and nanoid?
//
//   node --import ./scripts/run-typescript.mjs --conditions=@cupola/source bench/ids.bench.ts
//
// `--only=<workload>`, as often as you like, runs only these; `--report <file>` keeps what was printed
// in `bench/results`. Runs for about a quarter of a minute.
import { parseArgs } from 'node:util'
import { idRace, type Loop, loadRivals, type RaceWorkload } from '@cupola/bench/workloads'
import { atLeast, median, range, Report, type Requirement, short, whole } from './report.ts'

/** What a contestant is held to: so many times the rate of another. */
const RATIOS: Readonly<Record<string, readonly (readonly [string, number, string])[]>> = {
  names: [['uniqueName()', 1, 'hyperid']],
  uuids: [['uuidv7()', 8, 'uuid v7()']],
}
/** What a contestant is held to: so many million ids per second. */
const MILLIONS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  numbers: { 'nextNumber()': 10 },
  bigints: { 'CycleIdGenerator.next()': 3 },
}
const ROUNDS = 15
const WARM_UPS = 4

/** Ids per second of each contestant, round by round. */
type Rates = ReadonlyMap<string, readonly number[]>

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, report: { type: 'string' } },
})
const workloads = idRace.open(await loadRivals(idRace.libraries, import.meta.dirname))
const chosen = workloads.filter(({ name }) => values.only?.includes(name) ?? true)
if (chosen.length === 0) {
  throw new Error(`Nothing to run: --only takes ${workloads.map(({ name }) => name).join(', ')}`)
}

const report = new Report()
report.print('# Ids side by side', '')
report.machine()
report.print(
  `${ROUNDS} rounds, in which the contestants take turns, after ${WARM_UPS} to warm up`,
  '',
)

const requirements: Requirement[] = []
for (const workload of chosen) {
  report.print(
    `## ${workload.name}`,
    '',
    `${workload.title} ${whole(workload.times)} in a turn.`,
    '',
  )
  requirements.push(...tell(workload, await measure(workload)))
}
report.conclude(requirements, values.report)

/** Each round begins with another contestant, so that nobody always follows the same one. */
async function measure({ contestants, times }: RaceWorkload): Promise<Rates> {
  const entrants = Object.entries(contestants)
  const rates = new Map(entrants.map(([name]) => [name, new Array<number>()]))
  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    const first = (round + WARM_UPS) % entrants.length
    for (const [name, run] of [...entrants.slice(first), ...entrants.slice(0, first)]) {
      const rate = await rateOf(run, times)
      if (round >= 0) rates.get(name)?.push(rate)
    }
  }
  return rates
}

async function rateOf(run: Loop, ids: number): Promise<number> {
  const begin = performance.now()
  const sum = await run(ids)
  const tookMs = performance.now() - begin
  if (!Number.isFinite(sum)) throw new Error('The ids were not read')
  return (ids * 1000) / tookMs
}

function tell({ name }: RaceWorkload, rates: Rates): Requirement[] {
  const ratesOf = (who: string): readonly number[] => rates.get(who) ?? []
  report.table(
    [...rates].map(([who, measured]) => ({
      '': who,
      'million ids per second': short(median(measured) / 1e6),
      range: range(measured, (rate) => short(rate / 1e6)),
    })),
  )
  return [
    ...(RATIOS[name] ?? []).map(([one, bound, other]) => {
      const others = ratesOf(other)
      const each = ratesOf(one).map((rate, round) => rate / (others[round] ?? 0))
      return atLeast(`${name}: ${one} to ${other}`, bound, median(each))
    }),
    ...Object.entries(MILLIONS[name] ?? {}).map(([who, bound]) =>
      atLeast(`${name}: ${who}, million per second`, bound, median(ratesOf(who)) / 1e6),
    ),
  ]
}
