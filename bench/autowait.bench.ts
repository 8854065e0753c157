// How long does it take to notice that something has happened, and how often is it missed, next to
// wait-on, p-wait-for, polling as CUP does it, and a floor: a bare `fs.watch`? A file appears, a line is
// written, a process ends.
//
//   node --import ./scripts/run-typescript.mjs --conditions=@cupola/source bench/autowait.bench.ts
//
// `--trials=<n>` is how often each has to, 200 by default; `--only=<workload>` runs only that;
// `--report <file>` keeps what was printed in `bench/results`, and puts the tables into the README of the
// package. Runs for about five minutes.
import { parseArgs } from 'node:util'
import { atMost, quantile, Report, type Requirement, type Row } from './report.ts'
import { exitWaiters, exitWorkloads, runExitTrial } from './waits/exits.ts'
import { type Comparison, keepInReadme } from './waits/readme.ts'
import { LIMIT_MS, runTrial, workloads } from './waits/workloads.ts'

/** What the noticing of a file or a line may take on an idle machine. */
const REQUIRED_MS = 50

/** Of whom something is required. */
const OURS = '@cupola/autowait'

/** So many waits at the same time that the slow ones do not take an hour, and the machine is idle. */
const AT_ONCE = 20

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '200' },
    only: { type: 'string', multiple: true },
    report: { type: 'string' },
  },
})
const trials = Number(values.trials)

const report = new Report()
report.print('# Waits side by side', '')
report.machine()
report.print(
  '',
  `${trials} trials each, ${AT_ONCE} at a time, milliseconds from when it has happened to when it is`,
  `noticed; missed is what was not within ${LIMIT_MS} ms.`,
  '',
)
const comparisons: Comparison[] = []
const requirements: Requirement[] = []
for (const workload of workloads) {
  const { name, title, contestants } = workload
  await compare({ name, title, requiredMs: REQUIRED_MS, contestants }, async (contestant) =>
    runTrial(contestant, workload),
  )
}
for (const workload of exitWorkloads) {
  await compare({ ...workload, contestants: exitWaiters }, async (contestant) =>
    runExitTrial(contestant, workload),
  )
}
report.conclude(requirements, values.report)
if (values.report !== undefined) keepInReadme(comparisons, values.report)

interface Course<Contestant> {
  readonly name: string
  readonly title: string
  readonly requiredMs: number
  readonly contestants: readonly Contestant[]
}

interface Named {
  readonly name: string
  readonly settings: string
}

async function compare<Contestant extends Named>(
  { name, title, requiredMs, contestants }: Course<Contestant>,
  trial: (contestant: Contestant) => Promise<number | undefined>,
): Promise<void> {
  if (values.only !== undefined && !values.only.includes(name)) return
  report.print(`## ${name}`, '', title, '')
  const rows: Row[] = []
  for (const contestant of contestants) {
    const latencies = await measure(() => trial(contestant))
    rows.push(rowOf(contestant, latencies))
    if (contestant.name !== OURS) continue
    requirements.push(
      atMost(`${name}: p99 in ms`, requiredMs, quantile(latencies, 0.99)),
      atMost(`${name}: missed`, 0, trials - latencies.length),
    )
  }
  report.table(rows)
  comparisons.push({ title, rows })
}

/** The latencies of those trials in which it was noticed. */
async function measure(trial: () => Promise<number | undefined>): Promise<number[]> {
  const latencies: number[] = []
  let left = trials
  const runner = async (): Promise<void> => {
    while (left-- > 0) {
      const latency = await trial()
      if (latency !== undefined) latencies.push(latency)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, runner))
  return latencies
}

function rowOf({ name, settings }: Named, latencies: readonly number[]): Row {
  return {
    '': name,
    settings,
    p50: milliseconds(quantile(latencies, 0.5)),
    p99: milliseconds(quantile(latencies, 0.99)),
    worst: milliseconds(quantile(latencies, 1)),
    missed: String(trials - latencies.length),
  }
}

function milliseconds(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(1)
}
