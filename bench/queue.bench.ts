// How fast is `Queue`, next to fastq and to the loops over a deque that people write by hand?
//
//   node --import ./scripts/run-typescript.mjs --conditions=@cupola/source bench/queue.bench.ts
//
// `--only=<workload>`, as often as you like, runs only these; `--report <file>` keeps what was printed
// in `bench/results`. Runs for about half a minute.
import assert from 'node:assert/strict'
import { parseArgs } from 'node:util'
import { loadRivals, queueRace, type RaceWorkload } from '@cupola/bench/workloads'
import { atLeast, median, range, Report, type Requirement, short, whole } from './report.ts'

/** What `Queue` is held to: so many times the rate of that contestant. */
const REQUIRED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'put-then-get': { 'deque loop': 1 },
  'side-by-side': { 'deque loop': 1 },
  bounded: { 'deque loop': 1 },
  jobs: { 'fastq.promise': 1, 'fastq with callbacks': 1 },
}
const ROUNDS = 21
const WARM_UPS = 5

/** Items per second of each contestant, round by round. */
type Rates = ReadonlyMap<string, readonly number[]>

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, report: { type: 'string' } },
})
const workloads = queueRace.open(await loadRivals(queueRace.libraries, import.meta.dirname))
const chosen = workloads.filter(({ name }) => values.only?.includes(name) ?? true)
if (chosen.length === 0) {
  throw new Error(`Nothing to run: --only takes ${workloads.map(({ name }) => name).join(', ')}`)
}

const report = new Report()
report.print('# Queues side by side', '')
report.machine()
report.print(
  `${ROUNDS} rounds, in which the contestants take turns, after ${WARM_UPS} to warm up`,
  '',
)

const requirements: Requirement[] = []
for (const workload of chosen) {
  report.print(`## ${workload.name}`, '', `${workload.title} ${whole(workload.times)} items.`, '')
  requirements.push(...tell(workload, await measure(workload)))
}
report.conclude(requirements, values.report)

/** Each turn begins with another contestant, so that nobody always follows the same one. */
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

async function rateOf(run: RaceWorkload['contestants'][string], items: number): Promise<number> {
  const begin = performance.now()
  const sum = await run(items)
  const tookMs = performance.now() - begin
  assert.equal(sum, (items * (items - 1)) / 2)
  return (items * 1000) / tookMs
}

function tell(workload: RaceWorkload, rates: Rates): Requirement[] {
  const ours = rates.get('Queue') ?? []
  const ratiosTo = (name: string) =>
    ours.map((rate, round) => rate / (rates.get(name)?.[round] ?? 0))
  report.table(
    [...rates].map(([name, measured]) => ({
      '': name,
      'items per second': whole(median(measured)),
      range: range(measured, whole),
      'Queue is so many times as fast': short(median(ratiosTo(name))),
    })),
  )
  return Object.entries(REQUIRED[workload.name] ?? {}).map(([name, bound]) =>
    atLeast(`${workload.name}: Queue to ${name}`, bound, median(ratiosTo(name))),
  )
}
