// How fast is `Executor`, next to `setTimeout` for what waits, and to p-queue and fastq for what queues?
//
//   node --import ./scripts/run-typescript.mjs --conditions=@cupola/source bench/executor.bench.ts
//
// `--only=<workload>`, as often as you like, runs only these; `--report <file>` keeps what was printed
// in `bench/results`. Runs for about a minute and a half.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { executorRace, loadRivals, type RaceWorkload } from '@cupola/bench/workloads'
import { latenessOf } from './executors/lateness.ts'
import type { Pending } from './executors/pending.ts'
import {
  atLeast,
  atMost,
  median,
  quantile,
  range,
  Report,
  type Requirement,
  short,
  whole,
} from './report.ts'

const TASKS = 100_000
/** Deep enough a queue that it matters what it costs to be in the middle of one. */
const URGENT_TASKS = 200_000

const races = executorRace.open(await loadRivals(executorRace.libraries, import.meta.dirname))
const report = new Report()
const workloads = { pending, queued: measureQueued, urgent: measureUrgent, lateness }

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, report: { type: 'string' } },
})
const chosen = Object.entries(workloads).filter(([name]) => values.only?.includes(name) ?? true)
if (chosen.length === 0) {
  throw new Error(`Nothing to run: --only takes ${Object.keys(workloads).join(', ')}`)
}

report.print('# Executors side by side', '')
report.machine()
report.print('')
const requirements: Requirement[] = []
for (const [name, run] of chosen) {
  report.print(`## ${name}`, '')
  requirements.push(...(await run()))
}
report.conclude(requirements, values.report)

async function pending(): Promise<Requirement[]> {
  report.print(
    '1,000,000 delays of up to a day are armed, then cancelled. Each contestant is in a process of its',
    'own, 7 rounds after 2 to warm up.',
    '',
  )
  const results = new Map<string, Pending>()
  for (const name of ['floor: an object each', 'setTimeout', 'Executor']) {
    results.set(name, await inItsOwnProcess(name))
  }
  report.table(
    [...results].map(([name, { armsPerSecond, cancelsPerSecond, bytesEach }]) => ({
      '': name,
      'armed per second': whole(median(armsPerSecond)),
      'range ': range(armsPerSecond, whole),
      'cancelled per second': name.startsWith('floor') ? '' : whole(median(cancelsPerSecond)),
      'bytes each': whole(median(bytesEach)),
      range: range(bytesEach, whole),
    })),
  )
  const ratio = (key: keyof Pending) =>
    median(results.get('Executor')?.[key] ?? []) / median(results.get('setTimeout')?.[key] ?? [])
  return [
    atLeast('arming: Executor to setTimeout', 3, ratio('armsPerSecond')),
    atLeast('cancelling: Executor to setTimeout', 1, ratio('cancelsPerSecond')),
    atMost('memory: Executor to setTimeout', 0.5, ratio('bytesEach')),
  ]
}

async function inItsOwnProcess(name: string): Promise<Pending> {
  const file = fileURLToPath(new URL('./executors/pending.ts', import.meta.url))
  const args = [...process.execArgv, '--expose-gc', file, name]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout)
}

async function measureQueued(): Promise<Requirement[]> {
  report.print(`${whole(TASKS)} calls of an async function, four at a time, each awaited.`, '')
  const ratios = await sideBySide('queued', TASKS, { rounds: 15, warmUps: 4 })
  return [
    atLeast('queued: Executor to p-queue', 2, ratios.get('p-queue') ?? Number.NaN),
    atLeast('queued: Executor to fastq', 1, ratios.get('fastq') ?? Number.NaN),
  ]
}

async function measureUrgent(): Promise<Requirement[]> {
  report.print(`The same with ${whole(URGENT_TASKS)} calls in three urgencies, in turn.`, '')
  const ratios = await sideBySide('urgent', URGENT_TASKS, { rounds: 5, warmUps: 8 })
  return [atLeast('urgent: Executor to p-queue', 20, ratios.get('p-queue') ?? Number.NaN)]
}

/** The contestants take turns; gives how many times as fast as each of them `Executor` is. */
async function sideBySide(
  workload: RaceWorkload['name'],
  tasks: number,
  { rounds, warmUps }: { readonly rounds: number; readonly warmUps: number },
): Promise<ReadonlyMap<string, number>> {
  const race = races.find((each) => each.name === workload)
  const entries = Object.entries(race?.contestants ?? {})
  const rates = new Map(entries.map(([name]) => [name, new Array<number>()]))
  for (let round = -warmUps; round < rounds; round++) {
    const first = (round + warmUps) % entries.length
    for (const [name, run] of [...entries.slice(first), ...entries.slice(0, first)]) {
      const began = performance.now()
      // A quarter is enough to warm up, and p-queue takes a sixteenth of the time for it.
      const count = round < 0 ? tasks / 4 : tasks
      assert.equal(await run(count), count)
      if (round >= 0) rates.get(name)?.push((tasks * 1000) / (performance.now() - began))
    }
  }
  const ours = rates.get('Executor') ?? []
  const ratios = new Map(
    [...rates].map(([name, theirs]) => [
      name,
      median(ours.map((rate, round) => rate / (theirs[round] ?? 0))),
    ]),
  )
  report.table(
    [...rates].map(([name, measured]) => ({
      '': name,
      'tasks per second': whole(median(measured)),
      range: range(measured, whole),
      'Executor is so many times as fast': short(ratios.get(name) ?? Number.NaN),
    })),
  )
  return ratios
}

async function lateness(): Promise<Requirement[]> {
  report.print(
    '100,000 delays that end within one second: milliseconds from the moment to the call.',
    '',
  )
  const rows = []
  for (const [name, measure] of Object.entries(latenessOf)) {
    await measure()
    const late = await measure()
    rows.push({
      '': name,
      ...Object.fromEntries(
        [0, 0.5, 0.9, 0.99, 0.999, 1].map((share) => [
          shareName(share),
          short(quantile(late, share)),
        ]),
      ),
    })
  }
  report.table(rows)
  return []
}

function shareName(share: number): string {
  if (share === 0) return 'least'
  return share === 1 ? 'most' : `p${share * 100}`
}
