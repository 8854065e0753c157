// How long does it take to notice that something has happened, and how often is it missed, next to
// wait-on, p-wait-for, polling as CUP does it, and a floor: a bare `fs.watch`?
//
//   node --import ./scripts/run-typescript.mjs --conditions=@cupola/source bench/autowait.bench.ts
//
// `--trials=<n>` is how often each has to, 200 by default; `--only=<workload>` runs only that;
// `--report <file>` keeps what was printed in `bench/results`. Runs for about three minutes.
import { parseArgs } from 'node:util'
import { quantile, Report, type Row } from './report.ts'
import type { Contestant } from './waits/contestants.ts'
import { LIMIT_MS, runTrial, type Workload, workloads } from './waits/workloads.ts'

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
for (const workload of workloads) {
  if (values.only?.includes(workload.name) ?? true) await compare(workload)
}
report.keep(values.report)

async function compare(workload: Workload): Promise<void> {
  report.print(`## ${workload.name}`, '', workload.title, '')
  const rows: Row[] = []
  for (const contestant of workload.contestants) rows.push(await measure(contestant, workload))
  report.table(rows)
}

async function measure(contestant: Contestant, workload: Workload): Promise<Row> {
  const latencies: number[] = []
  let left = trials
  const runner = async (): Promise<void> => {
    while (left-- > 0) {
      const latency = await runTrial(contestant, workload)
      if (latency !== undefined) latencies.push(latency)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, runner))
  return {
    '': contestant.name,
    settings: contestant.settings,
    median: milliseconds(quantile(latencies, 0.5)),
    p99: milliseconds(quantile(latencies, 0.99)),
    worst: milliseconds(quantile(latencies, 1)),
    missed: String(trials - latencies.length),
  }
}

function milliseconds(value: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(1)
}
