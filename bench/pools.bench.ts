// How fast is `ThreadPool`, next to the pools that people use, and to a floor: the least that two
// worker threads can be asked with?
//
//   node --import ./scripts/run-typescript.mjs --conditions=@cupola/source bench/pools.bench.ts
//
// `--only=<workload>`, as often as you like, runs only these; `--report <file>` keeps what was printed
// in `bench/results`. Runs for four to five minutes.
import { parseArgs } from 'node:util'
import { contestants } from './pools/contestants.ts'
import { Report, type Requirement } from './report.ts'
import type { Workload } from './pools/workload.ts'
import { buffers } from './pools/workloads/buffers.ts'
import { mainCpu } from './pools/workloads/main-cpu.ts'
import { memory } from './pools/workloads/memory.ts'
import { mixed } from './pools/workloads/mixed.ts'
import { oneAtATime } from './pools/workloads/one-at-a-time.ts'
import { trivial } from './pools/workloads/trivial.ts'

const workloads: readonly Workload[] = [trivial, oneAtATime, mixed, buffers, mainCpu, memory]

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, report: { type: 'string' } },
})
const chosen = workloads.filter(({ name }) => values.only?.includes(name) ?? true)
if (chosen.length === 0) throw new Error(`Nothing to run: --only takes ${namesOf(workloads)}`)

const report = new Report()
report.print('# Thread pools side by side', '')
report.machine()
report.print('')
report.table(contestants.map(({ name, settings }) => ({ '': name, settings })))

const requirements: Requirement[] = []
for (const workload of chosen) {
  report.print(`## ${workload.name}`, '', workload.title, '')
  requirements.push(...(await workload.run(contestants, report)))
}

report.conclude(requirements, values.report)
// The threads of a pool that did not close would keep the process alive.
process.exit()

function namesOf(named: readonly { readonly name: string }[]): string {
  return named.map(({ name }) => name).join(', ')
}
